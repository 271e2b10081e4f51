#include "pipeline/model/prepared_input.h"

namespace fusion {

PreparedInput on_device(PreparedInput input, torch::Device device) {
  for (torch::Tensor* tensor : {&input.input_ids, &input.attention_mask, &input.labels, &input.pixels,
                                &input.instruct_ids, &input.instruct_lengths}) {
    if (tensor->defined()) *tensor = tensor->to(device, /*non_blocking=*/true);
  }
  return input;
}

torch::Tensor inference_labels(const torch::Tensor& attention_mask) {
  const auto place = torch::arange(attention_mask.size(1), attention_mask.options().dtype(torch::kInt64));
  const auto last = (attention_mask * place).argmax(1, /*keepdim=*/true);  // [B, 1]
  const auto labels = torch::full(attention_mask.sizes(), kIgnoreLabel, last.options());
  return labels.scatter(1, last, kQuestionLabel);
}

}  // namespace fusion
