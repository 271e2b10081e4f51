#include "foundation/nn/linear.h"

#include <torch/types.h>

#include <limits>

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

/// x [..., in], weight int8 [out, in], scale [out] in x's dtype -> [..., out]
torch::Tensor quantised_product(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& scale) {
  // torch's kernel is made for bfloat16 (with float32 it is many times as slow as the product of floats), and reads
  // past the end of rows whose length is no multiple of its vectors.
  constexpr int64_t kVector = 16;
  const bool fits = x.scalar_type() == torch::kBFloat16 && weight.size(1) % kVector == 0;
  if (!x.device().is_cpu() || !fits) {
    return torch::linear(x, weight.to(x.scalar_type())) * scale;
  }
  const auto rows = x.reshape({-1, x.size(-1)}).contiguous();
  auto sizes = x.sizes().vec();
  sizes.back() = weight.size(0);
  return at::_weight_int8pack_mm(rows, weight, scale).view(sizes);
}

}  // namespace

LinearImpl::LinearImpl(int64_t in_features, int64_t out_features, bool bias, const torch::TensorOptions& options)
    : weight_(register_parameter("weight", blank_parameter({out_features, in_features}, options))) {
  if (bias) bias_ = register_parameter("bias", blank_parameter({out_features}, options));
}

torch::Tensor LinearImpl::forward(const torch::Tensor& x) const {
  const auto y = product(x);
  if (!adapter_) return y;
  const auto seen = is_training() && adapter_->dropout > 0 ? torch::dropout(x, adapter_->dropout, /*train=*/true) : x;
  return torch::add(y, torch::linear(torch::linear(seen, lora_a_), lora_b_), adapter_->scale());
}

torch::Tensor LinearImpl::product(const torch::Tensor& x) const {
  if (is_quantised()) {
    const auto y = quantised_product(x, weight_, scale_.to(x.scalar_type()));
    return bias_.defined() ? y + bias_ : y;
  }
  // Answers must not depend on what they are computed together with, and a fast product's rounding may.
  const auto linear = is_training() ? fast_linear : &torch::linear;
  return linear(x, weight_, bias_.defined() ? std::optional(bias_) : std::nullopt);
}

void LinearImpl::quantise() {
  if (is_quantised()) return;
  constexpr double kLargest = 127;
  const torch::NoGradGuard no_grad;
  const auto wide = weight_.to(torch::kFloat32);
  scale_ = (wide.abs().amax(1) / kLargest).clamp_min(std::numeric_limits<float>::min());
  weight_.set_requires_grad(false);
  weight_.set_data((wide / scale_.unsqueeze(1)).round().to(torch::kInt8));
}

void quantise_matrices(torch::nn::Module& module) {
  for (const auto& each : module.modules(/*include_self=*/false)) {
    if (auto* const linear = each->as<LinearImpl>()) linear->quantise();
  }
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
