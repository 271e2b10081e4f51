#include "pipeline/model/prepared_input.h"

namespace fusion {

torch::Tensor inference_labels(const torch::Tensor& attention_mask) {
  const auto place = torch::arange(attention_mask.size(1), attention_mask.options().dtype(torch::kInt64));
  const auto last = (attention_mask * place).argmax(1, /*keepdim=*/true);  // [B, 1]
  const auto labels = torch::full(attention_mask.sizes(), kIgnoreLabel, last.options());
  return labels.scatter(1, last, kQuestionLabel);
}

}  // namespace fusion
