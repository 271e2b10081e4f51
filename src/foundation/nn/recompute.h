#pragma once
// Activation checkpointing: less memory for a second forward pass of a block.

#include <torch/nn/module.h>
#include <torch/types.h>

#include <functional>
#include <vector>

namespace fusion {

/// A part of a network. It must compute the same when it is called again (what it draws from torch's default generator
/// is drawn again), and own what it captures: the backward pass calls it when the forward pass has gone.
using Block = std::function<torch::Tensor(const std::vector<torch::Tensor>& inputs)>;

/// block(inputs), of which only the inputs are kept: its intermediates are computed again in the backward pass.
/// Gradients reach the inputs and the parameters inside the block; a tensor that the block captured otherwise gets
/// none. It is a plain call without gradients, and where neither inputs nor parameters want any.
/// \param owner  has the parameters that the block uses
torch::Tensor recomputed(const torch::nn::Module& owner, const Block& block, const std::vector<torch::Tensor>& inputs);

}  // namespace fusion
