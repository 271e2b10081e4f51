#pragma once
// Between stored tensors and torch's.

#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

#include "foundation/checkpoint/safetensors.h"
#include "foundation/checkpoint/safetensors_writer.h"

namespace fusion {

/// The stored tensor on the CPU, seen in place where it is aligned (it then keeps the mapping alive, and writing to it
/// stays private to the process), else copied. Throws Error on the 8-bit float formats, which hold no weights here.
torch::Tensor tensor_of(const std::shared_ptr<SafetensorsFile>& file, const TensorView& view);

/// What writes `tensor` under `name`. The tensor is held until the source is gone.
TensorSource source_of(const std::string& name, const torch::Tensor& tensor);

/// torch's name of the dtype.
torch::ScalarType scalar_type_of(DType dtype, const std::string& who);

}  // namespace fusion
