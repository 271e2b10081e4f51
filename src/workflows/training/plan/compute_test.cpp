#include "workflows/training/plan/compute.h"

#include <gtest/gtest.h>

#include "pipeline/model/presets.h"

namespace fusion {
namespace {

/// A model so small that its operations are counted by hand.
FusionConfig tiny() {
  const Preset nano = find_preset("nano");
  FusionConfig config = parse_fusion_config(nano.files, "nano");
  config.vision.hidden_size = 2;
  config.vision.num_layers = 2;
  config.vision.image_size = config.vision.patch_size * 2;  // 4 patches
  config.decoder.hidden_size = 4;
  config.decoder.num_layers = 1;
  config.decoder.num_heads = 2;
  config.decoder.head_dim = 2;
  config.decoder.interaction.count = 1;
  config.decoder.interaction.window = 2;
  return config;
}

constexpr BatchShape kShape{.samples = 2, .length = 10, .instruct = 3, .questions = 1, .latents = 4, .targets = 5};

// The view: 2 rows of 4 patches + 3 words; the tiles: 8 rows of 4 patches.
constexpr double kTowerRows = 2 * 7 + 8 * 4;
// One early layer: 4 queries over 7 keys; one late: 7 over 7; tiles: 2 layers of 4 over 4; 4 * 2 operations a pair.
constexpr double kViewAttention = 8 * 2 * (4 * 7 + 7 * 7);
constexpr double kTileAttention = 8 * 8 * 2 * 4 * 4;
// Causal: half of 4 * 10 * 10 * 4; and 8 latents over windows of 4 cells.
constexpr double kDecoderAttention = 2 * (4 * 10 * 10 * 4 / 2) + 4 * 8 * 4 * 4;
constexpr double kAttention = kViewAttention + kTileAttention + kDecoderAttention;

std::vector<PlannedTensor> tensors_of(bool tower_trained) {
  return {{"model.vision_tower.vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight", {3, 2}, tower_trained},
          {"model.vision_tower.vision_tower.vision_model.encoder.layers.0.mlp.fc1.bias", {3}, tower_trained},
          {"model.vision_tower.vision_tower.vision_model.embeddings.position_embedding.weight", {4, 2}, tower_trained},
          {"model.embed_tokens.weight", {100, 4}},
          {"model.layers.0.mlp.down_proj.weight", {4, 6}},
          {"model.vision_sampler_layers.0.layers.0.proj_in.weight", {4, 8}},
          {"model.vision_sampler_layers.0.layers.0.cross_attn.k_proj.1.weight", {4, 4}},
          {"lm_head.weight", {100, 4}}};
}

// 2 * rows * elements: tower, decoder layer, latents (8 rows), windows (2 * 4 * 4 rows), head (10 rows).
constexpr double kTower = 2 * kTowerRows * 6;
constexpr double kLayers = 2 * (20 * 24 + 8 * 32 + 32 * 16);
constexpr double kHead = 2 * 10 * 400;

TEST(Compute, EqualsACountByHand) {
  const StepCompute step = compute_of(tiny(), tensors_of(true), kShape, /*recompute=*/false);
  EXPECT_EQ(step.forward, kTower + kLayers + kHead + kAttention);
  EXPECT_EQ(step.weight_gradients, kTower + kLayers + kHead);
  EXPECT_EQ(step.input_gradients, kTower + kLayers + kHead + 2 * kAttention);
  EXPECT_EQ(step.recomputed, 0);
  EXPECT_EQ(step.total(), 3 * step.forward);
}

TEST(Compute, ActivationCheckpointingRunsTheLayersOnceMore) {
  const StepCompute step = compute_of(tiny(), tensors_of(true), kShape, /*recompute=*/true);
  EXPECT_EQ(step.recomputed, kTower + kLayers + kAttention);
}

TEST(Compute, AFrozenTowerNeedsNoGradientsButThroughTheQuestion) {
  const StepCompute step = compute_of(tiny(), tensors_of(false), kShape, /*recompute=*/false);
  const double view = 2.0 * 14 * 6;
  EXPECT_EQ(step.weight_gradients, kLayers + kHead);
  EXPECT_EQ(step.input_gradients, view + kLayers + kHead + 2 * (kViewAttention + kDecoderAttention));
}

TEST(Compute, WithoutLatentTokensNoTileIsCounted) {
  BatchShape shape = kShape;
  shape.latents = 0;
  const StepCompute step = compute_of(tiny(), tensors_of(true), shape, /*recompute=*/false);
  const double view = 2.0 * 14 * 6;
  const double decoder = 2.0 * 20 * 24;
  EXPECT_EQ(step.forward, view + decoder + kHead + kViewAttention + 2 * (4 * 10 * 10 * 4 / 2));
}

}  // namespace
}  // namespace fusion
