#pragma once
// Samples side by side, as the model takes them.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pipeline/model/prepared_input.h"
#include "workflows/datasets/sample.h"

namespace fusion {

struct MicroBatch {
  /// On the CPU, pixels float32; query_len is 0 until somebody draws it. Without samples its tensors are undefined.
  PreparedInput input = {};
  int64_t samples = 0;
  int64_t tokens = 0;                 ///< input ids without padding
  int64_t targets = 0;                ///< ids that are to be predicted; 0: there is nothing to learn from the words
  std::vector<std::string> ids = {};  ///< of the records
};

/// Whether a label is an id to predict.
bool is_target(int64_t label);

/// Ids to predict in a row: the first never is one, for nothing stands before it.
int64_t count_targets(std::span<const int64_t> labels);

/// What the model makes of a row: how many positions placeholders take, and where it cuts what comes of that.
struct SequenceForm {
  int64_t image_tokens = 0;
  double query_len = 0;  ///< may be a mean
  int64_t max_length = 0;
};

/// Those of count_targets() that the model still has after the cut: a picture before an answer can push it out.
int64_t targets_within(std::span<const int64_t> ids, std::span<const int64_t> labels, const SequenceForm& form);

/// The same of all rows, which are as collate() leaves them.
int64_t targets_within(const PreparedInput& input, const SequenceForm& form);

/// One row a sample: ids right-padded with pad_id, labels with kIgnoreLabel, instruct ids with kInstructPadding (and
/// their lengths given, so that a row does not depend on the others); pixels normalised, zeros for text only.
MicroBatch collate(std::span<const Sample> samples, const TileOptions& options, int64_t pad_id);

}  // namespace fusion
