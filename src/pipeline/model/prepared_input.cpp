#include "pipeline/model/prepared_input.h"

namespace fusion {

torch::Tensor inference_labels(const torch::Tensor& attention_mask) {
  const auto last = attention_mask.sum(1, /*keepdim=*/true) - 1;  // [B, 1]
  auto labels = torch::full(attention_mask.sizes(), kIgnoreLabel, last.options());
  return labels.scatter(1, last.clamp_min(0), kQuestionLabel);
}

}  // namespace fusion
