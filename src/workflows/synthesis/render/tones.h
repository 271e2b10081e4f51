#pragma once
// Colours of the renderer. What it adds of its own stays away from the palette, so that nothing but a thing that was
// asked for is counted as "a black one" or "a white one".

#include <algorithm>
#include <string_view>

#include "workflows/synthesis/items/palette.h"

namespace fusion {

/// 0 to 1 each.
struct Tone {
  double red = 0;
  double green = 0;
  double blue = 0;
};

constexpr Tone tone(int red, int green, int blue) {
  return {red / 255.0, green / 255.0, blue / 255.0};
}

/// `share` of the way from one to the other.
constexpr Tone mix(const Tone& from, const Tone& to, double share) {
  return {from.red + (to.red - from.red) * share, from.green + (to.green - from.green) * share,
          from.blue + (to.blue - from.blue) * share};
}

/// Throws Error where the palette has no such colour.
inline Tone palette_tone(std::string_view name) {
  const auto& rgb = palette_color(name).rgb;
  return tone(rgb[0], rgb[1], rgb[2]);
}

inline constexpr Tone kInk = tone(62, 66, 78);       ///< outlines and dark details: between black and gray
inline constexpr Tone kPale = tone(205, 212, 220);   ///< light details: between gray and white
inline constexpr Tone kPanel = tone(213, 218, 222);  ///< paper of charts and grids
inline constexpr Tone kStalk = tone(104, 134, 92);   ///< stems: between green, gray and brown

}  // namespace fusion
