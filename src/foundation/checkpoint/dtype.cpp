#include "foundation/checkpoint/dtype.h"

#include <array>

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

}  // namespace fusion
