#include "pipeline/vision/vision_tower.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "foundation/nn/test_support.h"

namespace fusion {
namespace {

VisionConfig tiny(EarlyAttention early, bool class_token) {
  VisionConfig config;
  config.hidden_size = 16;
  config.intermediate_size = 24;
  config.num_layers = 4;
  config.feature_state = 4;
  config.num_heads = 2;
  config.image_size = 22;  // 2 x 2 patches of 8, 6 pixels dropped
  config.patch_size = 8;
  config.layer_norm_eps = 1e-6;
  config.early_attention = early;
  config.class_token = class_token;
  config.patch_bias = !class_token;
  return config;
}

VisionTower random_tower(const VisionConfig& config) {
  VisionTower tower(config, torch::TensorOptions());
  fill_randomly(*tower, 5);
  return tower;
}

std::vector<torch::Tensor> states(VisionTower& tower, const torch::Tensor& pixels,
                                  const std::optional<InstructTokens>& instruct) {
  std::vector<torch::Tensor> result;
  tower->forward(pixels, instruct, [&](int64_t, const torch::Tensor& hidden) { result.push_back(hidden); });
  return result;
}

InstructTokens question(int64_t batch, int64_t tokens) {
  const auto all = torch::ones({batch, tokens}, torch::kBool);
  return {.states = torch::randn({batch, tokens, 16}), .visible = all, .present = all.clone()};
}

/// The early layer as the reference writes it: scores of the question's rows overwritten with the lowest float.
torch::Tensor written_out_early_layer(VisionTower& tower, const torch::Tensor& x, const torch::Tensor& visible,
                                      int64_t patches) {
  const auto parameters = tower->named_parameters();
  const auto p = [&](const std::string& name) {
    return parameters["vision_tower.vision_model.encoder.layers.0." + name];
  };
  const auto linear = [&](const torch::Tensor& in, const std::string& name) {
    return torch::linear(in, p(name + ".weight"), p(name + ".bias"));
  };
  const auto norm = [&](const torch::Tensor& in, const std::string& name) {
    return torch::layer_norm(in, {16}, p(name + ".weight"), p(name + ".bias"), 1e-6);
  };
  const auto heads = [](const torch::Tensor& in) { return in.unflatten(2, {2, 8}).transpose(1, 2); };
  const double lowest = std::numeric_limits<float>::lowest();
  const auto h = norm(x, "layer_norm1");
  auto scores =
      torch::matmul(heads(linear(h, "self_attn.q_proj")), heads(linear(h, "self_attn.k_proj")).transpose(2, 3)) /
      std::sqrt(8.0);
  const auto keys = torch::cat({torch::ones({x.size(0), patches}, torch::kBool), visible}, 1);
  scores = scores + torch::zeros(keys.sizes()).masked_fill(keys.logical_not(), lowest).unsqueeze(1).unsqueeze(1);
  scores.slice(2, patches).fill_(lowest);
  const auto seen = torch::matmul(torch::softmax(scores, -1), heads(linear(h, "self_attn.v_proj")));
  const auto y = x + linear(seen.transpose(1, 2).flatten(2), "self_attn.out_proj");
  return y + linear(torch::gelu(linear(norm(y, "layer_norm2"), "mlp.fc1"), "tanh"), "mlp.fc2");
}

TEST(VisionTower, EarlyUniformRowsEqualTheOverwrittenScores) {
  torch::manual_seed(4);
  auto tower = random_tower(tiny(EarlyAttention::kUniformInstruct, false));
  auto instruct = question(2, 3);
  instruct.visible[1][2] = false;  // masked as a key, counted in the mean all the same
  const auto all = states(tower, torch::randn({2, 3, 22, 22}), instruct);
  EXPECT_LT((all[1] - written_out_early_layer(tower, all[0], instruct.visible, 4)).abs().max().item<float>(), 1e-5);
}

TEST(VisionTower, PaddingDoesNotChangeARowUnlessItIsCounted) {
  torch::manual_seed(5);
  auto tower = random_tower(tiny(EarlyAttention::kUniformInstruct, false));
  const auto pixels = torch::randn({1, 3, 22, 22});
  const auto alone = question(1, 2);
  const auto grow = [](const torch::Tensor& mask, bool with) {
    return torch::cat({mask, torch::full({1, 3}, with, torch::kBool)}, 1);
  };
  InstructTokens padded{.states = torch::cat({alone.states, torch::randn({1, 3, 16})}, 1),
                        .visible = grow(alone.visible, false),
                        .present = grow(alone.present, false)};
  const auto expected = states(tower, pixels, alone).back();
  EXPECT_LT((states(tower, pixels, padded).back().slice(1, 0, 6) - expected).abs().max().item<float>(), 1e-5);
  padded.present = grow(alone.present, true);  // as in the reference
  EXPECT_GT((states(tower, pixels, padded).back().slice(1, 0, 6) - expected).abs().max().item<float>(), 1e-3);
}

TEST(VisionTower, ClipShowsPatchesOnlyAndBlindsThemEarly) {
  torch::manual_seed(6);
  auto tower = random_tower(tiny(EarlyAttention::kBlindPatches, true));
  const auto pixels = torch::randn({2, 3, 22, 22});
  const auto without = states(tower, pixels, std::nullopt);
  const auto with = states(tower, pixels, question(2, 3));
  ASSERT_EQ(without.size(), 5u);
  EXPECT_EQ(without[0].size(1), 4);  // the class token is not shown
  EXPECT_EQ(with[0].size(1), 7);
  const auto difference = [&](size_t k) { return (with[k].slice(1, 0, 4) - without[k]).abs().max().item<float>(); };
  EXPECT_LT(difference(2), 1e-5);  // two early layers: the patches have not seen the question
  EXPECT_GT(difference(3), 1e-3);
}

TEST(VisionTower, TheQuestionReachesThePatchesInTheFirstLayer) {
  torch::manual_seed(7);
  auto tower = random_tower(tiny(EarlyAttention::kUniformInstruct, false));
  const auto pixels = torch::randn({1, 3, 22, 22});
  const auto without = states(tower, pixels, std::nullopt);
  const auto with = states(tower, pixels, question(1, 3));
  EXPECT_GT((with[1].slice(1, 0, 4) - without[1]).abs().max().item<float>(), 1e-3);
}

TEST(VisionTower, WithoutTextGuidanceOnlyTheWordsSeeThePatches) {
  torch::manual_seed(8);
  for (const bool clip : {false, true}) {
    VisionConfig config = tiny(clip ? EarlyAttention::kBlindPatches : EarlyAttention::kUniformInstruct, clip);
    config.text_guided = false;
    auto tower = random_tower(config);
    const auto pixels = torch::randn({1, 3, 22, 22});
    const auto instruct = question(1, 3);
    const auto without = states(tower, pixels, std::nullopt).back();
    const auto with = states(tower, pixels, instruct).back();
    EXPECT_LT((with.slice(1, 0, 4) - without).abs().max().item<float>(), 1e-5);
    const auto elsewhere = states(tower, torch::randn({1, 3, 22, 22}), instruct).back();
    EXPECT_GT((with.slice(1, 4) - elsewhere.slice(1, 4)).abs().max().item<float>(), 1e-3);
  }
}

}  // namespace
}  // namespace fusion
