#pragma once
// The colours that have names here. Far enough apart for light, noise and JPEG not to turn one into another.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace fusion {

struct NamedColor {
  std::string_view name;
  std::array<uint8_t, 3> rgb;
};

/// red, orange, yellow, green, blue, purple, pink, brown, black, white, gray.
std::span<const NamedColor> palette();

/// Throws Error where no colour has the name.
const NamedColor& palette_color(std::string_view name);

}  // namespace fusion
