#include "pipeline/vision/vision_layer.h"

#include <torch/types.h>

#include "foundation/nn/attention.h"
#include "foundation/nn/precision.h"

namespace fusion {

VisionAttentionImpl::VisionAttentionImpl(const VisionConfig& config, bool early, const torch::TensorOptions& options)
    : num_heads_(config.num_heads),
      uniform_instruct_(early && config.early_attention == EarlyAttention::kUniformInstruct),
      blind_patches_(!config.text_guided || (early && config.early_attention == EarlyAttention::kBlindPatches)) {
  const auto projection = [&](const char* name) {
    return register_module(name, Linear(config.hidden_size, config.hidden_size, /*bias=*/true, options));
  };
  q_proj_ = projection("q_proj");
  k_proj_ = projection("k_proj");
  v_proj_ = projection("v_proj");
  out_proj_ = projection("out_proj");
}

torch::Tensor VisionAttentionImpl::forward(const torch::Tensor& x, const VisionMask& mask) {
  const auto k = k_proj_(x);
  const auto v = v_proj_(x);
  if (!uniform_instruct_ || !mask.has_instruct()) {
    return out_proj_(attend(q_proj_(x), k, v, mask));
  }
  // Note [Uniform instruct rows]
  // The reference overwrites the scores of the question's rows with the lowest float for every key, masked ones
  // included, and the softmax of equal scores is uniform. So each of these rows is the mean of all values: one row,
  // computed once, instead of scores that say nothing.
  const int64_t prefix = mask.prefix_rows;
  const int64_t instruct = x.size(1) - prefix;
  const auto looking = attend(q_proj_(x.narrow(1, 0, prefix)), k, v, mask);
  const auto values = at_least_float32(v);
  const auto mean =
      torch::matmul(mask.uniform_weights.to(values.scalar_type()), values).to(v.scalar_type());  // [B, 1, D]
  return out_proj_(torch::cat({looking, mean.expand({-1, instruct, -1})}, 1));
}

torch::Tensor VisionAttentionImpl::attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                                          const VisionMask& mask) {
  const auto queries = split_heads(q, num_heads_);
  const auto keys = split_heads(k, num_heads_);
  const auto values = split_heads(v, num_heads_);
  if (!mask.has_instruct()) return merge_heads(attention(queries, keys, values));

  const auto bias = [&](int64_t rows) { return mask.key_bias.expand({-1, -1, rows, -1}); };
  if (!blind_patches_) return merge_heads(attention(queries, keys, values, bias(queries.size(2))));
  const int64_t prefix = mask.prefix_rows;
  const int64_t instruct = queries.size(2) - prefix;
  const auto patches = attention(queries.narrow(2, 0, prefix), keys.narrow(2, 0, prefix), values.narrow(2, 0, prefix));
  if (instruct == 0) return merge_heads(patches);
  const auto words = attention(queries.narrow(2, prefix, instruct), keys, values, bias(instruct));
  return merge_heads(torch::cat({patches, words}, 2));
}

VisionMlpImpl::VisionMlpImpl(const VisionConfig& config, const torch::TensorOptions& options)
    : activation_(config.activation),
      fc1_(register_module("fc1", Linear(config.hidden_size, config.intermediate_size, /*bias=*/true, options))),
      fc2_(register_module("fc2", Linear(config.intermediate_size, config.hidden_size, /*bias=*/true, options))) {}

torch::Tensor VisionMlpImpl::forward(const torch::Tensor& x) {
  const auto h = fc1_(x);
  switch (activation_) {
    case VisionActivation::kGeluTanh:
      return fc2_(torch::gelu(h, "tanh"));
    case VisionActivation::kQuickGelu:
      return fc2_(h * torch::sigmoid(1.702 * h));
  }
  return {};
}

VisionLayerImpl::VisionLayerImpl(const VisionConfig& config, bool early, const torch::TensorOptions& options)
    : layer_norm1_(register_module("layer_norm1", LayerNorm(config.hidden_size, config.layer_norm_eps, options))),
      self_attn_(register_module("self_attn", VisionAttention(config, early, options))),
      layer_norm2_(register_module("layer_norm2", LayerNorm(config.hidden_size, config.layer_norm_eps, options))),
      mlp_(register_module("mlp", VisionMlp(config, options))) {}

torch::Tensor VisionLayerImpl::forward(const torch::Tensor& x, const VisionMask& mask) {
  const auto h = x + self_attn_(layer_norm1_(x), mask);
  return h + mlp_(layer_norm2_(h));
}

}  // namespace fusion
