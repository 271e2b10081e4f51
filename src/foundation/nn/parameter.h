#pragma once
// Parameters before they have values: names and shapes of a whole model without its memory.

#include <torch/nn/module.h>

namespace fusion {

/// A parameter of `shape` that takes no memory until it is loaded or initialised: on the CPU a single element seen
/// through zero strides, on the meta device nothing at all. Writing to one is a bug; give it values with `set_data`.
torch::Tensor blank_parameter(at::IntArrayRef shape, const torch::TensorOptions& options);

/// Switches gradients of every parameter on or off.
void set_requires_grad(torch::nn::Module& module, bool requires_grad);

}  // namespace fusion
