#include "workflows/synthesis/filters/similar_pictures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "foundation/core/random_source.h"

namespace fusion {
namespace {

uint64_t random_hash(RandomSource& random) {
  return random.below(uint64_t{1} << 63) * 2 + random.below(2);
}

uint64_t with_flips(uint64_t hash, int flips, RandomSource& random) {
  for (int i = 0; i < flips; ++i) hash ^= uint64_t{1} << random.below(64);
  return hash;
}

TEST(SimilarPictures, AgreeWithComparingAll) {
  RandomSource random(1);
  SimilarPictures pictures;
  std::vector<uint64_t> all;
  for (int i = 0; i < 2000; ++i) {
    all.push_back(random_hash(random));
    pictures.add(all.back());
  }
  for (int i = 0; i < 2000; ++i) {
    const uint64_t hash = with_flips(random.pick(all), static_cast<int>(random.below(10)), random);
    int nearest = 64;
    for (const uint64_t other : all) nearest = std::min(nearest, std::popcount(hash ^ other));
    for (int distance = 0; distance <= SimilarPictures::kMaxDistance; ++distance) {
      EXPECT_EQ(pictures.contains(hash, distance), nearest <= distance) << nearest << " bits, asked for " << distance;
    }
  }
}

TEST(SimilarPictures, AreNoneAtFirst) {
  const SimilarPictures pictures;
  EXPECT_FALSE(pictures.contains(0, 7));
}

TEST(SimilarPictures, FindEqualOnesAmongVeryManyAlike) {
  SimilarPictures pictures;
  for (uint64_t i = 0; i < 20'000; ++i) pictures.add(i << 4);
  EXPECT_EQ(pictures.size(), 20'000U);
  EXPECT_TRUE(pictures.contains(0, 3));
  EXPECT_TRUE(pictures.contains(uint64_t{19'999} << 4 | 1, 3));
  EXPECT_FALSE(pictures.contains(~uint64_t{0}, 7));
}

}  // namespace
}  // namespace fusion
