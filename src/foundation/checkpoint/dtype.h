#pragma once
// Number formats of stored tensors.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusion {

/// In the order of the safetensors library, which sorts a file's tensors from the last of these to the first.
enum class DType { kBool, kU8, kI8, kF8E5M2, kF8E4M3, kI16, kF16, kBF16, kI32, kF32, kF64, kI64 };

/// Bytes of one element.
size_t dtype_size(DType dtype);
/// The spelling in a safetensors header: "F32", "BF16", "F8_E4M3" ...
std::string_view dtype_name(DType dtype);
/// The dtype with that spelling, or nothing.
std::optional<DType> dtype_from_name(std::string_view name);
/// All spellings, for messages.
std::string dtype_names();
/// Bytes of a tensor, or nothing when a size is negative or they overflow. A zero anywhere makes it empty, whatever the
/// other sizes multiply to.
std::optional<uint64_t> tensor_bytes(DType dtype, const std::vector<int64_t>& shape);

}  // namespace fusion
