#pragma once
// Micro-batches for inspection.

#include <string>
#include <vector>

#include "workflows/datasets/sample.h"

namespace fusion {

/// Reads the records again and saves what the model saw: "0.input_ids", "0.labels", "0.pixels" ... as safetensors; the
/// records' ids and the latent count of each micro-batch are metadata. Broken records are left out.
/// \param query_lens  one for each micro-batch
void save_batches(const std::string& path, const SampleReader& reader,
                  const std::vector<std::vector<int64_t>>& micro_batches, const std::vector<int64_t>& query_lens);

}  // namespace fusion
