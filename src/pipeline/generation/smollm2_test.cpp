// Real weights: SmolLM2-135M-Instruct against what transformers made of it. The folder is named by FUSION_SMOLLM2 and
// made by parity/make_smollm2.py; without it these tests are skipped. parity/check_language_model.py runs them with
// all logits of all positions (FUSION_SMOLLM2_LOGITS) and what it computed just then (FUSION_SMOLLM2_GOLDEN).

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cstdlib>

#include "foundation/checkpoint/checkpoint.h"
#include "foundation/config/json_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/tensor_io.h"
#include "pipeline/generation/assistant.h"

namespace fusion {
namespace {

using nlohmann::json;
using Ids = std::vector<int64_t>;

constexpr double kBound = 1e-4;  // of a float32 logit, absolute

std::string named_by(const char* variable, const std::string& otherwise) {
  const char* value = std::getenv(variable);
  return value != nullptr ? value : otherwise;
}

std::vector<Turn> turns_of(const json& said) {
  std::vector<Turn> turns;
  for (const json& turn : said) {
    const Speaker speaker = turn[0] == "system" ? Speaker::kSystem
                            : turn[0] == "user" ? Speaker::kUser
                                                : Speaker::kAssistant;
    turns.push_back({.speaker = speaker, .text = turn[1]});
  }
  return turns;
}

class SmolLm2 : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = named_by("FUSION_SMOLLM2", "");
    if (folder_.empty()) return;
    golden_ = read_json_file(named_by("FUSION_SMOLLM2_GOLDEN",
                                      std::string(FUSION_SOURCE_DIR) + "/parity/goldens/smollm2/language_model.json"));
    tokenizer_ = load_tokenizer(folder_);
    model_ = load_model(folder_, {.dtype = torch::kFloat32}).language;
  }
  static void TearDownTestSuite() { model_ = nullptr; }

  void SetUp() override {
    if (folder_.empty()) GTEST_SKIP() << "FUSION_SMOLLM2 names no folder; parity/make_smollm2.py makes one";
  }

  static Reading read(const Ids& ids) {
    PreparedInput input;
    input.input_ids = torch::tensor(ids, torch::kInt64).unsqueeze(0);
    input.labels = torch::full_like(input.input_ids, kIgnoreLabel);
    input.attention_mask = torch::ones_like(input.input_ids, torch::kBool);
    return read_words(*model_, input);
  }

  /// [positions, vocab]
  static torch::Tensor logits_of(const Ids& ids) {
    const torch::NoGradGuard no_grad;
    const Reading reading = read(ids);
    const auto hidden = model_->decoder()->forward({.embeds = reading.sequence.embeds,
                                                    .position_ids = reading.sequence.position_ids,
                                                    .context_lengths = {static_cast<int64_t>(ids.size())}},
                                                   {});
    return model_->logits_of(hidden)[0];
  }

  static inline std::string folder_;
  static inline json golden_;
  static inline std::unique_ptr<Tokenizer> tokenizer_;
  static inline std::shared_ptr<LanguageModelImpl> model_;
};

TEST_F(SmolLm2, IdsOfConversationsEqualTheChatTemplates) {
  const ChatTemplate chat = read_chat_template(folder_);
  ASSERT_GT(golden_["conversations"].size(), 5u);
  for (const json& item : golden_["conversations"]) {
    const auto turns = chat.complete(turns_of(item["turns"]));
    EXPECT_EQ(tokenize_for_answer(*tokenizer_, *chat.format, turns).input_ids, item["ids"].get<Ids>()) << item["turns"];
  }
}

TEST_F(SmolLm2, IdsOfTextsEqual) {
  for (const json& prompt : golden_["prompts"]) {
    if (!prompt.contains("text")) continue;
    const std::vector<Turn> turns = single_question(prompt["text"], /*has_picture=*/false);
    EXPECT_EQ(tokenize_for_answer(*tokenizer_, find_template("raw"), turns).input_ids, prompt["ids"].get<Ids>());
  }
}

TEST_F(SmolLm2, LogitsEqual) {
  double worst = 0;
  for (const json& prompt : golden_["prompts"]) {
    const auto logits = logits_of(prompt["ids"].get<Ids>());
    const auto expect_near = [&](const torch::Tensor& got, const json& expected, const char* what) {
      const auto values = torch::tensor(expected.get<std::vector<double>>(), torch::kFloat64);
      const double error = (got.to(torch::kFloat64) - values).abs().max().item<double>();
      EXPECT_LT(error, kBound) << prompt["name"] << ": " << what;
      worst = std::max(worst, error);
    };
    const auto best = torch::tensor(prompt["best_ids"].get<Ids>(), torch::kInt64);
    expect_near(logits.take_along_dim(best.unsqueeze(1), 1).squeeze(1), prompt["best_logits"], "largest logits");
    EXPECT_LT(
        (std::get<0>(logits.max(1)) - logits.take_along_dim(best.unsqueeze(1), 1).squeeze(1)).max().item<double>(),
        kBound)
        << prompt["name"];
    expect_near(logits[-1].index_select(0, torch::tensor(prompt["last_ids"].get<Ids>(), torch::kInt64)),
                prompt["last_logits"], "last position");
  }
  RecordProperty("largest_difference", cat(worst));
}

TEST_F(SmolLm2, EveryLogitEquals) {
  const std::string folder = named_by("FUSION_SMOLLM2_LOGITS", "");
  if (folder.empty()) GTEST_SKIP() << "FUSION_SMOLLM2_LOGITS is set by parity/check_language_model.py only";
  const Checkpoint all(folder);
  double worst = 0;
  int64_t positions = 0;
  for (const json& prompt : golden_["prompts"]) {
    const StoredTensor* stored = all.find(prompt["name"].get<std::string>());
    ASSERT_NE(stored, nullptr) << prompt["name"];
    const auto expected = tensor_of(stored->file, *stored->view);
    const auto logits = logits_of(prompt["ids"].get<Ids>());
    ASSERT_EQ(logits.sizes(), expected.sizes());
    const double error = (logits - expected).abs().max().item<double>();
    EXPECT_LT(error, kBound) << prompt["name"];
    worst = std::max(worst, error);
    positions += logits.size(0);
  }
  RecordProperty("largest_difference", cat(worst, " at ", positions, " positions"));
}

TEST_F(SmolLm2, GreedyTokensEqual) {
  for (const json& prompt : golden_["prompts"]) {
    const auto expected = prompt["greedy"].get<Ids>();
    const GenerationOptions options{.max_new_tokens = 40};
    const auto results = generate(*model_, read(prompt["ids"].get<Ids>()), {&options, 1});
    EXPECT_EQ(results[0].ids, expected) << prompt["name"];
    EXPECT_EQ(tokenizer_->decode(results[0].ids), prompt["answer"].get<std::string>());
  }
}

TEST_F(SmolLm2, KnowsTheCapitalOfFrance) {
  const Assistant assistant(folder_, {});
  const Answer answer = assistant.answer({.turns = single_question("What is the capital of France?", false)});
  EXPECT_EQ(answer.text, "The capital of France is Paris.");
  EXPECT_EQ(answer.generation.stop_reason, StopReason::kEndToken);
  EXPECT_FALSE(assistant.sees());
}

TEST_F(SmolLm2, ItsContextEndsWhereItWasTrainedTo) {
  const Assistant assistant(folder_, {});
  EXPECT_EQ(context_limit(assistant.config(), {}), 8192);
  std::string text;
  for (int i = 0; i < 9000; ++i) text += " word";
  EXPECT_THROW(assistant.answer({.turns = single_question(text, false)}), Error);
}

TEST_F(SmolLm2, AFormatWithLatentTokensIsRefused) {
  EXPECT_THROW(Assistant(folder_, {.conversation_template = "phi_3"}), Error);
  EXPECT_EQ(Assistant(folder_, {.conversation_template = "raw"}).conversation_template().name, "raw");
}

}  // namespace
}  // namespace fusion
