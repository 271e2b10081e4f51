#pragma once
// One encoder layer of the tower, with the question's tokens behind the patches.

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "foundation/nn/linear.h"
#include "foundation/nn/norm.h"
#include "pipeline/vision/vision_config.h"

namespace fusion {

/// Which rows of the tower's sequence [prefix ; instruct] may be seen, computed once for all layers.
struct VisionMask {
  int64_t prefix_rows = 0;  ///< patches, and the class token where there is one
  torch::Tensor key_bias;   ///< [B, 1, 1, N] added to the scores: 0, or the dtype's lowest at masked instruct keys
  torch::Tensor uniform_weights;  ///< [B, 1, N] float32 weights of the early layers' plain mean; they sum to 1
  bool has_instruct() const { return key_bias.defined(); }
};

/// Attention of the tower. Parameters: {q,k,v,out}_proj, all with bias.
class VisionAttentionImpl : public torch::nn::Module {
 public:
  VisionAttentionImpl(const VisionConfig& config, bool early, const torch::TensorOptions& options);

  /// x [B, N, D] -> [B, N, D]
  torch::Tensor forward(const torch::Tensor& x, const VisionMask& mask);

 private:
  torch::Tensor attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v, const VisionMask& mask);

  int64_t num_heads_;
  bool uniform_instruct_;  ///< question tokens take the mean of all values
  bool blind_patches_;     ///< patches do not see the question tokens
  Linear q_proj_{nullptr};
  Linear k_proj_{nullptr};
  Linear v_proj_{nullptr};
  Linear out_proj_{nullptr};
};
TORCH_MODULE(VisionAttention);

/// fc2(act(fc1 x)), with biases.
class VisionMlpImpl : public torch::nn::Module {
 public:
  VisionMlpImpl(const VisionConfig& config, const torch::TensorOptions& options);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  VisionActivation activation_;
  Linear fc1_;
  Linear fc2_;
};
TORCH_MODULE(VisionMlp);

/// A pre-norm block: x += attn(norm1 x); x += mlp(norm2 x).
class VisionLayerImpl : public torch::nn::Module {
 public:
  VisionLayerImpl(const VisionConfig& config, bool early, const torch::TensorOptions& options);
  torch::Tensor forward(const torch::Tensor& x, const VisionMask& mask);

 private:
  LayerNorm layer_norm1_;
  VisionAttention self_attn_;
  LayerNorm layer_norm2_;
  VisionMlp mlp_;
};
TORCH_MODULE(VisionLayer);

}  // namespace fusion
