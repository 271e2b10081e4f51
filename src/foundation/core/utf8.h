#pragma once
// UTF-8, one character at a time.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fusion {

/// The character at the start of some bytes.
struct Utf8Step {
  enum class Kind { kCharacter, kBroken, kIncomplete } kind = Kind::kBroken;
  /// Bytes of the character; for the other kinds of the longest part that could have begun one (Unicode 3.9, D93b):
  /// Python and Rust write one U+FFFD for it.
  size_t length = 1;
  uint32_t code = 0;
};

/// Reads the character at the front of `bytes`, which is not empty. kIncomplete: more bytes could complete it.
Utf8Step utf8_front(std::string_view bytes);

}  // namespace fusion
