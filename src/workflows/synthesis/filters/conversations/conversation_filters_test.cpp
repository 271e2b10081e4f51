#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "workflows/synthesis/filters/conversations/choice.h"
#include "workflows/synthesis/filters/conversations/contradiction.h"
#include "workflows/synthesis/filters/conversations/duplicate_question.h"
#include "workflows/synthesis/filters/conversations/format.h"
#include "workflows/synthesis/filters/conversations/phrases.h"
#include "workflows/synthesis/filters/test_items.h"

namespace fusion {
namespace {

const std::vector<std::string> kColors = {"red", "green", "dark blue", "white"};

TEST(Format, HoldsRoundsAndAnswersToTheKind) {
  const Format filter({});
  Kind kind = lenient_kind();
  kind.min_rounds = 2;
  kind.max_rounds = 3;
  kind.min_answer_words = 2;
  kind.max_answer_words = 4;
  const Round good = asked("What is it?", "A red ball.");
  EXPECT_TRUE(passes(filter, talk({good, good}), kind));
  EXPECT_FALSE(passes(filter, talk({good}), kind));
  EXPECT_FALSE(passes(filter, talk({good, good, good, good}), kind));
  EXPECT_FALSE(passes(filter, talk({good, asked("What is it?", "Ball.")}), kind));
  EXPECT_FALSE(passes(filter, talk({good, asked("What is it?", "It is one red ball.")}), kind));
  EXPECT_FALSE(passes(filter, talk({good, asked("What is it?", "Red or green", "", {"red", "green"})}), kind));
}

TEST(Format, HoldsOptionsToTheKind) {
  const Format filter({});
  Kind kind = lenient_kind();
  kind.options = 4;
  EXPECT_TRUE(passes(filter, talk({asked("Which?", "A", "", kColors)}), kind));
  EXPECT_TRUE(passes(filter, talk({asked("What is it?", "a ball")}), kind));
  EXPECT_FALSE(passes(filter, talk({asked("Which?", "A", "", {"red", "green"})}), kind));
  EXPECT_FALSE(passes(filter, talk({asked("Which?", "A", "", {"red", "green", "blue", " "})}), kind));
}

TEST(Format, RefusesTextThatWouldSpoilTraining) {
  const Format filter({.max_characters = 100});
  EXPECT_TRUE(passes(filter, asked("What is\nit?\tSay.", "Ein Bär, 一")));
  EXPECT_FALSE(passes(filter, asked("", "red")));
  EXPECT_FALSE(passes(filter, asked("What?", " \n")));
  EXPECT_FALSE(passes(filter, asked("What?",
                                    "re\x01"
                                    "d")));
  EXPECT_FALSE(passes(filter, asked("What?",
                                    "re\xFF"
                                    "d")));
  EXPECT_FALSE(passes(filter, asked("What?\x7F", "red")));
  EXPECT_FALSE(passes(filter, asked("What?", "red\xC2\x85")));
  EXPECT_FALSE(passes(filter, asked("<image> What?", "red")));
  EXPECT_FALSE(passes(filter, asked("What?", "red<|end|>")));
  EXPECT_FALSE(passes(filter, asked("What?", std::string(101, 'x'))));
}

TEST(Format, RefusesAKindThatIsNotThere) {
  const Format filter({});
  const Conversation conversation = talk({asked("What?", "red")}, "Colour");
  const Verdict verdict = filter.check(conversation_facts(conversation, nullptr));
  ASSERT_TRUE(verdict);
  EXPECT_THAT(*verdict, testing::HasSubstr("Colour"));
}

TEST(Choice, TakesLettersAndTexts) {
  const Choice filter({});
  for (const char* answer : {"A", "b", "(C)", "D.", "A. red", "C: dark blue", "Dark blue", "white."}) {
    EXPECT_TRUE(passes(filter, asked("Which?", answer, "", kColors))) << answer;
  }
  for (const char* answer : {"E", "A. green", "purple", "", "blue", "A or B", "1"}) {
    EXPECT_FALSE(passes(filter, asked("Which?", answer, "", kColors))) << answer;
  }
  EXPECT_TRUE(passes(filter, asked("What?", "anything")));
}

TEST(Choice, ComparesWithTheTruth) {
  const Choice filter({});
  EXPECT_TRUE(passes(filter, asked("Which?", "B", "B", kColors)));
  EXPECT_TRUE(passes(filter, asked("Which?", "B. green", "green", kColors)));
  EXPECT_FALSE(passes(filter, asked("Which?", "B", "C", kColors)));
  EXPECT_FALSE(passes(filter, asked("Which?", "red", "green", kColors)));
}

TEST(Choice, RefusesAnOptionTwice) {
  const Choice filter({});
  EXPECT_FALSE(passes(filter, asked("Which?", "A", "", {"red", "green", "Red."})));
}

TEST(Choice, TakesOptionsThatAreLetters) {
  const Choice filter({});
  EXPECT_TRUE(passes(filter, asked("Which letter comes first?", "B", "B", {"B", "S", "T", "A"})));
}

TEST(Refusal, IsFoundInAnswers) {
  const Refusal filter({.phrases = {"no comment"}});
  EXPECT_FALSE(passes(filter, asked("What?", "I'm sorry, but I can't tell.")));
  EXPECT_FALSE(passes(filter, asked("What?", "I’m sorry.")));
  EXPECT_FALSE(passes(filter, asked("What?", "As an AI, I see nothing.")));
  EXPECT_FALSE(passes(filter, asked("What?", "No comment!")));
  EXPECT_TRUE(passes(filter, asked("Can you say what I cannot see?", "A ball that cannot roll.")));
}

TEST(AnswerLeak, IsAnAnswerThatStandsInItsQuestion) {
  const AnswerLeak filter({});
  EXPECT_FALSE(passes(filter, asked("What color is the red ball?", "Red.")));
  EXPECT_FALSE(passes(filter, asked("What does the sign that says NO EXIT say?", "It says NO EXIT.", "no exit")));
  EXPECT_TRUE(passes(filter, asked("What color is the ball?", "Red.")));
  EXPECT_TRUE(passes(filter, asked("Is the ball red or blue?", "Red.")));
  EXPECT_TRUE(passes(filter, asked("Which is larger: the cup, the hat?", "the cup")));
  EXPECT_TRUE(passes(filter, asked("Flipped from left to right, where is the ball?", "It is right.", "right")));
  EXPECT_TRUE(passes(filter, asked("What is on the sign?", "on", "on")));
  EXPECT_TRUE(passes(filter, asked("Is there no ball?", "No")));
  EXPECT_TRUE(passes(filter, asked("If 2 of the balls are taken, how many stay?", "2")));
  EXPECT_TRUE(passes(filter, asked("What color?\nA. red\nB. green", "A", "A", {"red", "green"})));
  EXPECT_TRUE(passes(filter, asked("What is reddish?", "red")));
}

TEST(AnswerLeak, IsATextThatSpeaksOfItsSource) {
  const AnswerLeak filter({.phrases = {"the source"}});
  EXPECT_FALSE(passes(filter, asked("What does the description say?", "A ball lies on the grass there.")));
  EXPECT_FALSE(passes(filter, asked("Who is it?", "His name is not mentioned, but he is tall.")));
  EXPECT_FALSE(passes(filter, asked("Who is it?", "The source says that it is a tall man.")));
  EXPECT_TRUE(passes(filter, asked("Describe the sign.", "Its text says STOP in white letters on red.")));
}

TEST(Contradiction, IsTwoAnswersToOneQuestion) {
  const Contradiction filter({});
  EXPECT_FALSE(passes(filter, talk({asked("Is there a dog?", "Yes."),
                                    asked("Can you see any dog in the picture?", "No, there is none.")})));
  EXPECT_FALSE(passes(filter, talk({asked("How many dogs are there?", "There are three dogs."),
                                    asked("Count the dogs in this image.", "4")})));
  EXPECT_FALSE(passes(filter, talk({asked("What color is the car?", "Red.", "red"),
                                    asked("What color is the car?\nA. red\nB. blue", "B", "B", {"red", "blue"})})));
}

TEST(Contradiction, IsNoneWhereTheQuestionsDiffer) {
  const Contradiction filter({});
  EXPECT_TRUE(passes(
      filter, talk({asked("How many dogs are there?", "three", "3"), asked("Count the dogs.", "There are 3.", "3"),
                    asked("How many brown dogs are there?", "2", "2")})));
  EXPECT_TRUE(
      passes(filter, talk({asked("Is the dog left of the cat?", "Yes"), asked("Is the cat left of the dog?", "No")})));
  EXPECT_TRUE(passes(filter, talk({asked("How many cars are in the left picture?", "1"),
                                   asked("How many cars are in the right picture?", "2")})));
  EXPECT_TRUE(passes(filter, talk({asked("Which of these is there?", "A", "A", {"cat", "dog"}),
                                   asked("Which of these is there?", "A", "A", {"cup", "dog"})})));
  EXPECT_TRUE(passes(filter, talk({asked("What is the mood?", "calm"), asked("What is the mood?", "quiet")})));
}

TEST(Contradiction, IsFoundBetweenConversationsOfOneItem) {
  Contradiction filter({});
  EXPECT_TRUE(keeps(filter, talk({asked("Is it day?", "Yes")})));
  EXPECT_FALSE(keeps(filter, talk({asked("Is it day?", "No")})));
  filter.begin_item();
  EXPECT_TRUE(keeps(filter, talk({asked("Is it day?", "No")})));
}

TEST(DuplicateQuestion, IsOneAskedBeforeAboutThePicture) {
  DuplicateQuestion filter({});
  EXPECT_FALSE(passes(filter, talk({asked("What color is the car?", "red"), asked("what color is this car", "red")})));
  EXPECT_TRUE(passes(filter, talk({asked("What color is the car?", "red"), asked("What color is the cup?", "red")})));
  EXPECT_TRUE(keeps(filter, talk({asked("What color is the car?", "red")})));
  EXPECT_FALSE(keeps(filter, talk({asked("What color is the car in the picture?", "red")})));
  EXPECT_TRUE(keeps(filter, talk({asked("What color is the car?\nA. red", "A", "A", {"red", "blue"})})));
  EXPECT_FALSE(keeps(filter, talk({asked("What color is the car?\nA. red", "A", "A", {"red", "blue"})})));
  filter.begin_item();
  EXPECT_TRUE(keeps(filter, talk({asked("What color is the car?", "red")})));
}

TEST(DuplicateQuestion, IsOneThatIsAskedOfNearlyEveryPicture) {
  DuplicateQuestion filter({.max_share = 0.2, .free = 10});
  int kept = 0;
  for (int i = 0; i < 500; ++i) {
    filter.begin_item();
    EXPECT_TRUE(keeps(filter, talk({asked(cat("What is thing", i, "?"), "it")}))) << i;
    kept += keeps(filter, talk({asked("What do you see?", cat("thing", i))})) ? 1 : 0;
  }
  EXPECT_NEAR(kept, 125, 2);  // a fifth of all that are kept
}

}  // namespace
}  // namespace fusion
