#include "foundation/nn/fast_linear.h"

#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>

#include <string_view>

#include "foundation/nn/autocast.h"

namespace fusion {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// oneDNN compiles a kernel for each shape that it meets, in about half a millisecond, and lengths differ from batch to
// batch: smaller products than this do not earn that back.
constexpr int64_t kFewestMultiplications = int64_t{1} << 23;

using LinearOp = torch::Tensor(const torch::Tensor& x, const torch::Tensor& weight,
                               const std::optional<torch::Tensor>& bias, std::string_view activation,
                               c10::List<std::optional<at::Scalar>> scalars, std::optional<std::string_view> algorithm);

/// torch's own entry to oneDNN, without gradients. Not in every build of torch.
const std::optional<c10::TypedOperatorHandle<LinearOp>>& onednn_linear() {
  static const auto found = [] {
    const auto schema = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
    return schema ? std::optional(schema->typed<LinearOp>()) : std::nullopt;
  }();
  return found;
}

/// a [n, k], b [m, k] -> a bᵀ [n, m]
torch::Tensor product(const torch::Tensor& a, const torch::Tensor& b, const std::optional<torch::Tensor>& bias = {}) {
  return onednn_linear()->call(a, b, bias, "none", c10::List<std::optional<at::Scalar>>(), "");
}

constexpr const char* kHasBias = "has_bias";

struct OnednnLinear : torch::autograd::Function<OnednnLinear> {
  /// x [n, in]
  static Variable forward(AutogradContext* context, const Variable& x, const Variable& weight,
                          const std::optional<torch::Tensor>& bias) {
    context->save_for_backward({x, weight});
    context->saved_data[kHasBias] = bias.has_value();
    return product(x, weight, bias);
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const auto saved = context->get_saved_variables();
    const Variable& grad = grads[0];  // [n, out]
    variable_list result(3);
    if (context->needs_input_grad(0)) result[0] = product(grad, saved[1].t());
    if (context->needs_input_grad(1)) result[1] = product(grad.t(), saved[0].t());
    if (context->saved_data[kHasBias].toBool() && context->needs_input_grad(2)) result[2] = grad.sum(0);
    return result;
  }
};

}  // namespace

bool is_fast_linear(const torch::Tensor& x, const torch::Tensor& weight) {
  return x.device().is_cpu() && x.scalar_type() == torch::kFloat32 && weight.scalar_type() == torch::kFloat32 &&
         x.numel() * weight.size(0) >= kFewestMultiplications && at::globalContext().userEnabledMkldnn() &&
         onednn_linear() && !current_autocast();
}

torch::Tensor fast_linear(const torch::Tensor& x, const torch::Tensor& weight,
                          const std::optional<torch::Tensor>& bias) {
  if (!is_fast_linear(x, weight)) return torch::linear(x, weight, bias);
  auto sizes = x.sizes().vec();
  sizes.back() = weight.size(0);
  return OnednnLinear::apply(x.reshape({-1, x.size(-1)}), weight, bias).view(sizes);
}

}  // namespace fusion
