#include "workflows/evaluation/scoring/question_set.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "foundation/config/test_support.h"
#include "foundation/core/error.h"

namespace fusion {
namespace {

using testing::HasSubstr;

constexpr const char* kRecord =
    R"({"id": "7-Color", "image": "a.jpg", "kind": "Color", "truth": ["red", ""], "conversations": [)"
    R"({"from": "human", "value": "<image>\nWhat color is the car?"}, {"from": "gpt", "value": "The car is red."},)"
    R"({"from": "human", "value": "Describe it."}, {"from": "gpt", "value": "A red car."}]})";

TEST(QuestionSet, EveryRoundWithATruthIsAQuestion) {
  const ScratchFolder folder;
  const auto questions = read_question_set(folder.put("test.jsonl", std::string(kRecord) + "\n\n"));
  ASSERT_EQ(questions.size(), 1U);
  EXPECT_EQ(questions[0].id, "7-Color/1");
  EXPECT_EQ(questions[0].kind, "Color");
  EXPECT_EQ(questions[0].image, "a.jpg");
  EXPECT_EQ(questions[0].question, "What color is the car?");
  EXPECT_TRUE(questions[0].is_answered_by("Red"));
  EXPECT_TRUE(questions[0].is_answered_by("the car is red"));
  EXPECT_FALSE(questions[0].is_answered_by("blue"));
}

TEST(QuestionSet, WithoutTruthsTheAnswersCount) {
  const ScratchFolder folder;
  const auto questions = read_question_set(folder.put(
      "test.jsonl",
      R"({"image": "a.jpg", "conversations": [{"from": "human", "value": "Color?"}, {"from": "gpt", "value": "Red"}]})"));
  ASSERT_EQ(questions.size(), 1U);
  EXPECT_EQ(questions[0].kind, "all");
  EXPECT_EQ(questions[0].truth, "Red");
}

TEST(QuestionSet, SaysWhereARecordIsWrong) {
  const auto message = [](const std::string& text) -> std::string {
    const ScratchFolder folder;
    try {
      read_question_set(folder.put("test.jsonl", text));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message(std::string(kRecord) + "\n{"), HasSubstr("test.jsonl:2"));
  EXPECT_THAT(message(R"({"image": "a.jpg"})"), HasSubstr("conversations"));
  EXPECT_THAT(message(R"({"conversations": [{"from": "human", "value": "?"}, {"from": "gpt", "value": "!"}]})"),
              HasSubstr("image"));
  EXPECT_THAT(message(R"({"image": "a", "truth": ["a", "b"], "conversations": [{"from": "human", "value": "?"},)"
                      R"({"from": "gpt", "value": "!"}]})"),
              HasSubstr("truth"));
  EXPECT_THAT(message("\n"), HasSubstr("none"));
}

ExamQuestion question(const std::string& words, const std::string& truth, const std::string& kind = "Color") {
  return {.id = "", .kind = kind, .image = "", .question = words, .answer = truth, .truth = truth};
}

TEST(GuessWithoutPicture, TakesWhatTheOtherHalfSays) {
  const std::vector<ExamQuestion> questions = {question("Car?", "red"), question("Car?", "Red"),
                                               question("Hat?", "red"), question("Car?", "blue"),
                                               question("Car?", "red"), question("Day?", "day", "Scene")};
  // Of the other half's two cars the first by the alphabet is blue; hats are there none, so the kind is asked: blue
  // again. The blue car is guessed red, as both of the other half are, and the last has nobody to learn from.
  EXPECT_EQ(guess_without_picture(questions), (std::vector<bool>{false, true, false, false, false, false}));
}

TEST(GuessWithoutPicture, OfTwoAnswersThatAreEquallyFrequentHalfIsRight) {
  std::vector<ExamQuestion> questions;
  for (int i = 0; i < 400; ++i) questions.push_back(question("Is it?", i * 7 % 4 < 2 ? "yes" : "no"));
  const auto right = guess_without_picture(questions);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(right, true)), 200, 5);
}

}  // namespace
}  // namespace fusion
