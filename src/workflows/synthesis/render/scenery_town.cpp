// Streets, a harbour, a stadium.

#include <array>

#include "workflows/synthesis/render/scenery.h"

namespace fusion {

namespace {

struct FacadeStyle {
  std::span<const Tone> walls;
  std::array<Tone, 2> windows;  ///< dark and lit
  double lit;                   ///< share of the lit ones
};

/// A row of buildings from side to side that stand on `foot`.
void facades(const View& view, double foot, const FacadeStyle& style) {
  double left = -view.random.uniform(0, 0.08);
  while (left < view.width) {
    const double width = view.random.uniform(0.13, 0.24);
    const double height = view.random.uniform(0.26, 0.5);
    view.pen.rectangle(left, foot - height, width, height);
    view.pen.fill(view.random.pick(style.walls));
    const int columns = width > 0.19 ? 4 : 3;
    const double step = width / (columns + 0.5);
    for (double y = foot - height + 0.04; y < foot - 0.08; y += 0.075) {
      for (int i = 0; i < columns; ++i) {
        view.pen.rectangle(left + step * (i + 0.45), y, step * 0.55, 0.042);
        view.pen.fill(style.windows[view.random.chance(style.lit) ? 1 : 0]);
      }
    }
    left += width + 0.004;
  }
}

/// Pavement and road below the ground line.
void road(const View& view, const Tone& pavement, const Tone& asphalt, const Tone& marks) {
  paint_band(view, view.ground - 0.02, view.ground + 0.05, pavement, pavement);
  paint_band(view, view.ground + 0.045, view.ground + 0.055, mix(pavement, kInk, 0.4), mix(pavement, kInk, 0.4));
  paint_band(view, view.ground + 0.055, 1, asphalt, mix(asphalt, {1, 1, 1}, 0.06));
  const double shift = view.random.uniform(0, 0.2);
  for (double x = -shift; x < view.width; x += 0.22) view.pen.rectangle(x, (view.ground + 1.05) / 2, 0.12, 0.016);
  view.pen.fill(marks);
}

void street(const View& view) {
  paint_day_sky(view, view.ground);
  constexpr std::array kWalls = {tone(206, 186, 168), tone(190, 172, 160), tone(214, 202, 178), tone(176, 184, 190),
                                 tone(196, 164, 148)};
  facades(view, view.ground, {.walls = kWalls, .windows = {tone(118, 144, 164), tone(206, 216, 214)}, .lit = 0.25});
  road(view, tone(190, 186, 180), tone(106, 110, 124), tone(206, 206, 192));
}

void night_street(const View& view) {
  paint_band(view, 0, view.ground, tone(44, 48, 80), tone(72, 72, 108));
  const double x = view.width * view.random.uniform(0.1, 0.9);
  const double y = view.random.uniform(0.07, 0.16);
  view.pen.glow(x, y, 0.16, tone(206, 204, 190), 0.35);
  view.pen.circle(x, y, 0.04);
  view.pen.fill(tone(222, 220, 200));
  for (int i = 0; i < 30; ++i) {
    view.pen.circle(view.random.uniform(0, view.width), view.random.uniform(0, 0.4),
                    view.random.uniform(0.0015, 0.003));
  }
  view.pen.fill(tone(190, 194, 214));
  constexpr std::array kWalls = {tone(66, 64, 92), tone(78, 70, 94), tone(58, 64, 90)};
  facades(view, view.ground, {.walls = kWalls, .windows = {tone(48, 52, 78), tone(232, 206, 136)}, .lit = 0.45});
  road(view, tone(88, 86, 104), tone(66, 68, 88), tone(150, 150, 158));
}

void harbour(const View& view) {
  const double horizon = view.ground - 0.26;
  paint_day_sky(view, horizon);
  paint_band(view, horizon, view.ground + 0.02, tone(118, 168, 190), tone(94, 144, 172));
  cairo_t* const context = view.pen.context();
  for (int i = 0; i < 14; ++i) {
    view.pen.rounded(view.random.uniform(0, view.width), view.random.uniform(horizon + 0.03, view.ground - 0.02),
                     view.random.uniform(0.04, 0.14), 0.004, 0.002);
  }
  view.pen.fill(tone(160, 198, 208));
  const double left = view.width * (view.random.chance(0.5) ? 0.04 : 0.72);
  view.pen.rectangle(left, horizon - 0.012, view.width * 0.24, 0.014);
  view.pen.fill(tone(150, 158, 150));
  for (const double offset : {0.03, 0.1, 0.17}) {
    const double x = left + offset * view.width;
    const double top = horizon - view.random.uniform(0.14, 0.2);
    cairo_move_to(context, x, horizon - 0.01);
    cairo_line_to(context, x, top);
    cairo_line_to(context, x + 0.09, top + 0.012);
    cairo_move_to(context, x + 0.075, top + 0.01);
    cairo_line_to(context, x + 0.075, top + 0.06);
    view.pen.stroke(tone(108, 118, 138), 0.008);
  }
  for (double x = view.random.uniform(0, 0.1); x < view.width; x += 0.2)
    view.pen.rectangle(x, view.ground - 0.05, 0.03, 0.1);
  view.pen.fill(tone(132, 116, 108));
  paint_band(view, view.ground, 1, tone(190, 172, 150), tone(176, 154, 130));
  for (double y = view.ground + 0.06; y < 1; y += 0.075) view.pen.rectangle(0, y, view.width, 0.005);
  view.pen.fill(tone(150, 132, 114));
}

void stadium(const View& view) {
  paint_band(view, 0, 0.3, tone(150, 190, 222), tone(204, 222, 232));
  const double stands = 0.2;
  paint_band(view, stands, view.ground - 0.03, tone(150, 154, 170), tone(168, 170, 182));
  constexpr std::array kCrowd = {tone(204, 170, 160), tone(170, 180, 206), tone(206, 198, 166), tone(112, 116, 138)};
  for (double y = stands + 0.025; y < view.ground - 0.05; y += 0.028) {
    for (double x = view.random.uniform(0, 0.02); x < view.width; x += 0.026) {
      view.pen.circle(x + view.random.uniform(0, 0.006), y, 0.009);
      view.pen.fill(view.random.pick(kCrowd));
    }
  }
  paint_band(view, view.ground - 0.035, view.ground, tone(196, 204, 212), tone(184, 192, 202));
  paint_band(view, stands - 0.03, stands, tone(112, 118, 134), tone(112, 118, 134));
  paint_band(view, view.ground, 1, tone(148, 188, 128), tone(148, 188, 128));
  const double vanish = view.width * view.random.uniform(0.4, 0.6);
  cairo_t* const context = view.pen.context();
  for (int i = -6; i <= 6; i += 2) {
    cairo_move_to(context, vanish + (i - 0.5) * 0.12, view.ground);
    cairo_line_to(context, vanish + (i + 0.5) * 0.12, view.ground);
    cairo_line_to(context, vanish + (i + 0.5) * 0.24, 1);
    cairo_line_to(context, vanish + (i - 0.5) * 0.24, 1);
    cairo_close_path(context);
  }
  view.pen.fill(tone(136, 178, 118));
  view.pen.rectangle(0, view.ground + 0.035, view.width, 0.007);
  view.pen.fill(tone(214, 224, 208));
  view.pen.ellipse(vanish, 1, 0.3, 0.16);
  view.pen.stroke(tone(214, 224, 208), 0.009);
}

constexpr SceneryEntry kTown[] = {
    {"harbour", harbour}, {"night_street", night_street}, {"stadium", stadium}, {"street", street}};

}  // namespace

std::span<const SceneryEntry> town_scenery() {
  return kTown;
}

}  // namespace fusion
