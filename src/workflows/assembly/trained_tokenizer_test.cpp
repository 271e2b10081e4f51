#include "workflows/assembly/trained_tokenizer.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "foundation/config/test_support.h"
#include "foundation/core/error.h"
#include "pipeline/preprocess/prompt.h"
#include "pipeline/preprocess/tokenizer.h"

namespace fusion {
namespace {

using testing::HasSubstr;

std::vector<std::string> texts() {
  std::vector<std::string> texts;
  for (const char* color : {"red", "green", "blue", "yellow", "purple"}) {
    for (const char* thing : {"balloon", "car", "umbrella", "house", "flower"}) {
      texts.push_back(std::string("What color is the ") + thing + "?");
      texts.push_back(std::string("The ") + thing + " is " + color + ".");
      texts.push_back("The sign says \"BALO\" and \"TAGU 17\".");
    }
  }
  return texts;
}

struct Trained {
  explicit Trained(const TokenizerTraining& options) {
    for (const auto& [name, text] : train_tokenizer(texts(), options)) folder.put(name, text);
    tokenizer = load_tokenizer(folder.path());
  }
  ScratchFolder folder;
  std::unique_ptr<Tokenizer> tokenizer;
};

TEST(TrainedTokenizer, ReadsItsTextsInFewPiecesAndGivesThemBack) {
  const Trained trained({.vocab_size = 420});
  EXPECT_EQ(trained.tokenizer->vocab_size(), 420);
  for (const std::string& text : texts()) {
    const auto ids = trained.tokenizer->encode(text);
    EXPECT_LT(ids.size(), text.size()) << text;
    EXPECT_EQ(trained.tokenizer->decode(ids), text);
  }
}

TEST(TrainedTokenizer, HasPhisControlTokensAtTheEnd) {
  const Trained trained({.vocab_size = 420});
  EXPECT_EQ(trained.tokenizer->token_id("<|endoftext|>"), 407);
  EXPECT_EQ(trained.tokenizer->token_id("<|end|>"), 414);
  EXPECT_EQ(trained.tokenizer->token_id("<vision_end>"), 419);
  EXPECT_EQ(trained.tokenizer->special().pad, 0);
  EXPECT_EQ(trained.tokenizer->special().eos, 407);
}

TEST(TrainedTokenizer, WhatItHasNeverSeenIsSpeltInBytes) {
  const Trained trained({.vocab_size = 420});
  const std::string text = "Über 東京 \xF0\x9F\x98\x80";
  EXPECT_EQ(trained.tokenizer->decode(trained.tokenizer->encode(text)), text);
}

TEST(TrainedTokenizer, SingleCapitalsAreReadLetterByLetter) {
  const Trained joined({.vocab_size = 420});
  const Trained single({.vocab_size = 420, .single_capitals = true});
  EXPECT_LT(joined.tokenizer->encode("BALO").size(), 4U);
  const auto ids = single.tokenizer->encode("BALO");
  ASSERT_GE(ids.size(), 4U);
  EXPECT_EQ(single.tokenizer->token_bytes(ids[ids.size() - 2]), "L");
}

TEST(TrainedTokenizer, TheSameTextsGiveTheSameFiles) {
  EXPECT_EQ(train_tokenizer(texts(), {.vocab_size = 420}), train_tokenizer(texts(), {.vocab_size = 420}));
}

TEST(TrainedTokenizer, SaysWhatIsWrong) {
  const auto message = [](const std::vector<std::string>& texts, int64_t size) -> std::string {
    try {
      train_tokenizer(texts, {.vocab_size = size});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message({}, 420), HasSubstr("texts to learn from"));
  EXPECT_THAT(message(texts(), 100), HasSubstr("at least 298 tokens"));
  EXPECT_THAT(message(texts(), 100'000), HasSubstr("another size"));
}

}  // namespace
}  // namespace fusion
