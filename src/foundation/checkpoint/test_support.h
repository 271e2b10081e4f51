#pragma once
// For tests only: safetensors files made by hand, also wrong ones.

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace fusion {

/// A file with that header, whatever it says, and `data_bytes` zero bytes of data.
inline std::string file_with_header(std::string_view header, size_t data_bytes) {
  const uint64_t length = header.size();
  std::string file(sizeof(length), '\0');
  std::memcpy(file.data(), &length, sizeof(length));
  file += header;
  file.append(data_bytes, '\0');
  return file;
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace fusion
