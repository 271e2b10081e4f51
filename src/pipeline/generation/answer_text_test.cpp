#include "pipeline/generation/answer_text.h"

#include <gtest/gtest.h>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/tokenizer.h"

namespace fusion {
namespace {

/// What became certain with each piece, and last with the end.
using Shown = std::vector<std::string>;

class AnswerTexts : public testing::Test {
 protected:
  /// Each piece is encoded by itself and its tokens are pushed together.
  Shown say(const std::vector<std::string>& pieces, std::vector<std::string> stop_texts = {}) {
    AnswerText answer(*tokenizer_, std::move(stop_texts));
    Shown shown;
    for (const std::string& piece : pieces) {
      PromptText text;
      text.append_literal(piece);
      shown.emplace_back();
      for (const int64_t id : tokenizer_->encode(text, {.add_bos = false})) shown.back() += answer.push(id);
    }
    shown.push_back(answer.flush());
    text_ = answer.text();
    stopped_ = answer.stopped();
    std::string all;
    for (const std::string& part : shown) all += part;
    EXPECT_EQ(all, text_);
    return shown;
  }

  std::unique_ptr<Tokenizer> tokenizer_ =
      load_tokenizer(cat(FUSION_SOURCE_DIR, "/parity/goldens/tokenizers/llama3_like"));
  std::string text_;
  bool stopped_ = false;
};

TEST_F(AnswerTexts, TextComesAsItIsSaid) {
  EXPECT_EQ(say({"A cat", ", no dog."}), (Shown{"A cat", ", no dog.", ""}));
  EXPECT_FALSE(stopped_);
}

TEST_F(AnswerTexts, WhiteSpaceAroundTheAnswerIsDropped) {
  EXPECT_EQ(say({" \n", "A", "  ", "\n", "cat", " \n "}), (Shown{"", "A", "", "", "  \ncat", "", ""}));
  EXPECT_EQ(say({" \n", "\t"}), (Shown{"", "", ""}));
}

TEST_F(AnswerTexts, AStopTextAcrossTokensIsNotShown) {
  EXPECT_EQ(say({"One", "##", "#", "Two"}, {"###"}), (Shown{"One", "", "", "", ""}));
  EXPECT_TRUE(stopped_);
  EXPECT_EQ(text_, "One");
}

TEST_F(AnswerTexts, WhatOnlyBeganLikeAStopTextIsShown) {
  EXPECT_EQ(say({"One", "##", " Two"}, {"###"}), (Shown{"One", "", "## Two", ""}));
  EXPECT_EQ(say({"One", "##"}, {"###"}), (Shown{"One", "", "##"}));
  EXPECT_FALSE(stopped_);
}

TEST_F(AnswerTexts, AFalseStartMayHoldTheTrueOne) {
  say({"x", "a", "a", "a", "b", "y"}, {"aab"});
  EXPECT_EQ(text_, "xa");
  EXPECT_TRUE(stopped_);
}

TEST_F(AnswerTexts, OfOverlappingStopTextsTheFirstToBeginEnds) {
  say({"see the end"}, {"end", "the"});
  EXPECT_EQ(text_, "see");
  say({"abcd"}, {"bcd", "abc"});
  EXPECT_EQ(text_, "");
  EXPECT_TRUE(stopped_);
}

TEST_F(AnswerTexts, AStopTextIsComparedInBytesOfWholeCharacters) {
  say({"caf", "é", " bar"}, {"é"});
  EXPECT_EQ(text_, "caf");
  EXPECT_TRUE(stopped_);
}

TEST_F(AnswerTexts, WhiteSpaceBeforeAStopTextIsTheEndOfTheAnswer) {
  say({"One", "\n\n", "Human", ":"}, {"Human:"});
  EXPECT_EQ(text_, "One");
  say({"One", "\n", "Two"}, {"\n"});
  EXPECT_EQ(text_, "One");
}

TEST_F(AnswerTexts, ACharacterOfSeveralTokensIsShownWhole) {
  AnswerText answer(*tokenizer_, {});
  PromptText text;
  text.append_literal("a\xF0\x9F\x90\xA6");
  const auto ids = tokenizer_->encode(text, {.add_bos = false});
  ASSERT_GT(ids.size(), 2u) << "this tokenizer knows the bird";
  std::string shown;
  for (const int64_t id : ids) {
    const std::string part = answer.push(id);
    EXPECT_TRUE(part.empty() || part == "a" || part == "\xF0\x9F\x90\xA6" || part == text.text()) << part;
    shown += part;
  }
  EXPECT_EQ(shown, text.text());

  AnswerText cut(*tokenizer_, {});
  for (size_t i = 0; i + 1 < ids.size(); ++i) cut.push(ids[i]);
  cut.flush();
  EXPECT_TRUE(cut.text().starts_with("a\xEF\xBF\xBD")) << cut.text();
}

TEST_F(AnswerTexts, NothingFollowsAStopText) {
  AnswerText answer(*tokenizer_, {"b"});
  for (const char* word : {"a", "b", "c"}) answer.push(tokenizer_->encode(PromptText(word), {.add_bos = false})[0]);
  EXPECT_EQ(answer.flush(), "");
  EXPECT_EQ(answer.text(), "a");
}

TEST_F(AnswerTexts, AnEmptyStopTextIsRefused) {
  EXPECT_THROW(AnswerText(*tokenizer_, {"x", ""}), Error);
}

}  // namespace
}  // namespace fusion
