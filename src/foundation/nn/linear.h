#pragma once
// Linear: the one place that knows how a matrix is stored.

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

namespace fusion {

/// y = x Wᵀ + b. Parameters: `weight` [out, in], and `bias` [out] if asked for.
class LinearImpl : public torch::nn::Module {
 public:
  LinearImpl(int64_t in_features, int64_t out_features, bool bias, const torch::TensorOptions& options);

  /// x [..., in] -> [..., out]
  torch::Tensor forward(const torch::Tensor& x) const;

 private:
  torch::Tensor weight_;
  torch::Tensor bias_;
};
TORCH_MODULE(Linear);

}  // namespace fusion
