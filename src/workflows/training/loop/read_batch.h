#pragma once
// Micro-batches outside the training order.

#include <vector>

#include "workflows/datasets/micro_batch.h"
#include "workflows/datasets/sample.h"

namespace fusion {

/// The records as one micro-batch, those that are broken left out; 0 samples where none is left.
MicroBatch read_micro_batch(const SampleReader& reader, const std::vector<int64_t>& records);

}  // namespace fusion
