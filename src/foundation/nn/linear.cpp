#include "foundation/nn/linear.h"

#include <torch/types.h>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/fast_linear.h"
#include "foundation/nn/parameter.h"
#include "foundation/nn/precision.h"

namespace fusion {

namespace {

void require_shape(const char* name, const torch::Tensor& tensor, at::IntArrayRef shape) {
  if (tensor.sizes() == shape) return;
  throw Error({.who = name,
               .expected = cat("shape [", join(shape, ", "), "]"),
               .got = cat("[", join(tensor.sizes(), ", "), "]"),
               .cause = "the adapter is of another model or of another rank"});
}

}  // namespace

LinearImpl::LinearImpl(int64_t in_features, int64_t out_features, bool bias, const torch::TensorOptions& options)
    : weight_(register_parameter("weight", blank_parameter({out_features, in_features}, options))) {
  if (bias) bias_ = register_parameter("bias", blank_parameter({out_features}, options));
}

torch::Tensor LinearImpl::forward(const torch::Tensor& x) const {
  // Answers must not depend on what they are computed together with, and a fast product's rounding may.
  const auto linear = is_training() ? fast_linear : &torch::linear;
  const auto y = linear(x, weight_, bias_.defined() ? std::optional(bias_) : std::nullopt);
  if (!adapter_) return y;
  const auto seen = is_training() && adapter_->dropout > 0 ? torch::dropout(x, adapter_->dropout, /*train=*/true) : x;
  return torch::add(y, torch::linear(torch::linear(seen, lora_a_), lora_b_), adapter_->scale());
}

void LinearImpl::add_adapter(const AdapterOptions& options, const torch::Tensor& a, const torch::Tensor& b) {
  if (adapter_) throw Error({.who = "adapter", .expected = "a matrix without one", .got = "one that has one already"});
  require_shape("lora_A", a, {options.rank, weight_.size(1)});
  require_shape("lora_B", b, {weight_.size(0), options.rank});
  lora_a_ = register_parameter("lora_A", a);
  lora_b_ = register_parameter("lora_B", b);
  adapter_ = options;
}

torch::Tensor LinearImpl::merged_weight() const {
  if (!adapter_) return weight_;
  const torch::NoGradGuard no_grad;
  const auto added = torch::matmul(at_least_float32(lora_b_), at_least_float32(lora_a_)) * adapter_->scale();
  return (at_least_float32(weight_) + added).to(weight_.scalar_type());
}

}  // namespace fusion
