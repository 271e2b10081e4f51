#include "pipeline/vision/vision_tower.h"

#include <torch/types.h>

#include <limits>
#include <utility>

#include "foundation/nn/parameter.h"
#include "foundation/nn/recompute.h"

namespace fusion {

namespace {

/// A level of the checkpoint's names that holds nothing itself.
std::shared_ptr<torch::nn::Module> level(torch::nn::Module& parent, const char* name) {
  return parent.register_module(name, std::make_shared<torch::nn::Module>());
}

torch::Scalar lowest(torch::ScalarType dtype) {
  switch (dtype) {
    case torch::kBFloat16:
      return static_cast<double>(std::numeric_limits<c10::BFloat16>::lowest());
    case torch::kHalf:
      return static_cast<double>(std::numeric_limits<c10::Half>::lowest());
    default:
      return static_cast<double>(std::numeric_limits<float>::lowest());
  }
}

}  // namespace

VisionTowerImpl::VisionTowerImpl(VisionConfig config, const torch::TensorOptions& options) : config_(config) {
  const int64_t width = config_.hidden_size;
  const auto model = level(*level(*this, "vision_tower"), "vision_model");

  const auto embeddings = level(*model, "embeddings");
  if (config_.class_token) {
    class_embedding_ = embeddings->register_parameter("class_embedding", blank_parameter({width}, options));
  }
  const auto patch = level(*embeddings, "patch_embedding");
  patch_weight_ = patch->register_parameter(
      "weight", blank_parameter({width, config_.num_channels, config_.patch_size, config_.patch_size}, options));
  if (config_.patch_bias) patch_bias_ = patch->register_parameter("bias", blank_parameter({width}, options));
  const int64_t positions = config_.num_patches() + (config_.class_token ? 1 : 0);
  position_embedding_ = level(*embeddings, "position_embedding")
                            ->register_parameter("weight", blank_parameter({positions, width}, options));

  if (config_.class_token) {
    // The name is spelt so in every published CLIP checkpoint.
    pre_norm_ = model->register_module("pre_layrnorm", LayerNorm(width, config_.layer_norm_eps, options));
  }
  layers_ = level(*model, "encoder")->register_module("layers", torch::nn::ModuleList());
  for (int64_t i = 0; i < config_.num_layers; ++i) {
    layers_->push_back(VisionLayer(config_, /*early=*/i < config_.num_early_layers(), options));
  }
  // In every checkpoint, though FUSION takes its features before it.
  model->register_module("post_layernorm", LayerNorm(width, config_.layer_norm_eps, options));
}

void VisionTowerImpl::forward(const torch::Tensor& pixels, const std::optional<InstructTokens>& instruct,
                              const HiddenObserver& observe) {
  auto x = embed(pixels);  // [B, prefix, D]
  VisionMask mask;
  if (instruct) {
    mask = mask_for(*instruct, x);
    x = torch::cat({x, instruct->states}, 1);  // [B, prefix + I, D]
  }
  const int64_t skipped = config_.class_token ? 1 : 0;
  const auto show = [&](int64_t k) { observe(k, x.narrow(1, skipped, x.size(1) - skipped)); };

  show(0);
  for (int64_t i = 0; i < config_.num_layers; ++i) {
    x = run_layer(i, x, mask);
    show(i + 1);
  }
}

torch::Tensor VisionTowerImpl::run_layer(int64_t i, const torch::Tensor& x, const VisionMask& mask) {
  const auto layer = layers_[i];
  const Block block = [layer, mask](const std::vector<torch::Tensor>& in) {
    return layer->as<VisionLayerImpl>()->forward(in[0], mask);
  };
  return recompute_ ? recomputed(*layer, block, {x}) : block({x});
}

torch::Tensor VisionTowerImpl::embed(const torch::Tensor& pixels) const {
  const auto bias = patch_bias_.defined() ? std::optional(patch_bias_) : std::nullopt;
  // Pixels past the last whole patch are dropped by the convolution.
  auto x = torch::conv2d(pixels, patch_weight_, bias, config_.patch_size).flatten(2).transpose(1, 2);  // [B, P, D]
  if (!config_.class_token) return x + position_embedding_;
  x = torch::cat({class_embedding_.expand({x.size(0), 1, -1}), x}, 1) + position_embedding_;
  return pre_norm_->forward(x);
}

VisionMask VisionTowerImpl::mask_for(const InstructTokens& instruct, const torch::Tensor& x) const {
  const int64_t prefix = x.size(1);
  const auto seen = torch::ones({x.size(0), prefix}, instruct.visible.options());
  const auto keys = torch::cat({seen, instruct.visible}, 1);  // [B, N]
  const auto counted = torch::cat({seen, instruct.present}, 1).to(torch::kFloat32);
  return {.prefix_rows = prefix,
          .key_bias = torch::zeros(keys.sizes(), x.options())
                          .masked_fill(keys.logical_not(), lowest(x.scalar_type()))
                          .unsqueeze(1)
                          .unsqueeze(1),
          .uniform_weights = (counted / counted.sum(1, /*keepdim=*/true)).unsqueeze(1)};
}

}  // namespace fusion
