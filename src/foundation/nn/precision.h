#pragma once
// Where 16 bits are not enough.

#include <torch/types.h>

namespace fusion {

/// x in float32; float64, which gradient checks compute in, stays what it is.
inline torch::Tensor at_least_float32(const torch::Tensor& x) {
  return x.scalar_type() == torch::kFloat64 ? x : x.to(torch::kFloat32);
}

}  // namespace fusion
