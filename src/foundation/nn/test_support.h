#pragma once
// For tests only: modules with values.

#include <ATen/CPUGeneratorImpl.h>
#include <torch/nn/module.h>
#include <torch/types.h>

namespace fusion {

/// Gives every parameter memory and values that repeat, without gradients: normal(0, 0.3) for matrices, ones for the
/// scales of norms, zeros for biases.
inline void fill_randomly(torch::nn::Module& module, uint64_t seed) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  for (auto& item : module.named_parameters()) {
    torch::Tensor& parameter = item.value();
    const double constant = item.key().ends_with("bias") ? 0.0 : 1.0;
    parameter.set_data(parameter.dim() >= 2 ? torch::empty(parameter.sizes()).normal_(0.0, 0.3, generator)
                                            : torch::full(parameter.sizes(), constant));
    parameter.set_requires_grad(false);
  }
}

}  // namespace fusion
