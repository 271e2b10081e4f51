#include "pipeline/decoder/decoder_layer.h"

#include <torch/types.h>

#include "foundation/nn/attention.h"

namespace fusion {

DecoderAttentionImpl::DecoderAttentionImpl(const DecoderConfig& config, const torch::TensorOptions& options)
    : num_heads_(config.num_heads), num_kv_heads_(config.num_kv_heads), head_dim_(config.head_dim) {
  const int64_t q_rows = num_heads_ * head_dim_;
  const int64_t kv_rows = num_kv_heads_ * head_dim_;
  const auto projection = [&](const char* name, int64_t rows) {
    return register_module(name, Linear(config.hidden_size, rows, config.attention_bias, options));
  };
  if (config.layout == ProjectionLayout::kFused) {
    qkv_proj_ = projection("qkv_proj", q_rows + 2 * kv_rows);
  } else {
    q_proj_ = projection("q_proj", q_rows);
    k_proj_ = projection("k_proj", kv_rows);
    v_proj_ = projection("v_proj", kv_rows);
  }
  o_proj_ = register_module("o_proj", Linear(q_rows, config.hidden_size, config.attention_bias, options));
}

torch::Tensor DecoderAttentionImpl::forward(const torch::Tensor& x, const RotaryAngles& angles, const CacheSlot& slot) {
  auto [q, k, v] = project(x);
  const auto queries = apply_rotary(split_heads(q, num_heads_), angles);  // [B, heads, S, d]
  auto keys = apply_rotary(split_heads(k, num_kv_heads_), angles);        // [B, kv heads, S, d]
  auto values = split_heads(v, num_kv_heads_);
  if (slot.cache != nullptr) std::tie(keys, values) = slot.cache->append(slot.layer, keys, values);
  return o_proj_(merge_heads(causal_attention(queries, keys, values, slot.visible)));
}

std::tuple<torch::Tensor, torch::Tensor, torch::Tensor> DecoderAttentionImpl::project(const torch::Tensor& x) {
  if (!qkv_proj_) return {q_proj_(x), k_proj_(x), v_proj_(x)};
  const int64_t kv_rows = num_kv_heads_ * head_dim_;
  const auto parts = qkv_proj_(x).split_with_sizes({num_heads_ * head_dim_, kv_rows, kv_rows}, -1);
  return {parts[0], parts[1], parts[2]};
}

GatedMlpImpl::GatedMlpImpl(const DecoderConfig& config, const torch::TensorOptions& options) {
  const auto up_projection = [&](const char* name, int64_t rows) {
    return register_module(name, Linear(config.hidden_size, rows, config.mlp_bias, options));
  };
  if (config.layout == ProjectionLayout::kFused) {
    gate_up_proj_ = up_projection("gate_up_proj", 2 * config.intermediate_size);
  } else {
    gate_proj_ = up_projection("gate_proj", config.intermediate_size);
    up_proj_ = up_projection("up_proj", config.intermediate_size);
  }
  down_proj_ =
      register_module("down_proj", Linear(config.intermediate_size, config.hidden_size, config.mlp_bias, options));
}

torch::Tensor GatedMlpImpl::forward(const torch::Tensor& x) {
  if (!gate_up_proj_) return down_proj_(torch::silu(gate_proj_(x)) * up_proj_(x));
  const auto halves = gate_up_proj_(x).chunk(2, -1);
  return down_proj_(torch::silu(halves[0]) * halves[1]);
}

DecoderLayerImpl::DecoderLayerImpl(const DecoderConfig& config, const torch::TensorOptions& options)
    : input_layernorm_(register_module("input_layernorm", RmsNorm(config.hidden_size, config.rms_norm_eps, options))),
      self_attn_(register_module("self_attn", DecoderAttention(config, options))),
      post_attention_layernorm_(
          register_module("post_attention_layernorm", RmsNorm(config.hidden_size, config.rms_norm_eps, options))),
      mlp_(register_module("mlp", GatedMlp(config, options))) {}

torch::Tensor DecoderLayerImpl::forward(const torch::Tensor& x, const RotaryAngles& angles, const CacheSlot& slot) {
  const auto h = x + self_attn_(input_layernorm_(x), angles, slot);
  return h + mlp_(post_attention_layernorm_(h));
}

}  // namespace fusion
