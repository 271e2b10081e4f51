#include "foundation/nn/recompute.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>
#include <utility>

#include "foundation/nn/autocast.h"

namespace fusion {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

constexpr const char* kHeld = "block";

/// What the backward pass needs to call a block again.
struct HeldBlock : torch::CustomClassHolder {
  HeldBlock(Block b, std::optional<Autocast> a) : block(std::move(b)), autocast(a) {}
  Block block;
  std::optional<Autocast> autocast;
};

/// Note [The tensor that asks for gradients]
/// A node of the graph exists only where an input wants gradients. The inputs of a first block may be plain pixels while
/// its parameters are trained, so an empty tensor that wants gradients comes along.
struct Recomputed : torch::autograd::Function<Recomputed> {
  static Variable forward(AutogradContext* context, const Variable& /*asks_for_gradients*/, const Block& block,
                          at::TensorList inputs) {
    context->saved_data[kHeld] =
        torch::IValue::make_capsule(c10::make_intrusive<HeldBlock>(block, current_autocast()));
    context->save_for_backward(inputs.vec());
    return block(inputs.vec());  // apply() runs this without gradients
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const auto held = c10::static_intrusive_pointer_cast<HeldBlock>(context->saved_data[kHeld].toCapsule());
    variable_list inputs;
    for (const Variable& saved : context->get_saved_variables()) {
      inputs.push_back(saved.detach().set_requires_grad(saved.requires_grad()));
    }
    {
      const torch::AutoGradMode with_gradients(true);
      const AutocastGuard autocast(held->autocast);
      const Variable output = held->block(inputs);
      torch::autograd::backward({output}, {grads[0]});
    }
    variable_list result(2);  // for the asking tensor and the block
    for (const Variable& input : inputs) result.push_back(input.grad());
    return result;
  }
};

}  // namespace

torch::Tensor recomputed(const Block& block, const std::vector<torch::Tensor>& inputs) {
  if (!torch::GradMode::is_enabled()) return block(inputs);
  const auto asks_for_gradients = torch::empty({0}).set_requires_grad(true);
  return Recomputed::apply(asks_for_gradients, block, at::TensorList(inputs));
}

}  // namespace fusion
