#pragma once
// Random weights that are made while they are written: a few megabytes are in memory at a time, all cores make them,
// and the values depend on seed, name and shape alone, not on the order of tensors or the number of threads.

#include <cstdint>
#include <vector>

#include "foundation/checkpoint/safetensors_writer.h"
#include "foundation/checkpoint/tensor_table.h"

namespace fusion {

inline constexpr double kInitializerRange = 0.02;  ///< of transformers' configs that do not say it

/// What writes untrained values for the tensor in the manner of transformers' initialisation: normal(0, stddev), ones
/// for the scales of norms, zeros for biases.
/// \param dtype   kF32, kF16 or kBF16; another is an Error
/// \param stddev  what its configs call initializer_range
TensorSource random_tensor(const TensorSpec& spec, DType dtype, uint64_t seed, double stddev = kInitializerRange);

/// What writes the values that torch gives a new nn.Linear or nn.LayerNorm: the weight [out, in] of a Linear and its
/// bias are uniform within 1 / sqrt(in) of 0, the scale of a norm is ones and its bias zeros.
/// \param module  names and shapes of the layer's own `.weight` and `.bias`, at least; tells whose bias `spec` is
/// \param dtype   as above
TensorSource torch_default_tensor(const TensorSpec& spec, const std::vector<TensorSpec>& module, DType dtype,
                                  uint64_t seed);

}  // namespace fusion
