#include "foundation/nn/linear.h"

#include <torch/types.h>

#include "foundation/nn/parameter.h"

namespace fusion {

LinearImpl::LinearImpl(int64_t in_features, int64_t out_features, bool bias, const torch::TensorOptions& options)
    : weight_(register_parameter("weight", blank_parameter({out_features, in_features}, options))) {
  if (bias) bias_ = register_parameter("bias", blank_parameter({out_features}, options));
}

torch::Tensor LinearImpl::forward(const torch::Tensor& x) const {
  return torch::linear(x, weight_, bias_.defined() ? std::optional(bias_) : std::nullopt);
}

}  // namespace fusion
