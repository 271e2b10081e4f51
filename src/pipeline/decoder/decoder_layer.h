#pragma once
// One layer of the language model.

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <optional>
#include <tuple>

#include "foundation/nn/linear.h"
#include "foundation/nn/norm.h"
#include "foundation/nn/rotary.h"
#include "pipeline/decoder/decoder_config.h"
#include "pipeline/decoder/kv_cache.h"

namespace fusion {

/// Where a layer finds its past: slot `layer` of `cache`, or no cache at all.
struct CacheSlot {
  KvCache* cache = nullptr;
  int64_t layer = 0;
  std::optional<torch::Tensor> visible = {};  ///< KvCache::visible() of a decode step
};

/// Causal self-attention with grouped key heads and rotary positions.
class DecoderAttentionImpl : public torch::nn::Module {
 public:
  DecoderAttentionImpl(const DecoderConfig& config, const torch::TensorOptions& options);

  /// x [B, S, H] -> [B, S, H]
  torch::Tensor forward(const torch::Tensor& x, const RotaryAngles& angles, const CacheSlot& slot);

 private:
  std::tuple<torch::Tensor, torch::Tensor, torch::Tensor> project(const torch::Tensor& x);

  int64_t num_heads_;
  int64_t num_kv_heads_;
  int64_t head_dim_;
  Linear qkv_proj_{nullptr};
  Linear q_proj_{nullptr};
  Linear k_proj_{nullptr};
  Linear v_proj_{nullptr};
  Linear o_proj_{nullptr};
};
TORCH_MODULE(DecoderAttention);

/// down(silu(gate x) * up x).
class GatedMlpImpl : public torch::nn::Module {
 public:
  GatedMlpImpl(const DecoderConfig& config, const torch::TensorOptions& options);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  Linear gate_up_proj_{nullptr};
  Linear gate_proj_{nullptr};
  Linear up_proj_{nullptr};
  Linear down_proj_{nullptr};
};
TORCH_MODULE(GatedMlp);

/// A pre-norm block: x += attn(norm x); x += mlp(norm x).
class DecoderLayerImpl : public torch::nn::Module {
 public:
  DecoderLayerImpl(const DecoderConfig& config, const torch::TensorOptions& options);
  torch::Tensor forward(const torch::Tensor& x, const RotaryAngles& angles, const CacheSlot& slot);

 private:
  RmsNorm input_layernorm_;
  DecoderAttention self_attn_;
  RmsNorm post_attention_layernorm_;
  GatedMlp mlp_;
};
TORCH_MODULE(DecoderLayer);

}  // namespace fusion
