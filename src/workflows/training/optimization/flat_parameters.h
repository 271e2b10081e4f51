#pragma once
// Parameters side by side in a few flat buffers, each cut into one equal part for each process.

#include <cstdint>
#include <string>
#include <vector>

#include "workflows/training/optimization/parameter_groups.h"

namespace fusion {

/// A parameter and where it lies in its bucket.
struct FlatParameter {
  std::string name;
  torch::Tensor value;  ///< a view of the bucket's weights
  int64_t begin = 0;    ///< in elements
  int64_t size = 0;
};

/// Neighbouring parameters of one group.
struct FlatBucket {
  size_t group = 0;            ///< index into GroupedParameters::groups
  torch::Tensor weights = {};  ///< [world_size * part], float32; zero between the parameters
  int64_t part = 0;            ///< elements that each process owns
  std::vector<FlatParameter> parameters = {};

  /// The part of a buffer [world_size * part] that process `rank` owns.
  torch::Tensor part_of(const torch::Tensor& whole, int64_t rank) const { return whole.narrow(0, rank * part, part); }
};

/// Moves the parameters of all groups into buckets of about `bucket_bytes` (a larger parameter has one of its own), as
/// float32 and with their values, without ever holding much more than one bucket twice.
std::vector<FlatBucket> flatten_parameters(const GroupedParameters& grouped, int64_t world_size, int64_t bucket_bytes);

}  // namespace fusion
