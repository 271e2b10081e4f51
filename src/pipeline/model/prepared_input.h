#pragma once
// A batch as it enters the model.

#include <torch/types.h>

#include "pipeline/preprocess/prompt.h"

namespace fusion {

/// In instruct ids: padding, wherever it stands (so in the reference).
inline constexpr int64_t kInstructPadding = 0;

/// B rows of one sample each, ids right-padded. All on the model's device, pixels in the model's dtype.
struct PreparedInput {
  torch::Tensor input_ids;       ///< [B, T] int64, with placeholders
  torch::Tensor attention_mask;  ///< [B, T] bool: false at padding
  torch::Tensor labels;          ///< [B, T] int64, with kIgnoreLabel and kQuestionLabel
  torch::Tensor pixels;        ///< [B, 5, 3, S, S] four global tiles, then the view; zeros for a row without a picture
  torch::Tensor instruct_ids;  ///< [B, I] int64: the questions' tokens, right-padded with kInstructPadding
  /// [B] int64: how many instruct ids of a row are its own. Undefined: all I count, as in the reference, where a batch
  /// therefore changes its shorter rows (see Note [Uniform instruct rows]).
  torch::Tensor instruct_lengths;
  int64_t query_len = 0;  ///< latent tokens of each question, a square number; 0: none
};

/// All tensors on the device.
PreparedInput on_device(PreparedInput input, torch::Device device);

/// Labels for inference: nothing to learn, and the last token of each row marks its question.
torch::Tensor inference_labels(const torch::Tensor& attention_mask);

}  // namespace fusion
