#include "pipeline/generation/chat_session.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "foundation/core/error.h"

namespace fusion {
namespace {

NamedPicture named(const std::string& name) {
  return {.picture = std::make_shared<Picture>(Picture::blank(2, 2, PixelMode::kRgb)), .name = name};
}

/// "user* cat?" for a turn with a picture, "assistant: ..." otherwise.
std::vector<std::string> lines_of(const std::vector<Turn>& turns) {
  std::vector<std::string> lines;
  for (const Turn& turn : turns) {
    const std::string speaker = turn.speaker == Speaker::kUser ? "user" : "assistant";
    lines.push_back(speaker + (turn.picture ? "* " : " ") + turn.text);
  }
  return lines;
}

std::vector<std::string> names_of(const std::vector<NamedPicture>& pictures) {
  std::vector<std::string> names;
  names.reserve(pictures.size());
  for (const NamedPicture& picture : pictures) names.push_back(picture.name);
  return names;
}

using Lines = std::vector<std::string>;

class Chat : public testing::Test {
 protected:
  /// What the model was asked last.
  Question asked_;
  /// What it says next.
  Answer next_{.text = "yes"};
  /// It breaks instead.
  bool breaks_ = false;
  ChatSession chat_{[this](const Question& question, const AnswerListener&) {
                      asked_ = question;
                      if (breaks_) throw Error({.who = "the prompt", .expected = "less", .got = "more"});
                      return next_;
                    },
                    {.turns = {}, .query_len = 16, .generation = {.max_new_tokens = 7}, .stop_texts = {"\n"}}};
};

TEST_F(Chat, EveryQuestionCarriesTheConversationBeforeIt) {
  chat_.ask("a?");
  EXPECT_EQ(lines_of(asked_.turns), (Lines{"user a?"}));
  next_.text = "no";
  EXPECT_EQ(chat_.ask("b?").text, "no");
  EXPECT_EQ(lines_of(asked_.turns), (Lines{"user a?", "assistant yes", "user b?"}));
  EXPECT_EQ(lines_of(chat_.turns()), (Lines{"user a?", "assistant yes", "user b?", "assistant no"}));
}

TEST_F(Chat, QuestionsHaveTheOptionsGiven) {
  chat_.ask("a?");
  EXPECT_EQ(asked_.query_len, 16);
  EXPECT_EQ(asked_.generation.max_new_tokens, 7);
  EXPECT_EQ(asked_.stop_texts, Lines{"\n"});
  chat_.set_query_len(64);
  chat_.ask("b?");
  EXPECT_EQ(asked_.query_len, 64);
}

TEST_F(Chat, APictureIsShownWithTheNextQuestionOnly) {
  const NamedPicture cat = named("cat");
  const NamedPicture dog = named("dog");
  chat_.show(named("a mistake"));
  chat_.show(cat);
  chat_.ask("a?");
  EXPECT_FALSE(chat_.waiting());
  chat_.ask("b?");
  chat_.show(dog);
  chat_.ask("c?");
  EXPECT_EQ(lines_of(asked_.turns), (Lines{"user* a?", "assistant yes", "user b?", "assistant yes", "user* c?"}));
  ASSERT_EQ(asked_.pictures.size(), 2u);
  EXPECT_EQ(asked_.pictures[0], cat.picture);
  EXPECT_EQ(asked_.pictures[1], dog.picture);
  EXPECT_EQ(names_of(chat_.pictures()), (Lines{"cat", "dog"}));
}

TEST_F(Chat, APictureCanBeTakenBack) {
  chat_.show(named("cat"));
  chat_.show(std::nullopt);
  chat_.ask("a?");
  EXPECT_TRUE(asked_.pictures.empty());
  EXPECT_EQ(lines_of(asked_.turns), Lines{"user a?"});
}

TEST_F(Chat, AQuestionThatFailsLeavesEverythingAsItWas) {
  chat_.ask("a?");
  chat_.show(named("cat"));
  breaks_ = true;
  EXPECT_THROW(chat_.ask("b?"), Error);
  EXPECT_EQ(lines_of(chat_.turns()), (Lines{"user a?", "assistant yes"}));
  EXPECT_TRUE(chat_.pictures().empty());
  EXPECT_EQ(chat_.waiting().value_or(named("none")).name, "cat");
  breaks_ = false;
  chat_.ask("c?");
  EXPECT_EQ(lines_of(chat_.turns()), (Lines{"user a?", "assistant yes", "user* c?", "assistant yes"}));
  EXPECT_EQ(names_of(chat_.pictures()), Lines{"cat"});
}

TEST_F(Chat, AQuestionWithoutAWordOfAnswerIsDropped) {
  chat_.show(named("cat"));
  for (const StopReason reason : {StopReason::kCancelled, StopReason::kEndToken}) {
    next_ = {.text = "", .generation = {.stop_reason = reason}};
    EXPECT_EQ(chat_.ask("a?").generation.stop_reason, reason);
    EXPECT_TRUE(chat_.turns().empty());
    EXPECT_TRUE(chat_.waiting());
  }
}

TEST_F(Chat, APartOfAnAnswerStays) {
  next_ = {.text = "The cat is", .generation = {.stop_reason = StopReason::kCancelled}};
  chat_.ask("a?");
  EXPECT_EQ(lines_of(chat_.turns()), (Lines{"user a?", "assistant The cat is"}));
}

TEST_F(Chat, ClearForgetsTurnsAndPictures) {
  chat_.show(named("cat"));
  chat_.ask("a?");
  chat_.show(named("dog"));
  chat_.clear();
  EXPECT_TRUE(chat_.turns().empty());
  EXPECT_TRUE(chat_.pictures().empty());
  EXPECT_FALSE(chat_.waiting());
  chat_.ask("b?");
  EXPECT_EQ(lines_of(asked_.turns), Lines{"user b?"});
  EXPECT_TRUE(asked_.pictures.empty());
}

}  // namespace
}  // namespace fusion
