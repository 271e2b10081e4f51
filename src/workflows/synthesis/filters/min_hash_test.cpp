#include "workflows/synthesis/filters/min_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/filters/hash_counts.h"
#include "workflows/synthesis/filters/share_counts.h"

namespace fusion {
namespace {

struct Sets {
  std::vector<uint64_t> a;
  std::vector<uint64_t> b;
};

/// Two random sets of `size` elements, of which they share so many that their Jaccard index is near `jaccard`.
Sets sets_of(size_t size, double jaccard, RandomSource& random) {
  const auto element = [&random] { return random.below(uint64_t{1} << 63); };
  const auto common = static_cast<size_t>(std::lround(2 * static_cast<double>(size) * jaccard / (1 + jaccard)));
  Sets sets;
  for (size_t i = 0; i < common; ++i) sets.a.push_back(element());
  sets.b = sets.a;
  while (sets.a.size() < size) sets.a.push_back(element());
  while (sets.b.size() < size) sets.b.push_back(element());
  return sets;
}

double jaccard_of(size_t size, double asked) {
  const double common = std::round(2 * static_cast<double>(size) * asked / (1 + asked));
  return common / (2 * static_cast<double>(size) - common);
}

TEST(MinHash, EstimatesTheJaccardIndex) {
  RandomSource random(1);
  constexpr int kRounds = 400;
  constexpr size_t kSize = 40;
  for (const double asked : {0.0, 0.2, 0.5, 0.8, 0.95, 1.0}) {
    const double truth = jaccard_of(kSize, asked);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < kRounds; ++i) {
      const Sets sets = sets_of(kSize, asked, random);
      const double estimate = similarity(min_hash(sets.a), min_hash(sets.b));
      sum += estimate;
      squares += (estimate - truth) * (estimate - truth);
    }
    EXPECT_NEAR(sum / kRounds, truth, 0.012) << asked;
    EXPECT_LT(std::sqrt(squares / kRounds), 0.07) << asked;
  }
}

TEST(MinHash, KnowsNoOrderAndNoRepetition) {
  std::vector<uint64_t> elements = {5, 900, 17, uint64_t{1} << 60, 3};
  const MinHash hash = min_hash(elements);
  std::ranges::reverse(elements);
  elements.push_back(17);
  EXPECT_EQ(min_hash(elements), hash);
  EXPECT_NE(min_hash(std::vector<uint64_t>{5, 900}), hash);
}

TEST(HashCounts, CountEachHash) {
  HashCounts counts;
  EXPECT_EQ(counts.count(0), 0U);
  for (uint64_t i = 0; i < 10'000; ++i) {
    for (uint64_t k = 0; k <= i % 3; ++k) counts.add(i * 64);  // all on few slots, were these taken as they are
  }
  EXPECT_EQ(counts.size(), 10'000U);
  EXPECT_EQ(counts.count(0), 1U);
  EXPECT_EQ(counts.count(64 * 3'001), 2U);
  EXPECT_EQ(counts.count(64 * 9'998), 3U);
  EXPECT_EQ(counts.count(1), 0U);
}

TEST(ShareCounts, PassAShareOnlyBehindTheFreeOnes) {
  ShareCounts counts;
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(counts.would_pass(7, 0.5, 10));
    counts.add(7);
  }
  EXPECT_TRUE(counts.would_pass(7, 0.5, 10));
  for (int i = 0; i < 12; ++i) counts.add(8);
  EXPECT_FALSE(counts.would_pass(7, 0.5, 10));
}

}  // namespace
}  // namespace fusion
