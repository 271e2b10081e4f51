#include "foundation/nn/norm.h"

#include <torch/types.h>

#include "foundation/nn/parameter.h"
#include "foundation/nn/precision.h"

namespace fusion {

LayerNormImpl::LayerNormImpl(int64_t size, double eps, const torch::TensorOptions& options)
    : eps_(eps),
      weight_(register_parameter("weight", blank_parameter({size}, options))),
      bias_(register_parameter("bias", blank_parameter({size}, options))) {}

torch::Tensor LayerNormImpl::forward(const torch::Tensor& x) const {
  return torch::layer_norm(x, {x.size(-1)}, weight_, bias_, eps_);
}

RmsNormImpl::RmsNormImpl(int64_t size, double eps, const torch::TensorOptions& options)
    : eps_(eps), weight_(register_parameter("weight", blank_parameter({size}, options))) {}

torch::Tensor RmsNormImpl::forward(const torch::Tensor& x) const {
  const auto wide = at_least_float32(x);
  const auto scale = torch::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + eps_);
  return weight_ * (wide * scale).to(x.scalar_type());
}

}  // namespace fusion
