#include "foundation/nn/recompute.h"

#include <ATen/Context.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <mutex>
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
  std::optional<torch::Tensor> generator_state;  ///< of before the block, where it drew numbers
};

/// The state of torch's default generator for what lies on the device.
torch::Tensor generator_state(torch::Device device) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard lock(generator.mutex());
  return generator.get_state();
}

void set_generator_state(torch::Device device, const torch::Tensor& state) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard lock(generator.mutex());
  generator.set_state(state);
}

/// While it lives, the default generator goes on from `state`; afterwards as if nothing had been drawn.
class GeneratorGuard {
 public:
  GeneratorGuard(torch::Device device, const torch::Tensor& state) : device_(device), before_(generator_state(device)) {
    set_generator_state(device_, state);
  }
  ~GeneratorGuard() { set_generator_state(device_, before_); }
  GeneratorGuard(const GeneratorGuard&) = delete;
  GeneratorGuard& operator=(const GeneratorGuard&) = delete;

 private:
  torch::Device device_;
  torch::Tensor before_;
};

/// Note [The tensor that asks for gradients]
/// A node of the graph exists only where an input wants gradients. The inputs of a first block may be plain pixels
/// while its parameters are trained, so an empty tensor that wants gradients comes along.
struct Recomputed : torch::autograd::Function<Recomputed> {
  static Variable forward(AutogradContext* context, const Variable& /*asks_for_gradients*/, const Block& block,
                          at::TensorList inputs) {
    const auto held = c10::make_intrusive<HeldBlock>(block, current_autocast());
    context->saved_data[kHeld] = torch::IValue::make_capsule(held);
    context->save_for_backward(inputs.vec());
    const auto device = inputs[0].device();
    const auto state = generator_state(device);
    const Variable output = block(inputs.vec());  // apply() runs this without gradients
    if (!torch::equal(state, generator_state(device))) held->generator_state = state;
    return output;
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
      std::optional<GeneratorGuard> drawn_again;
      if (held->generator_state) drawn_again.emplace(inputs[0].device(), *held->generator_state);
      const Variable output = held->block(inputs);
      torch::autograd::backward({output}, {grads[0]});
    }
    variable_list result(2);  // for the asking tensor and the block
    for (const Variable& input : inputs) result.push_back(input.grad());
    return result;
  }
};

}  // namespace

torch::Tensor recomputed(const torch::nn::Module& owner, const Block& block, const std::vector<torch::Tensor>& inputs) {
  const auto learns = [](const torch::Tensor& tensor) { return tensor.requires_grad(); };
  const bool wanted = std::ranges::any_of(inputs, learns) || std::ranges::any_of(owner.parameters(), learns);
  if (!torch::GradMode::is_enabled() || !wanted) return block(inputs);
  const auto asks_for_gradients = torch::empty({0}).set_requires_grad(true);
  return Recomputed::apply(asks_for_gradients, block, at::TensorList(inputs));
}

}  // namespace fusion
