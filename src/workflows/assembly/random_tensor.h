#pragma once
// Random weights that are made while they are written.

#include <cstdint>

#include "foundation/checkpoint/safetensors_writer.h"
#include "foundation/checkpoint/tensor_table.h"

namespace fusion {

/// What writes untrained values for the tensor in the manner of the reference's initialisation: normal(0, 0.02), ones
/// for the scales of norms, zeros for biases. The values depend on seed, name and shape alone, not on the order of
/// tensors or the number of threads; a few megabytes are in memory at a time. Made by all cores.
/// \param dtype  kF32, kF16 or kBF16; another is an Error
TensorSource random_tensor(const TensorSpec& spec, DType dtype, uint64_t seed);

}  // namespace fusion
