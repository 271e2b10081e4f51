#include "foundation/nn/parameter.h"

#include <torch/types.h>

namespace fusion {

torch::Tensor blank_parameter(at::IntArrayRef shape, const torch::TensorOptions& options) {
  if (options.device().is_meta()) return torch::empty(shape, options);
  // variable_data: a tensor of its own rather than a view, so that it can become a leaf with other data.
  return torch::zeros({1}, options).expand(shape).variable_data();
}

void initialise_parameters(torch::nn::Module& module, double stddev, const torch::TensorOptions& options,
                           at::Generator generator) {
  const torch::NoGradGuard no_grad;
  for (auto& item : module.named_parameters()) {
    torch::Tensor& parameter = item.value();
    auto values = torch::empty(parameter.sizes(), options);
    const bool is_bias = item.key().ends_with("bias");
    if (parameter.dim() >= 2) {
      values.normal_(0.0, stddev, generator);
    } else {
      values.fill_(is_bias ? 0.0 : 1.0);
    }
    parameter.set_data(values);
  }
}

void set_requires_grad(torch::nn::Module& module, bool requires_grad) {
  for (torch::Tensor& parameter : module.parameters()) parameter.set_requires_grad(requires_grad);
}

}  // namespace fusion
