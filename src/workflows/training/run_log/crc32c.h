#pragma once
// The check sum of TFRecord files.

#include <cstdint>
#include <string_view>

namespace fusion {

/// CRC-32C (Castagnoli, RFC 3720 section 12.1) of the bytes.
uint32_t crc32c(std::string_view bytes);

/// What a TFRecord stores of it: rotated and shifted, because the sum of data that holds its own sum is a weak one.
uint32_t masked_crc32c(std::string_view bytes);

}  // namespace fusion
