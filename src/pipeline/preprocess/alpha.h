#pragma once
// Eight-bit products as Pillow rounds them.

#include <cstdint>

namespace fusion {

/// a * b / 255, rounded, for a and b in 0..255.
inline uint8_t scale_255(int a, int b) {
  const int product = a * b + 128;
  return static_cast<uint8_t>(((product >> 8) + product) >> 8);
}

}  // namespace fusion
