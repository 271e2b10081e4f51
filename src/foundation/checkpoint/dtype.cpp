#include "foundation/checkpoint/dtype.h"

#include <algorithm>
#include <array>

#include "foundation/core/checked.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

struct DTypeInfo {
  size_t size;
  std::string_view name;
};

/// Indexed by DType.
constexpr std::array<DTypeInfo, 12> kInfo{{{1, "BOOL"},
                                           {1, "U8"},
                                           {1, "I8"},
                                           {1, "F8_E5M2"},
                                           {1, "F8_E4M3"},
                                           {2, "I16"},
                                           {2, "F16"},
                                           {2, "BF16"},
                                           {4, "I32"},
                                           {4, "F32"},
                                           {8, "F64"},
                                           {8, "I64"}}};

const DTypeInfo& info_of(DType dtype) {
  return kInfo.at(static_cast<size_t>(dtype));
}

}  // namespace

size_t dtype_size(DType dtype) {
  return info_of(dtype).size;
}

std::string_view dtype_name(DType dtype) {
  return info_of(dtype).name;
}

std::optional<DType> dtype_from_name(std::string_view name) {
  for (size_t i = 0; i < kInfo.size(); ++i) {
    if (kInfo[i].name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

std::string dtype_names() {
  std::string names;
  for (const DTypeInfo& info : kInfo) names += cat(names.empty() ? "" : ", ", info.name);
  return names;
}

std::optional<uint64_t> tensor_bytes(DType dtype, const std::vector<int64_t>& shape) {
  if (std::any_of(shape.begin(), shape.end(), [](int64_t size) { return size < 0; })) return std::nullopt;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::optional<uint64_t> bytes = dtype_size(dtype);
  for (const int64_t size : shape) {
    bytes = checked_mul(*bytes, static_cast<uint64_t>(size));
    if (!bytes || *bytes > uint64_t{INT64_MAX}) return std::nullopt;
  }
  return bytes;
}

}  // namespace fusion
