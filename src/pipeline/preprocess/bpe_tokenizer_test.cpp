// tokenizer.json: what is understood, and what is refused.

#include "pipeline/preprocess/bpe_tokenizer.h"

#include <gtest/gtest.h>

#include "foundation/config/json_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

using nlohmann::json;
using Ids = std::vector<int64_t>;

class TokenizerJson : public testing::Test {
 protected:
  std::unique_ptr<Tokenizer> parse() const { return parse_bpe_tokenizer(file_.dump(), "tokenizer.json", settings_); }

  void expect_refused(const std::string& words) const {
    try {
      parse();
      ADD_FAILURE() << "accepted; expected an error with: " << words;
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find(words), std::string::npos) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
  }

  json file_ = read_json_file(std::string(FUSION_SOURCE_DIR) + "/parity/goldens/tokenizers/llama3_like/tokenizer.json");
  TokenizerSettings settings_;
};

TEST_F(TokenizerJson, MergesAsStringsOrPairs) {
  const Ids pairs = parse()->encode("What colour is the bird?");
  for (json& merge : file_["model"]["merges"]) {
    merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
  }
  EXPECT_EQ(parse()->encode("What colour is the bird?"), pairs);
}

TEST_F(TokenizerJson, LlamaClassTakesItsStartFromTheConfig) {
  const Ids plain = parse()->encode("a", {.add_bos = false});
  settings_.tokenizer_class = "LlamaTokenizerFast";
  settings_.roles[0] = AddedToken{.content = "<|begin_of_text|>"};
  settings_.add_bos = false;
  EXPECT_EQ(parse()->encode("a"), plain);
  settings_.add_bos = true;
  EXPECT_EQ(parse()->encode("a").size(), plain.size() + 1);
}

TEST_F(TokenizerJson, MissingSpecialTokensAreAppended) {
  const int64_t size = parse()->vocab_size();
  settings_.roles[4] = AddedToken{.content = "[PAD]", .special = true};
  const auto tokenizer = parse();
  EXPECT_EQ(tokenizer->vocab_size(), size + 1);
  EXPECT_EQ(tokenizer->special().pad, size);
}

TEST_F(TokenizerJson, ControlTokensCannotBeSpelled) {
  // A vocabulary whose merges could make a control token out of a person's text.
  file_["model"]["vocab"]["<x"] = 449;
  file_["model"]["vocab"]["<x>"] = 450;
  file_["model"]["merges"].push_back({"<", "x"});
  file_["model"]["merges"].push_back({"<x", ">"});
  file_["added_tokens"].push_back({{"id", 450}, {"content", "<x>"}, {"special", true}});
  file_["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "\\s+";
  for (const bool ignore_merges : {false, true}) {
    file_["model"]["ignore_merges"] = ignore_merges;
    const auto tokenizer = parse();
    EXPECT_EQ(tokenizer->encode("<x>", {.add_bos = false}), Ids{450});
    PromptText said;
    said.append_literal("<x>");
    const Ids ids = tokenizer->encode(said, {.add_bos = false});
    EXPECT_EQ(ids.size(), 3U);
    EXPECT_EQ(tokenizer->decode(ids), "<x>");
  }
}

TEST_F(TokenizerJson, NoJson) {
  EXPECT_THROW(parse_bpe_tokenizer("", "tokenizer.json", settings_), Error);
  EXPECT_THROW(parse_bpe_tokenizer("[]", "tokenizer.json", settings_), Error);
  EXPECT_THROW(parse_bpe_tokenizer("{}", "tokenizer.json", settings_), Error);
  EXPECT_THROW(parse_bpe_tokenizer("\xff\xfe", "tokenizer.json", settings_), Error);
}

TEST_F(TokenizerJson, OtherKindsOfTokenizer) {
  file_["model"]["type"] = "WordPiece";
  expect_refused("expected BPE, got WordPiece");
  file_["model"]["type"] = "BPE";
  file_["model"]["byte_fallback"] = true;
  expect_refused("byte_fallback");
  file_["model"]["byte_fallback"] = false;
  file_["normalizer"] = {{"type", "NFC"}};
  expect_refused("no normalizer");
  file_["normalizer"] = nullptr;
  file_["decoder"]["type"] = "Metaspace";
  expect_refused("decoder.type");
}

TEST_F(TokenizerJson, VocabularyThatContradictsItself) {
  const json good = file_["model"]["vocab"];
  json& vocabulary = file_["model"]["vocab"];
  vocabulary["extra"] = 3;
  expect_refused("id 3: expected one token");
  vocabulary = good;
  vocabulary["extra"] = -1;
  expect_refused("expected ids from 0 to");
  vocabulary["extra"] = int64_t{1} << 60;
  expect_refused("expected ids from 0 to");
  vocabulary["extra"] = 600;
  expect_refused("none for id 449");
  vocabulary["extra"] = "7";
  expect_refused("an integer id");
  vocabulary["extra"] = 1e30;
  expect_refused("an integer id");
  vocabulary = good;
  vocabulary[std::string(5000, 'a')] = 449;
  expect_refused("at most 4096 bytes");
  vocabulary = json::array();
  expect_refused("vocab");
}

TEST_F(TokenizerJson, MergesThatMakeNoSense) {
  json& merges = file_["model"]["merges"];
  for (const json& broken : {json("abc"), json("a b c"), json(7), json({"a"}), json({"a", 1})}) {
    merges[5] = broken;
    expect_refused("merges like");
  }
  merges[5] = {"no such", "token"};
  expect_refused("[5]: expected tokens of the vocabulary");
  merges = nullptr;
  expect_refused("a list of at most");
}

TEST_F(TokenizerJson, AddedTokensThatMakeNoSense) {
  json& added = file_["added_tokens"];
  const json good = added;
  added[0]["id"] = 3;
  expect_refused("id 3: expected one token");
  added = good;
  added[0].erase("content");
  expect_refused("content");
  added = good;
  added[0]["lstrip"] = "yes";
  expect_refused("true or false");
  added = good;
  file_["post_processor"]["processors"][1]["special_tokens"]["<|begin_of_text|>"]["ids"] = {99999};
  expect_refused("ids of the vocabulary");
}

TEST_F(TokenizerJson, SplitsThatAreNotUnderstood) {
  json& split = file_["pre_tokenizer"]["pretokenizers"][0];
  const json good = split;
  split["behavior"] = "MergedWithNext";
  expect_refused("Isolated or Removed");
  split = good;
  for (const char* pattern : {"(unclosed", "[a-z&&[^b]]", "\\h+", "(?m:.)", "a\\Kb", "(*COMMIT)a", "[[a]b]"}) {
    split["pattern"]["Regex"] = pattern;
    EXPECT_THROW(parse(), Error) << pattern;
  }
  split = good;
  split["type"] = "Metaspace";
  expect_refused("Metaspace");
  file_["pre_tokenizer"] = {{"type", "ByteLevel"}};
  expect_refused("add_prefix_space");
  file_["pre_tokenizer"] = {{"type", "Digits"}};
  expect_refused("a ByteLevel step");
}

TEST_F(TokenizerJson, ExpressionThatNeverEnds) {
  file_["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "(a|aa)+[cd]";
  const auto tokenizer = parse();
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("aaaac")), "aaaac");
  EXPECT_THROW(tokenizer->encode(std::string(5000, 'a')), Error);
}

TEST_F(TokenizerJson, SplitByStringAndRemoval) {
  json& split = file_["pre_tokenizer"]["pretokenizers"][0];
  split["pattern"] = {{"String", "."}};
  split["behavior"] = "Removed";
  const auto tokenizer = parse();
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("a.b..c")), "abc");
  split["invert"] = true;
  EXPECT_EQ(parse()->decode(parse()->encode("a.b..c")), "...");
}

}  // namespace
}  // namespace fusion
