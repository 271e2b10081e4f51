#include "pipeline/generation/feature_cache.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <thread>

#include "foundation/core/text.h"

namespace fusion {
namespace {

constexpr uint64_t kSize = 40;  // bytes of one of these tensors

torch::Tensor ten(float value) {
  return torch::full({10}, value);
}

TEST(FeatureCache, GivesBackTheTensorItself) {
  FeatureCache cache(kSize);
  EXPECT_FALSE(cache.find("a").has_value());
  const auto features = ten(1);
  cache.insert("a", features);
  const auto found = cache.find("a");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->data_ptr(), features.data_ptr());
  EXPECT_EQ(cache.bytes(), kSize);
}

TEST(FeatureCache, DropsTheOneNotUsedForLongest) {
  FeatureCache cache(3 * kSize);
  for (const char* key : {"a", "b", "c"}) cache.insert(key, ten(0));
  EXPECT_TRUE(cache.find("a"));
  cache.insert("d", ten(0));
  EXPECT_FALSE(cache.find("b"));
  EXPECT_TRUE(cache.find("a"));
  EXPECT_TRUE(cache.find("c"));
  EXPECT_TRUE(cache.find("d"));
  EXPECT_EQ(cache.bytes(), 3 * kSize);
}

TEST(FeatureCache, ALargeTensorMayCostSeveral) {
  FeatureCache cache(4 * kSize);
  for (const char* key : {"a", "b", "c", "d"}) cache.insert(key, ten(0));
  cache.insert("large", torch::zeros({30}));
  EXPECT_EQ(cache.bytes(), 4 * kSize);
  EXPECT_FALSE(cache.find("a"));
  EXPECT_FALSE(cache.find("c"));
  EXPECT_TRUE(cache.find("d"));
  EXPECT_TRUE(cache.find("large"));
}

TEST(FeatureCache, ATensorLargerThanItCostsNothing) {
  FeatureCache cache(2 * kSize);
  cache.insert("a", ten(0));
  cache.insert("b", ten(0));
  cache.insert("huge", torch::zeros({21}));
  EXPECT_FALSE(cache.find("huge"));
  EXPECT_TRUE(cache.find("a"));
  EXPECT_TRUE(cache.find("b"));
}

TEST(FeatureCache, OfNoCapacityKeepsNothing) {
  FeatureCache cache(0);
  cache.insert("a", ten(0));
  EXPECT_FALSE(cache.find("a"));
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(FeatureCache, AKeyInsertedAgainIsCountedOnce) {
  FeatureCache cache(2 * kSize);
  cache.insert("a", ten(1));
  cache.insert("b", ten(2));
  cache.insert("a", ten(3));
  EXPECT_EQ(cache.bytes(), 2 * kSize);
  EXPECT_EQ(cache.find("a")->index({0}).item<float>(), 3);
  cache.insert("c", ten(4));
  EXPECT_FALSE(cache.find("b"));
}

TEST(FeatureCache, ServesThreadsAtOnce) {
  constexpr int kKeys = 8;
  FeatureCache cache(kKeys * kSize / 2);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 400; ++i) {
        const int key = (i * 5 + static_cast<int>(t)) % kKeys;
        const auto found = cache.find(cat(key));
        if (found && found->const_data_ptr<float>()[0] != static_cast<float>(key)) ++wrong[t];
        if (!found) cache.insert(cat(key), ten(static_cast<float>(key)));
        if (cache.bytes() > kKeys * kSize / 2) ++wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace fusion
