#pragma once
// Matrix products of training on the CPU by oneDNN.

#include <torch/types.h>

#include <optional>

namespace fusion {

/// torch::linear, up to rounding: x Wᵀ + b with its gradients.
///
/// torch multiplies float32 matrices on the CPU by MKL, which takes AVX2 on a processor that is not Intel's, whatever
/// it has; oneDNN, a part of torch as well, takes AVX-512 there. Small products, other dtypes, autocast, other devices
/// and a torch without oneDNN go through torch::linear.
/// \param x       [..., in]
/// \param weight  [out, in]
/// \param bias    [out] or nothing
torch::Tensor fast_linear(const torch::Tensor& x, const torch::Tensor& weight,
                          const std::optional<torch::Tensor>& bias);

/// Whether fast_linear takes oneDNN.
bool is_fast_linear(const torch::Tensor& x, const torch::Tensor& weight);

}  // namespace fusion
