#include "workflows/synthesis/render/scenery.h"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

void plain(const View& view) {
  paint_band(view, 0, 1, view.backdrop, view.backdrop);
}

/// Two light tones of which neither could be said to be a colour of the palette.
void gradient(const View& view) {
  constexpr std::array<std::array<Tone, 2>, 6> kPairs = {{{tone(196, 216, 226), tone(226, 214, 206)},
                                                          {tone(206, 222, 198), tone(190, 212, 216)},
                                                          {tone(222, 206, 216), tone(200, 204, 226)},
                                                          {tone(224, 214, 188), tone(208, 224, 212)},
                                                          {tone(184, 204, 204), tone(216, 222, 206)},
                                                          {tone(214, 200, 190), tone(224, 220, 204)}}};
  const auto& pair = view.random.pick(kPairs);
  const double slant = view.random.uniform(-0.6, 0.6);
  const PatternPointer pattern(
      cairo_pattern_create_linear(view.width * (0.5 - slant), 0, view.width * (0.5 + slant), 1));
  cairo_pattern_add_color_stop_rgb(pattern.get(), 0, pair[0].red, pair[0].green, pair[0].blue);
  cairo_pattern_add_color_stop_rgb(pattern.get(), 1, pair[1].red, pair[1].green, pair[1].blue);
  cairo_set_source(view.pen.context(), pattern.get());
  cairo_paint(view.pen.context());
}

constexpr SceneryEntry kPlain[] = {{"gradient", gradient}, {"plain", plain}};

}  // namespace

std::span<const SceneryEntry> plain_scenery() {
  return kPlain;
}

void draw_scenery(const View& view, std::string_view setting) {
  std::vector<std::string> names;
  for (const auto& part : {plain_scenery(), nature_scenery(), town_scenery(), room_scenery()}) {
    for (const SceneryEntry& entry : part) {
      if (entry.setting == setting) return entry.draw(view);
      names.emplace_back(entry.setting);
    }
  }
  const std::string near = closest_match(setting, names);
  throw Error({.who = "the setting of a scene",
               .expected = "one that can be drawn",
               .got = cat("'", printable(setting), "'"),
               .hint = near.empty() ? "" : cat("did you mean ", near, "?")});
}

void paint_band(const View& view, double top, double bottom, const Tone& from, const Tone& to) {
  // Whole rows of pixels: of two bands that meet in one, neither would cover all of it.
  cairo_set_antialias(view.pen.context(), CAIRO_ANTIALIAS_NONE);
  view.pen.rectangle(0, top, view.width, bottom - top);
  view.pen.fill_gradient(from, to, top, bottom);
  cairo_set_antialias(view.pen.context(), CAIRO_ANTIALIAS_DEFAULT);
}

void paint_cloud(const View& view, double x, double y, double size, const Tone& tone) {
  constexpr std::array<std::array<double, 3>, 5> kPuffs = {
      {{-0.75, 0.12, 0.34}, {-0.32, -0.1, 0.46}, {0.18, -0.18, 0.52}, {0.62, 0.02, 0.4}, {0.95, 0.16, 0.26}}};
  for (const auto& [dx, dy, radius] : kPuffs) {
    view.pen.ellipse(x + dx * size, y + dy * size * 0.7, radius * size, radius * size * 0.72);
  }
  view.pen.fill(tone);
}

void paint_day_sky(const View& view, double bottom) {
  const double warmth = view.random.uniform();
  const Tone top = mix(tone(136, 186, 224), tone(150, 182, 214), warmth);
  paint_band(view, 0, bottom, top, mix(tone(196, 219, 230), tone(214, 214, 202), warmth));
  const int64_t clouds = view.random.between(1, 4);
  for (int64_t i = 0; i < clouds; ++i) {
    const double size = view.random.uniform(0.05, 0.11);
    paint_cloud(view, view.random.uniform(0, view.width), bottom * view.random.uniform(0.12, 0.62), size,
                tone(208, 219, 227));
  }
}

void paint_hills(const View& view, double top, double height, const Tone& tone, int waves) {
  cairo_t* const context = view.pen.context();
  const double step = view.width / waves;
  double y = top + view.random.uniform(0, height);
  cairo_move_to(context, 0, 1);
  cairo_line_to(context, 0, y);
  for (int i = 0; i < waves; ++i) {
    const double next = top + view.random.uniform(0, height);
    cairo_curve_to(context, (i + 0.45) * step, y, (i + 0.55) * step, next, (i + 1) * step, next);
    y = next;
  }
  cairo_line_to(context, view.width, 1);
  cairo_close_path(context);
  view.pen.fill(tone);
}

void paint_round_tree(const View& view, double x, double foot, double height, const Tone& leaves) {
  view.pen.rectangle(x - height * 0.05, foot - height * 0.5, height * 0.1, height * 0.5);
  view.pen.fill(tone(152, 112, 78));
  for (const auto& [dx, dy, radius] :
       {std::array{-0.2, -0.52, 0.22}, std::array{0.2, -0.54, 0.22}, std::array{0.0, -0.74, 0.27}}) {
    view.pen.circle(x + dx * height, foot + dy * height, radius * height);
  }
  view.pen.fill(leaves);
  view.pen.circle(x - 0.08 * height, foot - 0.78 * height, 0.14 * height);
  view.pen.fill(mix(leaves, {1, 1, 1}, 0.12));
}

void paint_fir(const View& view, double x, double foot, double height, const Tone& needles) {
  view.pen.rectangle(x - height * 0.04, foot - height * 0.2, height * 0.08, height * 0.2);
  view.pen.fill(tone(128, 96, 74));
  cairo_t* const context = view.pen.context();
  for (int i = 0; i < 3; ++i) {
    const double low = foot - height * (0.14 + 0.24 * i);
    const double half = height * (0.3 - 0.07 * i);
    cairo_move_to(context, x - half, low);
    cairo_line_to(context, x, low - height * 0.42);
    cairo_line_to(context, x + half, low);
    cairo_close_path(context);
    view.pen.fill(mix(needles, {1, 1, 1}, 0.05 * i));
  }
}

void paint_specks(const View& view, double top, double bottom, const Tone& tone, int count) {
  for (int i = 0; i < count; ++i) {
    const double near = std::sqrt(view.random.uniform());
    const double size = 0.003 + 0.004 * near;
    view.pen.ellipse(view.random.uniform(0, view.width), top + (bottom - top) * near, 1.8 * size, 0.7 * size);
  }
  view.pen.fill(tone);
}

}  // namespace fusion
