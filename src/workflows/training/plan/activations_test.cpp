#include "workflows/training/plan/activations.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <memory>
#include <optional>
#include <string>

#include "foundation/nn/autocast.h"
#include "foundation/nn/parameter.h"
#include "pipeline/model/fusion_model.h"
#include "pipeline/model/presets.h"
#include "workflows/training/adapters/lora.h"
#include "workflows/training/plan/counted_memory.h"

namespace fusion {
namespace {

struct Case {
  std::string name;
  std::string preset = "nano";
  ActivationOptions options = {};
  bool tower_frozen = false;
  bool adapters = false;     ///< on the decoder, all else frozen
  double kept_within = 0.1;  ///< share of what is kept at the end of the forward pass
  double peak_within = 0.25;
};

FusionConfig small(const std::string& preset) {
  const Preset found = find_preset(preset);
  FusionConfig config = parse_fusion_config(found.files, preset);
  if (preset == "nano") return config;
  // The published layout with fewer and narrower layers.
  DecoderConfig& decoder = config.decoder;
  decoder.hidden_size = 256;
  decoder.intermediate_size = 896;
  decoder.num_layers = 4;
  decoder.num_heads = 8;
  decoder.num_kv_heads = 2;
  decoder.head_dim = decoder.rope.head_dim = 32;
  decoder.vocab_size = 1000;
  decoder.pad_token_id = 999;
  decoder.interaction.count = 2;
  config.vision.hidden_size = 128;
  config.vision.intermediate_size = 512;
  config.vision.num_heads = 4;
  config.vision.num_layers = config.vision.feature_state = 4;
  config.vision.image_size = 8 * config.vision.patch_size;
  return config;
}

/// One question about a picture in each row.
PreparedInput input_of(const FusionConfig& config, const BatchShape& shape) {
  const auto rows = static_cast<int64_t>(shape.samples);
  const auto latents = static_cast<int64_t>(shape.latents);
  const auto targets = static_cast<int64_t>(shape.targets);
  const int64_t words = static_cast<int64_t>(shape.length) - config.num_image_tokens() - latents;
  PreparedInput input;
  input.input_ids = torch::randint(1, 200, {rows, words + 2}, torch::kInt64);
  input.input_ids.select(1, 1).fill_(kImageToken);
  input.input_ids.select(1, 2).fill_(kLatentToken);
  input.attention_mask = torch::ones_like(input.input_ids, torch::kBool);
  input.labels = torch::full_like(input.input_ids, kIgnoreLabel);
  input.labels.narrow(1, words + 2 - targets, targets).fill_(7);
  input.labels.select(1, words + 1 - targets).fill_(kQuestionLabel);
  const int64_t side = config.vision.image_size;
  input.pixels = torch::rand({rows, 5, 3, side, side});
  input.instruct_ids = torch::randint(1, 200, {rows, static_cast<int64_t>(shape.instruct)}, torch::kInt64);
  input.instruct_lengths = torch::full({rows}, input.instruct_ids.size(1), torch::kInt64);
  input.query_len = latents;
  return input;
}

void fill(FusionModel& model) {
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : model->parameters()) {
    parameter.set_data(torch::randn(parameter.sizes()) * 0.02);
    parameter.set_requires_grad(true);
  }
}

class Activations : public testing::TestWithParam<Case> {};

TEST_P(Activations, ArePredictedAsMeasured) {
  at::set_num_threads(1);  // other tests run beside
  const Case& c = GetParam();
  const FusionConfig config = small(c.preset);
  const BatchShape shape{.samples = 2, .length = 240, .instruct = 40, .questions = 1, .latents = 36, .targets = 30};
  FusionModel model(config);
  fill(model);
  model->set_recompute(c.options.recompute);
  if (c.adapters) add_adapters(*model, {.rank = 4, .alpha = 8, .targets = {"model.layers.*_proj"}}, 1);
  std::vector<PlannedTensor> tensors;
  for (auto& item : model->named_parameters()) {
    if (c.tower_frozen && item.key().starts_with("model.vision_tower.")) item.value().set_requires_grad(false);
    tensors.push_back({item.key(), item.value().sizes().vec(), item.value().requires_grad()});
    // Gradients are told apart from activations by being there before.
    if (item.value().requires_grad()) item.value().mutable_grad() = torch::zeros_like(item.value());
  }
  const ActivationMemory predicted = activation_memory(config, shape, trained_parts(tensors), c.options);

  const auto counted = std::make_unique<CountedMemory>();
  const size_t before = CountedMemory::now();
  CountedMemory::reset_peak();
  const PreparedInput input = input_of(config, shape);
  std::optional<Autocast> autocast;
  if (c.options.mixed) autocast = Autocast{.device = torch::kCPU, .dtype = torch::kBFloat16};
  std::optional<AutocastGuard> guard(autocast);
  torch::Tensor loss = model->losses(input).total;
  guard.reset();
  double narrow = 0;  // 16-bit weights that the graph holds
  if (c.options.mixed && !c.options.recompute) {
    for (const PlannedTensor& tensor : tensors) narrow += tensor.shape.size() > 1 ? 2 * tensor.elements() : 0;
  }
  const double kept = static_cast<double>(CountedMemory::now() - before) - narrow;
  loss.backward();
  loss.reset();
  const double peak = static_cast<double>(CountedMemory::peak() - before) - narrow;

  const double predicted_kept = predicted.total() - predicted.work;
  EXPECT_NEAR(predicted_kept, kept, c.kept_within * kept);
  EXPECT_NEAR(predicted.total(), peak, c.peak_within * peak);
}

INSTANTIATE_TEST_SUITE_P(Plan, Activations,
                         testing::Values(Case{.name = "nano"},
                                         Case{.name = "recomputed", .options = {.recompute = true}},
                                         Case{.name = "frozen_tower", .tower_frozen = true},
                                         Case{.name = "grouped_heads", .preset = "fusion-llama3.1-8b"},
                                         Case{.name = "grouped_heads_recomputed",
                                              .preset = "fusion-llama3.1-8b",
                                              .options = {.recompute = true}},
                                         Case{.name = "adapters", .adapters = true, .kept_within = 0.15},
                                         Case{.name = "mixed", .options = {.mixed = true}}),
                         [](const auto& item) { return item.param.name; });

TEST(ActivationMemory, WithoutLatentTokensNoTileIsKept) {
  const FusionConfig config = small("nano");
  BatchShape shape{.samples = 2, .length = 90, .instruct = 4, .questions = 1, .latents = 4, .targets = 3};
  const auto tower = [&] { return activation_memory(config, shape, {.tower = true}, {}).tower; };
  const double with_tiles = tower();
  shape.latents = 0;
  EXPECT_LT(tower(), with_tiles / 3);
}

TEST(ActivationMemory, NothingIsKeptWhereNoGradientPasses) {
  const FusionConfig config = small("nano");
  const BatchShape shape{.samples = 2, .length = 300, .instruct = 20, .latents = 16, .targets = 50};
  const ActivationMemory head = activation_memory(config, shape, {.head = true}, {});
  EXPECT_EQ(head.tower, 0);
  EXPECT_EQ(head.decoder, 0);
  EXPECT_EQ(head.interaction, 0);
  // 2 * 50 rows: their float32 states of width 128 and log-probabilities over 272 words.
  EXPECT_EQ(head.head, 2 * 50 * 4 * (128 + 272));
}

}  // namespace
}  // namespace fusion
