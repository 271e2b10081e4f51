#pragma once
// Backgrounds. Muted throughout, and clear of the palette, for the things in front of them to stand out.

#include <span>
#include <string_view>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/render/pen.h"

namespace fusion {

/// What a background is drawn on: 1 high and `width` wide, the left upper corner at (0, 0).
struct View {
  Pen& pen;
  RandomSource& random;
  double width;
  double ground;  ///< height at which its ground begins, 1 where there is none
  Tone backdrop;  ///< of a background of one colour
};

using DrawScenery = void (*)(const View&);
struct SceneryEntry {
  std::string_view setting;  ///< id of SettingFacts
  DrawScenery draw;
};

/// Draws the setting. Throws Error where there is none of the name.
void draw_scenery(const View& view, std::string_view setting);

std::span<const SceneryEntry> plain_scenery();
std::span<const SceneryEntry> nature_scenery();
std::span<const SceneryEntry> town_scenery();
std::span<const SceneryEntry> room_scenery();

/// Parts that several of them have.
void paint_band(const View& view, double top, double bottom, const Tone& from, const Tone& to);
void paint_day_sky(const View& view, double bottom);
void paint_cloud(const View& view, double x, double y, double size, const Tone& tone);
/// A line of hills from side to side, filled down to the picture's lower end.
void paint_hills(const View& view, double top, double height, const Tone& tone, int waves);
void paint_round_tree(const View& view, double x, double foot, double height, const Tone& leaves);
void paint_fir(const View& view, double x, double foot, double height, const Tone& needles);
/// Small marks all over a band, fewer and smaller towards its upper end.
void paint_specks(const View& view, double top, double bottom, const Tone& tone, int count);

}  // namespace fusion
