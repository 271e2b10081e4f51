#include "workflows/assembly/standin_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "foundation/config/test_support.h"
#include "pipeline/model/presets.h"
#include "pipeline/preprocess/prompt.h"
#include "pipeline/preprocess/tokenizer.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kPhiVocabulary = 32013;
constexpr int64_t kLlamaVocabulary = 128258;

struct Standin {
  Standin(const std::string& model_type, int64_t vocab_size) {
    for (const auto& [name, text] : standin_tokenizer(model_type, vocab_size)) folder.put(name, text);
    tokenizer = load_tokenizer(folder.path());
  }
  ScratchFolder folder;
  std::unique_ptr<Tokenizer> tokenizer;
};

void expect_ids(const Tokenizer& tokenizer, const std::vector<std::pair<std::string, int64_t>>& tokens) {
  for (const auto& [name, id] : tokens) {
    EXPECT_EQ(tokenizer.token_id(name), id) << name;
    EXPECT_THAT(tokenizer.encode(name, {.add_bos = false}), ElementsAre(id)) << name;
  }
}

TEST(StandinTokenizer, PhiHasThePublishedIds) {
  const Standin phi("fusion_phi", kPhiVocabulary);
  EXPECT_EQ(phi.tokenizer->vocab_size(), kPhiVocabulary);
  expect_ids(*phi.tokenizer, {{"<unk>", 0},
                              {"<s>", 1},
                              {"</s>", 2},
                              {"<|endoftext|>", 32000},
                              {"<|assistant|>", 32001},
                              {"<|system|>", 32006},
                              {"<|end|>", 32007},
                              {"<|user|>", 32010},
                              {"<vision_start>", 32011},
                              {"<vision_end>", 32012}});
  EXPECT_EQ(phi.tokenizer->special().pad, 0);
  EXPECT_EQ(phi.tokenizer->special().bos, 1);
  EXPECT_EQ(phi.tokenizer->special().eos, 32000);
  EXPECT_THAT(phi.tokenizer->encode("!"), ElementsAre(3));
  EXPECT_THAT(phi.tokenizer->encode("<|user|>\n!"), ElementsAre(32010, 3)) << "the line break belongs to the token";
}

TEST(StandinTokenizer, LlamaHasThePublishedIds) {
  const Standin llama("fusion_llama", kLlamaVocabulary);
  EXPECT_EQ(llama.tokenizer->vocab_size(), kLlamaVocabulary);
  expect_ids(*llama.tokenizer, {{"!", 0},
                                {"<|begin_of_text|>", 128000},
                                {"<|end_of_text|>", 128001},
                                {"<|reserved_special_token_0|>", 128002},
                                {"<|start_header_id|>", 128006},
                                {"<|end_header_id|>", 128007},
                                {"<|eom_id|>", 128008},
                                {"<|eot_id|>", 128009},
                                {"<vision_start>", 128256},
                                {"<vision_end>", 128257}});
  EXPECT_EQ(llama.tokenizer->special().pad, 128002);
  EXPECT_THAT(llama.tokenizer->encode("!"), ElementsAre(128000, 0)) << "every text begins with the token for it";
}

TEST(StandinTokenizer, EveryByteIsATokenAndComesBack) {
  const Standin nano("fusion_phi", 272);
  std::string all;
  for (int code = 1; code < 0x80; ++code) all += static_cast<char>(code);
  all += "Zürich, 東京, \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x94\xAC, ة";
  const auto ids = nano.tokenizer->encode(all);
  EXPECT_EQ(ids.size(), all.size());
  EXPECT_EQ(nano.tokenizer->decode(ids), all);
  for (int64_t id = 3; id < 259; ++id) EXPECT_EQ(nano.tokenizer->token_bytes(id).size(), 1u) << id;
}

TEST(StandinTokenizer, NoTextEncodesToAFillerToken) {
  const Standin phi("fusion_phi", kPhiVocabulary);
  const std::string filler = "<|unused_1000|>";
  EXPECT_EQ(phi.tokenizer->token_id(filler), 1000);
  EXPECT_EQ(phi.tokenizer->encode(filler).size(), filler.size());
  EXPECT_EQ(phi.tokenizer->encode(filler).size(), filler.size()) << "nor the second time";
}

TEST(StandinTokenizer, FitsEveryPreset) {
  for (const std::string& name : preset_names()) {
    const FusionConfig config = parse_fusion_config(find_preset(name).files, name);
    const Standin standin(config.model_type, config.decoder.vocab_size);
    const Tokenizer& tokenizer = *standin.tokenizer;
    EXPECT_EQ(tokenizer.vocab_size(), config.decoder.vocab_size) << name;
    const bool phi = config.model_type == "fusion_phi";
    for (const char* end : phi ? std::vector{"<|end|>", "<|assistant|>", "<|endoftext|>"}
                               : std::vector{"<|eot_id|>", "<|eom_id|>", "<|end_of_text|>"}) {
      EXPECT_THAT(config.eos_token_ids, testing::Contains(tokenizer.token_id(end).value_or(-1))) << name << end;
    }
    const std::vector<Turn> turns = {{.speaker = Speaker::kUser, .text = "What is this?", .picture = true}};
    const auto prompt = tokenize_for_answer(tokenizer, default_template(config.model_type), turns);
    EXPECT_EQ(std::ranges::count(prompt.input_ids, kImageToken), 1) << name;
    EXPECT_EQ(std::ranges::count(prompt.input_ids, kLatentToken), 1) << name;
    EXPECT_FALSE(prompt.instruct_ids.empty()) << name;
  }
}

TEST(StandinTokenizer, RefusesWhatItCannotHold) {
  EXPECT_THAT(error_of([] { standin_tokenizer("fusion_phi", 271); }),
              AllOf(HasSubstr("at least 272"), HasSubstr("got 271")));
  EXPECT_THAT(error_of([] { standin_tokenizer("fusion_llama", 513); }), HasSubstr("514"));
  EXPECT_THAT(error_of([] { standin_tokenizer("qwen2", 1000); }), HasSubstr("qwen2"));
}

TEST(StandinTokenizer, EveryRoundKeepsItsLabels) {
  for (const auto& [model_type, vocab_size] :
       {std::pair<std::string, int64_t>{"fusion_phi", kPhiVocabulary}, {"fusion_llama", kLlamaVocabulary}}) {
    const Standin standin(model_type, vocab_size);
    std::vector<Turn> turns;
    for (int64_t rounds = 1; rounds <= 3; ++rounds) {
      turns.push_back({.speaker = Speaker::kUser, .text = "What is it?", .picture = rounds == 1});
      turns.push_back({.speaker = Speaker::kAssistant, .text = "A cat."});
      const auto prompt =
          tokenize_for_training(*standin.tokenizer, default_template(model_type), turns, {.has_image = true});
      EXPECT_FALSE(prompt.labels_dropped) << model_type << ", " << rounds << " rounds";
      EXPECT_EQ(std::count(prompt.labels.begin(), prompt.labels.end(), kQuestionLabel), rounds) << model_type;
    }
  }
}

}  // namespace
}  // namespace fusion
