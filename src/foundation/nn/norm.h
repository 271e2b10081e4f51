#pragma once
// The two normalisations of the model.

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

namespace fusion {

/// LayerNorm over the last dimension. Parameters: `weight` [size], `bias` [size].
class LayerNormImpl : public torch::nn::Module {
 public:
  LayerNormImpl(int64_t size, double eps, const torch::TensorOptions& options);
  torch::Tensor forward(const torch::Tensor& x) const;

 private:
  double eps_;
  torch::Tensor weight_;
  torch::Tensor bias_;
};
TORCH_MODULE(LayerNorm);

/// RMSNorm over the last dimension, as Phi-3 and LLaMA compute it: normalised in float32, cast back, then scaled.
/// Parameter: `weight` [size].
class RmsNormImpl : public torch::nn::Module {
 public:
  RmsNormImpl(int64_t size, double eps, const torch::TensorOptions& options);
  torch::Tensor forward(const torch::Tensor& x) const;

 private:
  double eps_;
  torch::Tensor weight_;
};
TORCH_MODULE(RmsNorm);

}  // namespace fusion
