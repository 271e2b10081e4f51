#include "foundation/nn/parameter.h"

#include <torch/types.h>

namespace fusion {

torch::Tensor blank_parameter(at::IntArrayRef shape, const torch::TensorOptions& options) {
  if (options.device().is_meta()) return torch::empty(shape, options);
  // variable_data: a tensor of its own rather than a view, so that it can become a leaf with other data.
  return torch::zeros({1}, options).expand(shape).variable_data();
}

void set_requires_grad(torch::nn::Module& module, bool requires_grad) {
  for (torch::Tensor& parameter : module.parameters()) parameter.set_requires_grad(requires_grad);
}

}  // namespace fusion
