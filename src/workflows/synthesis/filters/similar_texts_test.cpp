#include "workflows/synthesis/filters/similar_texts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "foundation/core/random_source.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

Words random_words(size_t count, uint64_t vocabulary, RandomSource& random) {
  Words words;
  for (size_t i = 0; i < count; ++i) words.push_back(cat("w", random.below(vocabulary)));
  return words;
}

Words with_other_words(Words words, int others, RandomSource& random) {
  for (int i = 0; i < others; ++i) random.pick(words) = cat("other", random.below(1'000'000));
  return words;
}

TEST(SimilarTexts, FindsWhatIsAlikeAndOnlyThat) {
  RandomSource random(2);
  SimilarTexts texts(3);
  constexpr int kTexts = 2000;
  int found_near = 0;
  int found_far = 0;
  EXPECT_FALSE(texts.contains({}, 0.8));
  for (int i = 0; i < kTexts; ++i) {
    const Words words = random_words(60, 5000, random);
    texts.add(words);
    EXPECT_TRUE(texts.contains(words, 1.0));
    found_near += texts.contains(with_other_words(words, 1, random), 0.8) ? 1 : 0;  // an index of 59 / 65
    found_far += texts.contains(with_other_words(words, 6, random), 0.8) ? 1 : 0;   // of about 44 / 80
  }
  EXPECT_EQ(texts.size(), size_t{kTexts});
  EXPECT_GT(found_near, kTexts * 97 / 100);
  EXPECT_EQ(found_far, 0);
}

TEST(SimilarTexts, CountsOneOtherWordTheSameWhereverItStands) {
  RandomSource random(3);
  for (size_t at = 0; at < 24; ++at) {
    SimilarTexts texts(3);
    const Words words = random_words(24, 100'000, random);
    texts.add(words);
    Words other = words;
    other[at] = "other";
    EXPECT_FALSE(texts.contains(other, 23.01 / 29)) << at;
  }
}

TEST(SimilarTexts, StayFastWhereAllAreAlike) {
  RandomSource random(4);
  SimilarTexts texts(3);
  const Words common = random_words(20, 1000, random);
  for (int i = 0; i < 10'000; ++i) {
    const Words words = with_other_words(common, 3, random);
    (void)texts.contains(words, 1.0);
    texts.add(words);
  }
  EXPECT_EQ(texts.size(), 10'000U);
}

TEST(SimilarTexts, TakeAnyText) {
  SimilarTexts texts(16);
  texts.add({});
  texts.add({"one"});
  texts.add(Words(100'000, "word"));
  EXPECT_TRUE(texts.contains({}, 1.0));
  EXPECT_TRUE(texts.contains({"one"}, 1.0));
  EXPECT_TRUE(texts.contains(Words(100'001, "word"), 1.0));
  EXPECT_FALSE(texts.contains({"two"}, 0.7));
}

}  // namespace
}  // namespace fusion
