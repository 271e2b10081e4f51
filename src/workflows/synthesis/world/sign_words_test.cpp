#include "workflows/synthesis/world/sign_words.h"

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

#include "foundation/core/error.h"

namespace fusion {
namespace {

using testing::MatchesRegex;

std::vector<std::string> texts_of(const std::vector<std::string>& forms, uint64_t count) {
  const auto chosen = sign_forms(forms);
  std::vector<std::string> texts;
  for (uint64_t i = 0; i < count; ++i) {
    RandomSource random(i, 0);
    texts.push_back(draw_sign_text(chosen, random));
  }
  return texts;
}

TEST(SignWords, AreOfTheFormsAskedFor) {
  for (const std::string& text : texts_of({"price"}, 50)) EXPECT_THAT(text, MatchesRegex("\\$[0-9]+\\.[0-9]0?5?0?"));
  for (const std::string& text : texts_of({"word"}, 200)) EXPECT_THAT(text, MatchesRegex("[A-Z]{2,6}"));
  bool has_price = false;
  bool has_time = false;
  for (const std::string& text : texts_of({"price", "time"}, 100)) {
    (text.starts_with('$') ? has_price : has_time) = true;
  }
  EXPECT_TRUE(has_price && has_time);
}

TEST(SignWords, SyllablesCanBeSpokenAndAreMany) {
  const auto texts = texts_of({"syllables"}, 2000);
  for (const std::string& text : texts) {
    EXPECT_THAT(text, MatchesRegex("[AEIOU]?([B-DF-HJ-NP-TV-Z][AEIOU])*[B-DF-HJ-NP-TV-Z]?"));
    EXPECT_GE(text.size(), 3U);
    EXPECT_LE(text.size(), 6U);
  }
  EXPECT_GT(std::set<std::string>(texts.begin(), texts.end()).size(), 1500U);
}

TEST(SignWords, SyllablesOnlyWhereTheyAreNamed) {
  const std::vector<SignForm> all = sign_forms({});
  EXPECT_EQ(all.size(), 8U);
  EXPECT_THAT(all, testing::Not(testing::Contains(SignForm::kSyllables)));
}

TEST(SignWords, AnotherTextIsOfTheSameForm) {
  RandomSource random(3, 0);
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(draw_other_sign_text("TAGOGU", random), MatchesRegex("[A-Z]*[AEIOU][A-Z]*"));
    EXPECT_THAT(draw_other_sign_text("BXK", random), MatchesRegex("[B-DF-HJ-NP-TV-Z]+( [0-9]+)?"));
  }
}

TEST(SignWords, RefusesAnUnknownForm) {
  const std::vector<std::string> names = {"word", "poem"};
  EXPECT_THROW(sign_forms(names), Error);
}

}  // namespace
}  // namespace fusion
