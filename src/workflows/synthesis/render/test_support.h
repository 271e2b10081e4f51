#pragma once
// What the tests of drawn pictures share: scenes of a few words, and an eye that knows nothing of how they were drawn.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/preprocess/picture.h"
#include "workflows/synthesis/items/palette.h"
#include "workflows/synthesis/items/scene.h"
#include "workflows/synthesis/render/renderer.h"

namespace fusion {

inline Scene plain_scene(std::string backdrop = "white", uint64_t look_seed = 1) {
  Scene scene;
  scene.setting = "plain";
  scene.backdrop = std::move(backdrop);
  scene.look_seed = look_seed;
  return scene;
}

inline ObjectGroup group_of(std::string look, std::string color, std::vector<Placement> places) {
  ObjectGroup group;
  group.look = std::move(look);
  group.color = std::move(color);
  group.places = std::move(places);
  return group;
}

inline std::shared_ptr<const Catalogue> small_catalogue() {
  static const auto catalogue = Catalogue::open();
  return catalogue;
}

inline int distance_squared(const uint8_t* pixel, const std::array<uint8_t, 3>& color) {
  int sum = 0;
  for (size_t c = 0; c < 3; ++c) sum += (pixel[c] - color[c]) * (pixel[c] - color[c]);
  return sum;
}

/// Whether the pixel is nearer to the palette colour than to any other, and within 45 units of it.
inline bool has_color(const uint8_t* pixel, const NamedColor& color) {
  const int own = distance_squared(pixel, color.rgb);
  return own < 45 * 45 &&
         std::ranges::all_of(
             palette(), [&](const NamedColor& other) { return distance_squared(pixel, other.rgb) >= own; });
}

/// A connected area of one colour: its pixels and the rectangle around them, in pixels.
struct ColoredArea {
  int64_t pixels = 0;
  int64_t left = 0;
  int64_t right = 0;
  int64_t top = 0;
  int64_t bottom = 0;

  void take(int64_t x, int64_t y) {
    left = pixels == 0 ? x : std::min(left, x);
    right = pixels == 0 ? x : std::max(right, x);
    top = pixels == 0 ? y : std::min(top, y);
    bottom = pixels == 0 ? y : std::max(bottom, y);
    ++pixels;
  }
};

/// The connected areas of a colour, leaving out those below `least` pixels.
inline std::vector<ColoredArea> colored_areas(const Picture& picture, const NamedColor& color, int64_t least) {
  std::vector<bool> open(static_cast<size_t>(picture.width * picture.height));
  for (size_t i = 0; i < open.size(); ++i) open[i] = has_color(picture.pixels.data() + 3 * i, color);
  std::vector<ColoredArea> areas;
  std::vector<int64_t> waiting;
  for (size_t begin = 0; begin < open.size(); ++begin) {
    ColoredArea area;
    const auto visit = [&](int64_t at) {
      if (!open[static_cast<size_t>(at)]) return;
      open[static_cast<size_t>(at)] = false;
      waiting.push_back(at);
      area.take(at % picture.width, at / picture.width);
    };
    visit(static_cast<int64_t>(begin));
    while (!waiting.empty()) {
      const int64_t at = waiting.back();
      waiting.pop_back();
      if (at % picture.width > 0) visit(at - 1);
      if (at % picture.width + 1 < picture.width) visit(at + 1);
      if (at >= picture.width) visit(at - picture.width);
      if (at + picture.width < picture.width * picture.height) visit(at + picture.width);
    }
    if (area.pixels >= least) areas.push_back(area);
  }
  return areas;
}

/// Their numbers of pixels alone.
inline std::vector<int64_t> areas_of(const Picture& picture, const NamedColor& color, int64_t least) {
  std::vector<int64_t> pixels;
  for (const ColoredArea& area : colored_areas(picture, color, least)) pixels.push_back(area.pixels);
  return pixels;
}

}  // namespace fusion
