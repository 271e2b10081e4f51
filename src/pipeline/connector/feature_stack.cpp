#include "pipeline/connector/feature_stack.h"

#include "foundation/nn/precision.h"

namespace fusion {

void FeatureStack::add(int64_t k, const torch::Tensor& hidden) {
  const int64_t half = num_layers_ / 2;
  if (k == 0) first_ = hidden;
  if (k == last_state_) last_ = hidden;
  if (k >= 2 * half) return;
  torch::Tensor& sum = k < half ? early_sum_ : late_sum_;
  const auto wide = at_least_float32(hidden);
  sum = sum.defined() ? sum + wide : wide;
}

torch::Tensor FeatureStack::features() const {
  const auto half = static_cast<double>(num_layers_ / 2);
  return torch::cat({last_, (early_sum_ / half).to(last_.scalar_type()), (late_sum_ / half).to(last_.scalar_type())},
                    -1);
}

}  // namespace fusion
