#pragma once
// 64 bits as text: JSON's integers end at 63 bits here.

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

/// Lower-case hexadecimal digits without leading zeros.
inline std::string to_hex64(uint64_t value) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value, 16).ptr;
  return {digits, end};
}

/// The number under `key`, as to_hex64 writes it. Throws Error on anything else.
inline uint64_t required_hex64(const JsonObject& object, std::string_view key) {
  const auto text = object.required<std::string>(key);
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value, 16);
  if (read.ec == std::errc() && read.ptr == end && text.size() <= 16) return value;
  throw Error({.who = object.who(key), .expected = "up to 16 hexadecimal digits", .got = printable(text)});
}

}  // namespace fusion
