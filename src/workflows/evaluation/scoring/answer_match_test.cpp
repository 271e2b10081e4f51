#include "workflows/evaluation/scoring/answer_match.h"

#include <gtest/gtest.h>

namespace fusion {
namespace {

TEST(AnswerMatch, TheSameInOtherClothes) {
  EXPECT_TRUE(same_answer("A red car.", "red car"));
  EXPECT_TRUE(same_answer("Two", "2"));
  EXPECT_TRUE(same_answer("\"OPEN\"", "open"));
  EXPECT_TRUE(same_answer("  The   top left\n", "top left"));
  EXPECT_TRUE(same_answer("Yes.", "yes"));
}

TEST(AnswerMatch, AnotherAnswerIsAnotherOne) {
  EXPECT_FALSE(same_answer("red", "green"));
  EXPECT_FALSE(same_answer("2", "12"));
  EXPECT_FALSE(same_answer("red car", "car"));
  EXPECT_FALSE(same_answer("left", "top left"));
  EXPECT_FALSE(same_answer("", "no"));
  EXPECT_FALSE(same_answer("12:30", "1230"));
}

TEST(AnswerMatch, ALetterIsAnAnswer) {
  EXPECT_TRUE(same_answer("a", "A."));
  EXPECT_FALSE(same_answer("", "A"));
  EXPECT_FALSE(same_answer("the", "A"));
}

TEST(AnswerMatch, NothingIsLeftOfMarks) {
  EXPECT_EQ(normalised_answer(" ! "), "");
  EXPECT_EQ(normalised_answer(" ... "), "");
  EXPECT_EQ(normalised_answer(""), "");
}

TEST(AnswerMatch, OtherScriptsStayAsTheyAre) {
  EXPECT_EQ(normalised_answer("Caf\xC3\xA9 \xE6\x9D\xB1"), "caf\xC3\xA9 \xE6\x9D\xB1");
}

}  // namespace
}  // namespace fusion
