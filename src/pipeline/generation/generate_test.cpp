#include "pipeline/generation/generate.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

#include "foundation/checkpoint/safetensors.h"
#include "foundation/config/test_support.h"
#include "foundation/core/error.h"
#include "foundation/nn/tensor_io.h"
#include "pipeline/model/adapter.h"
#include "pipeline/model/load_model.h"

namespace fusion {
namespace {

const std::string kFolder = FUSION_SOURCE_DIR "/parity/goldens/a_phi3_siglip_q4";

class Generate : public testing::Test {
 protected:
  Generate() : model_(load_fusion_model(kFolder, {})) {
    const auto file = SafetensorsFile::open(kFolder + "/case.safetensors");
    const auto tensor = [&](const char* name) { return tensor_of(file, file->at(name)); };
    prompt_.input_ids = tensor("gen.input_ids");
    prompt_.attention_mask = torch::ones_like(prompt_.input_ids, torch::kBool);
    prompt_.labels = inference_labels(prompt_.attention_mask);
    prompt_.pixels = tensor("in.images");
    prompt_.instruct_ids = tensor("in.instructs");
    prompt_.query_len = 4;
  }

  GenerationResult answer(const GenerationOptions& options, const GenerationListener& listener = {}) {
    return generate(*model_, model_->read(prompt_, /*with_pairs=*/false), {&options, 1}, listener)[0];
  }

  FusionModel model_;
  PreparedInput prompt_;
};

TEST_F(Generate, StopsAtTheLimitAtAStopTokenAndWhenTold) {
  const auto free = answer({.max_new_tokens = 5});
  ASSERT_EQ(free.ids.size(), 5u);
  EXPECT_EQ(free.stop_reason, StopReason::kTokenLimit);

  const auto stopped = answer({.max_new_tokens = 5, .stop_token_ids = {free.ids[2]}});
  EXPECT_EQ(stopped.stop_reason, StopReason::kEndToken);
  EXPECT_EQ(stopped.ids.back(), free.ids[2]);
  EXPECT_LE(stopped.ids.size(), 3u);

  size_t heard = 0;
  const auto cancelled = answer({.max_new_tokens = 5}, {.on_token = [&](size_t, int64_t) { return ++heard < 2; }});
  EXPECT_EQ(cancelled.stop_reason, StopReason::kCancelled);
  EXPECT_EQ(cancelled.ids.size(), 2u);
}

TEST_F(Generate, ChoosesAmongKnownTokensOnly) {
  const int64_t best = answer({.max_new_tokens = 1}).ids[0];
  ASSERT_GT(best, 0);
  EXPECT_LT(answer({.max_new_tokens = 1, .vocabulary = best}).ids[0], best);
  EXPECT_EQ(answer({.max_new_tokens = 1, .vocabulary = best + 1}).ids[0], best);
}

TEST_F(Generate, AFloat64CheckpointAnswersToo) {
  const GenerationOptions options{.max_new_tokens = 3};
  const auto expected = answer(options);
  model_ = load_fusion_model(kFolder, {.dtype = torch::kFloat64});
  prompt_.pixels = prompt_.pixels.to(torch::kFloat64);
  EXPECT_EQ(answer(options).ids, expected.ids);
}

TEST_F(Generate, ReportsItsStagesInOrder) {
  const int64_t layers = model_->config().decoder.num_layers;
  std::vector<std::pair<GenerationStage, int64_t>> heard;
  answer({.max_new_tokens = 1}, {.on_progress = [&](const GenerationProgress& progress) {
           heard.emplace_back(progress.stage, progress.done);
         }});
  ASSERT_EQ(std::ssize(heard), layers + 2);
  for (int64_t i = 0; i <= layers; ++i) EXPECT_EQ(heard[i], std::pair(GenerationStage::kReading, i));
  EXPECT_EQ(heard.back(), std::pair(GenerationStage::kAnswering, int64_t{0}));
}

TEST_F(Generate, GivesUpBetweenTwoLayersWhenCancelled) {
  int64_t layers = 0;
  const auto cancelled = answer({}, {.on_progress = [&](const GenerationProgress& progress) { layers = progress.done; },
                                     .cancelled = [&] { return layers == 2; }});
  EXPECT_EQ(cancelled.stop_reason, StopReason::kCancelled);
  EXPECT_TRUE(cancelled.ids.empty());
  EXPECT_EQ(layers, 2);
}

TEST_F(Generate, KeepsToTheContext) {
  const int64_t prompt = answer({.max_new_tokens = 1}).prompt_length;
  const auto bounded = answer({.max_new_tokens = 50, .max_context = prompt + 3});
  EXPECT_EQ(bounded.ids.size(), 3u);
  EXPECT_EQ(bounded.stop_reason, StopReason::kTokenLimit);
  EXPECT_THROW(answer({.max_context = prompt}), Error);
  EXPECT_TRUE(answer({.max_new_tokens = 0}).ids.empty());
}

TEST_F(Generate, RowsOfDifferentLengthsAreAnsweredAsAlone) {
  const auto alone = answer({.max_new_tokens = 6});
  PreparedInput longer = prompt_;
  const auto ending = torch::tensor({{7, 9, 11}}, torch::kInt64);
  longer.input_ids = torch::cat({prompt_.input_ids, ending}, 1);
  longer.attention_mask = torch::ones_like(longer.input_ids, torch::kBool);
  longer.labels = inference_labels(longer.attention_mask);
  const GenerationOptions few{.max_new_tokens = 3};
  const auto longer_alone = generate(*model_, model_->read(longer, false), {&few, 1})[0];

  PreparedInput both = longer;
  both.input_ids = torch::cat({torch::constant_pad_nd(prompt_.input_ids, {0, 3}), longer.input_ids});
  both.attention_mask = torch::cat({torch::constant_pad_nd(prompt_.attention_mask, {0, 3}), longer.attention_mask});
  both.labels = inference_labels(both.attention_mask);
  both.pixels = prompt_.pixels.expand({2, -1, -1, -1, -1});
  both.instruct_ids = prompt_.instruct_ids.expand({2, -1});
  const std::vector<GenerationOptions> rows{{.max_new_tokens = 6}, few};
  const auto results = generate(*model_, model_->read(both, false), rows);
  EXPECT_EQ(results[0].ids, alone.ids);
  EXPECT_EQ(results[1].ids, longer_alone.ids);
  EXPECT_EQ(results[1].prompt_length, longer_alone.prompt_length);
}

TEST_F(Generate, AnAdapterAnswersAsTheMergedModel) {
  FusionModel adapted = load_fusion_model(kFolder, {});
  auto generator = at::make_generator<at::CPUGeneratorImpl>(3);
  for (const auto& [name, linear] : linears_of(*adapted)) {
    const auto& weight = linear->weight();
    linear->add_adapter({.rank = 4, .alpha = 8}, torch::empty({4, weight.size(1)}).normal_(0.0, 0.1, generator),
                        torch::empty({weight.size(0), 4}).normal_(0.0, 0.1, generator));
  }
  const ScratchFolder scratch;
  save_adapter(*adapted, kFolder, {}, scratch.path());
  const GenerationOptions options{.max_new_tokens = 8};
  const auto plain = answer(options);
  for (const auto& [name, linear] : linears_of(*adapted)) {
    model_->named_parameters()[name + ".weight"].set_data(linear->merged_weight());
  }
  const auto merged = answer(options);
  model_ = load_fusion_model(kFolder, {.adapter = scratch.path()});
  EXPECT_EQ(answer(options).ids, merged.ids);
  EXPECT_NE(plain.ids, merged.ids);
}

TEST_F(Generate, RefusesOptionsThatAreNotOneForEachRow) {
  EXPECT_THROW(generate(*model_, model_->read(prompt_, false), {}), Error);
}

}  // namespace
}  // namespace fusion
