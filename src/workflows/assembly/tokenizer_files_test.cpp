#include "workflows/assembly/tokenizer_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "foundation/config/json_file.h"
#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<std::string> kTokens = {"<vision_start>", "<vision_end>"};

std::string tokenizer_fixture(const std::string& name) {
  return std::string(FUSION_SOURCE_DIR) + "/tests/data/hf/" + name;
}

/// A tokenizer with its files in a folder of its own, in which tokens can be added.
class Rewritten {
 public:
  explicit Rewritten(FileTexts files) : files_(std::move(files)) {
    write();
    before_ = load_tokenizer(folder_.path());
    added = add_special_tokens(files_, *before_, kTokens);
    write();
    tokenizer = load_tokenizer(folder_.path());
  }

  const FileTexts& files() const { return files_; }
  json file(const std::string& name) const { return json::parse(files_.at(name)); }

  std::vector<std::string> added = {};
  std::unique_ptr<Tokenizer> tokenizer = {};

 private:
  void write() const {
    for (const auto& [name, text] : files_) folder_.put(name, text);
  }

  ScratchFolder folder_;
  FileTexts files_;
  std::unique_ptr<Tokenizer> before_;
};

class AddSpecialTokens : public testing::TestWithParam<const char*> {};

TEST_P(AddSpecialTokens, GivesWhatTransformersGives) {
  const json all = read_json_file(tokenizer_fixture("expected.json"));
  const json& expected = all.at(GetParam());
  const Rewritten result(read_tokenizer_files(tokenizer_fixture(GetParam())));
  EXPECT_EQ(result.added, kTokens);
  EXPECT_EQ(result.tokenizer->vocab_size(), expected.at("length"));
  for (size_t i = 0; i < kTokens.size(); ++i) {
    EXPECT_EQ(result.tokenizer->token_id(kTokens[i]), expected.at("vision")[i].get<int64_t>());
  }
  for (size_t i = 0; i < all.at("texts").size(); ++i) {
    const auto text = all.at("texts")[i].get<std::string>();
    EXPECT_EQ(result.tokenizer->encode(text), expected.at("ids")[i].get<std::vector<int64_t>>()) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, AddSpecialTokens, testing::Values("phi3", "llama"));

TEST(TokenizerFiles, EveryFormOfASlowTokenizerIsWritten) {
  const Rewritten phi(read_tokenizer_files(tokenizer_fixture("phi3")));
  EXPECT_EQ(phi.file("added_tokens.json").at("<vision_end>"), 472);
  const json config = phi.file("tokenizer_config.json");
  const json entry = config.at("added_tokens_decoder").at("471");
  EXPECT_EQ(entry.at("content"), "<vision_start>");
  EXPECT_EQ(entry.at("special"), true);
  EXPECT_EQ(entry.at("normalized"), false);
  EXPECT_EQ(config.at("additional_special_tokens"), kTokens);
  EXPECT_EQ(phi.file("special_tokens_map.json").at("additional_special_tokens")[1].at("content"), "<vision_end>");
}

TEST(TokenizerFiles, AFastTokenizerHasThemInItsOwnFile) {
  const Rewritten llama(read_tokenizer_files(tokenizer_fixture("llama")));
  const json last = llama.file("tokenizer.json").at("added_tokens").back();
  EXPECT_EQ(last.at("id"), 448);
  EXPECT_EQ(last.at("content"), "<vision_end>");
  EXPECT_EQ(last.at("special"), true);
  EXPECT_FALSE(llama.files().contains("added_tokens.json"));
  EXPECT_FALSE(llama.file("tokenizer_config.json").contains("additional_special_tokens"));
}

TEST(TokenizerFiles, OlderFilesWithoutAListOfAddedTokens) {
  FileTexts files = read_tokenizer_files(tokenizer_fixture("phi3"));
  json config = json::parse(files.at("tokenizer_config.json"));
  config.erase("added_tokens_decoder");
  files["tokenizer_config.json"] = config.dump();
  const Rewritten phi(std::move(files));
  EXPECT_EQ(phi.tokenizer->vocab_size(), 473);
  EXPECT_EQ(phi.tokenizer->token_id("<|end|>"), 467) << "the tokens that were added before are still there";
  EXPECT_THAT(phi.tokenizer->encode("<vision_end>"), ElementsAre(472));
}

TEST(TokenizerFiles, TokensThatAreThereAreNotAddedAgain) {
  const FileTexts once = Rewritten(read_tokenizer_files(tokenizer_fixture("llama"))).files();
  const Rewritten twice(once);
  EXPECT_THAT(twice.added, IsEmpty());
  EXPECT_EQ(twice.files(), once);
}

TEST(TokenizerFiles, Limits) {
  FileTexts files = read_tokenizer_files(tokenizer_fixture("phi3"));
  set_tokenizer_limits(files, 2048);
  const json config = json::parse(files.at("tokenizer_config.json"));
  EXPECT_EQ(config.at("model_max_length"), 2048);
  EXPECT_EQ(config.at("padding_side"), "right");
  EXPECT_EQ(config.at("tokenizer_class"), "LlamaTokenizer");
  FileTexts bare = {{"tokenizer.json", "{}"}};
  set_tokenizer_limits(bare, 16);
  EXPECT_EQ(json::parse(bare.at("tokenizer_config.json")).at("tokenizer_class"), "PreTrainedTokenizerFast");
}

TEST(TokenizerFiles, MalformedFilesAreErrors) {
  const auto tokenizer = load_tokenizer(tokenizer_fixture("phi3"));
  const auto error_with = [&](const char* name, const char* text) {
    FileTexts files = read_tokenizer_files(tokenizer_fixture("phi3"));
    files[name] = text;
    return error_of([&] { add_special_tokens(files, *tokenizer, kTokens); });
  };
  EXPECT_THAT(error_with("tokenizer_config.json", R"({"additional_special_tokens": 3})"),
              HasSubstr("tokenizer_config.json: key 'additional_special_tokens': expected a list"));
  EXPECT_THAT(error_with("special_tokens_map.json", "[]"), HasSubstr("special_tokens_map.json: expected an object"));
  EXPECT_THAT(error_with("added_tokens.json", "{"), HasSubstr("added_tokens.json"));
}

}  // namespace
}  // namespace fusion
