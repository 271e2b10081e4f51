// Land and water, sky and space.

#include <array>
#include <cmath>
#include <numbers>

#include "workflows/synthesis/render/scenery.h"

namespace fusion {

namespace {

void sun(const View& view, double bottom) {
  const double x =
      view.width * (view.random.chance(0.5) ? view.random.uniform(0.1, 0.3) : view.random.uniform(0.7, 0.9));
  const double y = bottom * view.random.uniform(0.16, 0.3);
  view.pen.glow(x, y, 0.24, tone(250, 232, 172), 0.7);
  view.pen.circle(x, y, 0.055);
  view.pen.fill(tone(250, 236, 168));
}

void beach(const View& view) {
  const double horizon = view.ground - view.random.uniform(0.14, 0.2);
  paint_day_sky(view, horizon);
  sun(view, horizon);
  paint_band(view, horizon, view.ground + 0.08, tone(92, 158, 186), tone(140, 202, 204));
  for (int i = 0; i < 9; ++i) {
    const double y = view.random.uniform(horizon + 0.02, view.ground - 0.02);
    const double x = view.random.uniform(0, view.width);
    view.pen.rounded(x, y, view.random.uniform(0.05, 0.16), 0.005, 0.002);
  }
  view.pen.fill(tone(176, 214, 214));
  paint_hills(view, view.ground - 0.012, 0.026, tone(222, 224, 206), 4);
  paint_hills(view, view.ground + 0.008, 0.02, tone(228, 206, 158), 4);
  paint_band(view, view.ground + 0.06, 1, tone(228, 206, 158), tone(216, 188, 138));
  paint_specks(view, view.ground + 0.05, 1, tone(200, 172, 124), 90);
}

void desert(const View& view) {
  paint_band(view, 0, 0.7, tone(158, 196, 214), tone(236, 218, 188));
  sun(view, view.ground);
  paint_hills(view, view.ground - 0.1, 0.07, tone(218, 178, 132), 2);
  paint_hills(view, view.ground - 0.03, 0.06, tone(226, 190, 142), 2);
  for (const double side : {view.random.uniform(0.03, 0.14), view.random.uniform(0.86, 0.97)}) {
    const double x = side * view.width;
    const double foot = view.ground + 0.03;
    view.pen.rounded(x - 0.016, foot - 0.17, 0.032, 0.17, 0.016);
    view.pen.rounded(x - 0.055, foot - 0.12, 0.02, 0.06, 0.01);
    view.pen.rounded(x - 0.055, foot - 0.075, 0.05, 0.02, 0.01);
    view.pen.rounded(x + 0.034, foot - 0.14, 0.02, 0.07, 0.01);
    view.pen.rounded(x, foot - 0.09, 0.05, 0.02, 0.01);
    view.pen.fill(tone(104, 160, 92));
  }
  paint_hills(view, view.ground + 0.02, 0.04, tone(232, 200, 152), 3);
  paint_band(view, view.ground + 0.12, 1, tone(232, 200, 152), tone(220, 180, 130));
  paint_specks(view, view.ground + 0.1, 1, tone(204, 166, 120), 70);
}

void forest(const View& view) {
  paint_band(view, 0, view.ground + 0.05, tone(178, 204, 192), tone(208, 220, 192));
  for (int row = 0; row < 3; ++row) {
    const double foot = view.ground - 0.06 + 0.035 * row;
    const Tone leaves = mix(tone(158, 200, 128), tone(84, 148, 76), row / 2.0);
    const int trees = 9 - row;
    for (int i = 0; i <= trees; ++i) {
      const double x = view.width * (i + view.random.uniform(-0.3, 0.3)) / trees;
      const double height = view.random.uniform(0.3, 0.46) + 0.06 * row;
      view.random.chance(0.5) ? paint_fir(view, x, foot, height, leaves)
                              : paint_round_tree(view, x, foot, height, leaves);
    }
  }
  paint_hills(view, view.ground - 0.02, 0.03, tone(152, 190, 104), 5);
  paint_band(view, view.ground + 0.06, 1, tone(152, 190, 104), tone(164, 188, 100));
  paint_specks(view, view.ground + 0.04, 1, tone(132, 168, 84), 110);
}

void meadow(const View& view, const Tone& far, const Tone& near) {
  paint_hills(view, view.ground - 0.015, 0.025, far, 4);
  paint_band(view, view.ground + 0.04, 1, far, near);
  paint_specks(view, view.ground + 0.03, 1, mix(near, kInk, 0.12), 110);
}

void park(const View& view) {
  paint_day_sky(view, view.ground);
  sun(view, view.ground);
  paint_hills(view, view.ground - 0.09, 0.05, tone(164, 204, 140), 4);
  meadow(view, tone(166, 202, 138), tone(152, 198, 110));
  for (const double place : {0.06, 0.22, 0.78, 0.95}) {
    const double x = view.width * (place + view.random.uniform(-0.05, 0.05));
    paint_round_tree(view, x, view.ground + view.random.uniform(0, 0.04), view.random.uniform(0.24, 0.36),
                     mix(tone(104, 164, 92), tone(124, 178, 98), view.random.uniform()));
  }
  const double bend = view.random.uniform(0.35, 0.65) * view.width;
  cairo_t* const context = view.pen.context();
  cairo_move_to(context, bend, view.ground + 0.02);
  cairo_curve_to(context, bend + 0.1, 0.75, bend - 0.2, 0.85, bend - 0.25, 1);
  cairo_line_to(context, bend + 0.15, 1);
  cairo_curve_to(context, bend + 0.05, 0.85, bend + 0.2, 0.75, bend + 0.03, view.ground + 0.02);
  view.pen.fill(tone(218, 204, 172));
}

void garden(const View& view) {
  paint_band(view, 0, view.ground, tone(154, 198, 226), tone(214, 228, 226));
  view.pen.glow(view.width * view.random.uniform(0, 1), 0, 0.5, tone(250, 240, 206), 0.8);
  for (int i = 0; i < 9; ++i) {
    view.pen.circle(view.width * (i + view.random.uniform(0, 0.6)) / 8, view.ground - 0.1,
                    view.random.uniform(0.07, 0.12));
  }
  view.pen.rectangle(0, view.ground - 0.1, view.width, 0.12);
  view.pen.fill(tone(118, 178, 98));
  for (double x = 0.02; x < view.width; x += 0.075) {
    view.pen.rounded(x, view.ground - 0.11, 0.045, 0.14, 0.02);
  }
  view.pen.rectangle(0, view.ground - 0.075, view.width, 0.02);
  view.pen.rectangle(0, view.ground - 0.015, view.width, 0.02);
  view.pen.fill(tone(216, 206, 186));
  meadow(view, tone(164, 202, 138), tone(152, 198, 110));
  constexpr std::array kPetals = {tone(224, 160, 170), tone(228, 206, 140), tone(186, 160, 206), tone(222, 176, 140)};
  for (int i = 0; i < 46; ++i) {
    const double x = view.width * view.random.uniform();
    const double y = view.ground + view.random.uniform(0.015, 0.075);
    view.pen.rectangle(x - 0.002, y, 0.004, 0.03);
    view.pen.fill(kStalk);
    view.pen.circle(x, y, view.random.uniform(0.009, 0.014));
    view.pen.fill(view.random.pick(kPetals));
  }
}

void farm(const View& view) {
  paint_day_sky(view, view.ground);
  sun(view, view.ground);
  paint_hills(view, view.ground - 0.07, 0.04, tone(176, 200, 148), 3);
  cairo_t* const context = view.pen.context();
  const double left = view.width * (view.random.chance(0.5) ? 0.06 : 0.64);
  const double foot = view.ground + 0.02;
  view.pen.rectangle(left, foot - 0.17, 0.3, 0.17);
  view.pen.fill(tone(170, 104, 96));
  cairo_move_to(context, left - 0.02, foot - 0.16);
  cairo_line_to(context, left + 0.05, foot - 0.26);
  cairo_line_to(context, left + 0.15, foot - 0.3);
  cairo_line_to(context, left + 0.25, foot - 0.26);
  cairo_line_to(context, left + 0.32, foot - 0.16);
  view.pen.fill(tone(148, 106, 104));
  view.pen.rectangle(left + 0.1, foot - 0.11, 0.1, 0.11);
  view.pen.fill(tone(206, 184, 170));
  for (const double x : {left + 0.1, left + 0.2}) {
    cairo_move_to(context, x, foot - 0.11);
    cairo_line_to(context, 2 * left + 0.3 - x, foot);
  }
  view.pen.stroke(tone(150, 92, 86), 0.008);
  meadow(view, tone(192, 200, 132), tone(170, 186, 116));
  const double vanish = view.width * view.random.uniform(0.3, 0.7);
  for (int i = -7; i <= 7; ++i) {
    cairo_move_to(context, vanish + i * 0.07, view.ground + 0.05);
    cairo_line_to(context, vanish + i * 0.2 - 0.015, 1);
    cairo_line_to(context, vanish + i * 0.2 + 0.03, 1);
    cairo_close_path(context);
  }
  view.pen.fill(tone(160, 166, 108));
}

void mountains(const View& view) {
  paint_day_sky(view, view.ground);
  cairo_t* const context = view.pen.context();
  const std::array<Tone, 2> rock = {tone(160, 172, 190), tone(124, 136, 156)};
  for (int row = 0; row < 2; ++row) {
    const int peaks = 3 + row;
    for (int i = 0; i < peaks; ++i) {
      const double x = view.width * (i + 0.5 + view.random.uniform(-0.3, 0.3)) / peaks;
      const double top = view.ground - view.random.uniform(0.34, 0.46) + 0.14 * row;
      const double half = 0.3;
      cairo_move_to(context, x - half, view.ground + 0.02);
      cairo_line_to(context, x, top);
      cairo_line_to(context, x + half, view.ground + 0.02);
      view.pen.fill(rock[static_cast<size_t>(row)]);
      const double cap = 0.27 * (view.ground + 0.02 - top);
      const double reach = half * 0.27;
      cairo_move_to(context, x, top);
      cairo_line_to(context, x + reach, top + cap);
      cairo_line_to(context, x + reach * 0.4, top + cap * 0.75);
      cairo_line_to(context, x, top + cap * 1.15);
      cairo_line_to(context, x - reach * 0.45, top + cap * 0.75);
      cairo_line_to(context, x - reach, top + cap);
      view.pen.fill(tone(224, 232, 238));
    }
  }
  paint_hills(view, view.ground - 0.06, 0.05, tone(134, 164, 132), 4);
  meadow(view, tone(164, 192, 138), tone(156, 188, 128));
}

void snow(const View& view) {
  paint_band(view, 0, view.ground + 0.05, tone(166, 186, 206), tone(212, 220, 228));
  for (int i = 0; i < 9; ++i) {
    paint_fir(view, view.width * (i + view.random.uniform(-0.2, 0.6)) / 8, view.ground - 0.02,
              view.random.uniform(0.16, 0.3), tone(136, 164, 162));
  }
  paint_hills(view, view.ground - 0.05, 0.05, tone(218, 227, 235), 3);
  paint_hills(view, view.ground + 0.02, 0.06, tone(226, 234, 240), 2);
  paint_band(view, view.ground + 0.14, 1, tone(226, 234, 240), tone(212, 222, 232));
  for (int i = 0; i < 60; ++i) {
    view.pen.circle(view.random.uniform(0, view.width), view.random.uniform(0, view.ground),
                    view.random.uniform(0.003, 0.006));
  }
  view.pen.fill(tone(232, 238, 243));
}

void sky(const View& view) {
  paint_band(view, 0, 1, tone(120, 176, 222), tone(198, 222, 234));
  for (int i = 0; i < 7; ++i) {
    const double y = (i + view.random.uniform(0.2, 0.8)) / 7;
    paint_cloud(view, view.random.uniform(-0.05, view.width), y, view.random.uniform(0.06, 0.13), tone(208, 220, 228));
  }
}

void space(const View& view) {
  paint_band(view, 0, 1, tone(38, 40, 74), tone(56, 46, 88));
  view.pen.glow(view.random.uniform(0, view.width), view.random.uniform(0, 1), 0.5, tone(92, 78, 126), 0.7);
  view.pen.glow(view.random.uniform(0, view.width), view.random.uniform(0, 1), 0.4, tone(60, 86, 128), 0.7);
  for (int i = 0; i < 110; ++i) {
    view.pen.circle(view.random.uniform(0, view.width), view.random.uniform(), view.random.uniform(0.001, 0.004));
  }
  view.pen.fill(tone(206, 208, 226));
  const double x = view.width * (view.random.chance(0.5) ? view.random.uniform(0, 0.08) : view.random.uniform(0.92, 1));
  const double y = view.random.chance(0.5) ? view.random.uniform(0, 0.08) : view.random.uniform(0.92, 1);
  view.pen.circle(x, y, 0.16);
  view.pen.fill_gradient(tone(190, 140, 108), tone(128, 84, 90), y - 0.16, y + 0.16);
}

void underwater(const View& view) {
  paint_band(view, 0, 1, tone(108, 192, 208), tone(40, 108, 148));
  cairo_t* const context = view.pen.context();
  for (int i = 0; i < 5; ++i) {
    const double x = view.width * (i + view.random.uniform(0, 0.8)) / 5;
    cairo_move_to(context, x, 0);
    cairo_line_to(context, x + 0.09, 0);
    cairo_line_to(context, x - 0.05, 1);
    cairo_line_to(context, x - 0.26, 1);
    cairo_close_path(context);
  }
  view.pen.fill(tone(170, 214, 214), 0.16);
  for (int i = 0; i < 14; ++i) {
    const double x = view.width * (i + view.random.uniform(0, 1)) / 14;
    const double height = view.random.uniform(0.06, 0.2);
    const double sway = view.random.uniform(-0.04, 0.04);
    cairo_move_to(context, x, 1);
    cairo_curve_to(context, x + sway, 1 - height * 0.4, x - sway, 1 - height * 0.7, x + sway, 1 - height);
    view.pen.stroke(tone(36, 124, 104), 0.014);
  }
  paint_hills(view, 0.92, 0.03, tone(216, 196, 128), 3);
  for (int i = 0; i < 22; ++i) {
    const double x = view.random.uniform(0, view.width);
    view.pen.circle(x, view.random.uniform(0, 0.9), view.random.uniform(0.005, 0.014));
    view.pen.stroke(tone(188, 222, 224), 0.003);
  }
}

void cave(const View& view) {
  paint_band(view, 0, 1, tone(92, 88, 98), tone(104, 98, 104));
  const double x = view.width * view.random.uniform(0.35, 0.65);
  view.pen.glow(x, view.ground - 0.18, 0.5, tone(186, 178, 160), 0.7);
  cairo_t* const context = view.pen.context();
  for (const bool above : {true, false}) {
    for (int i = 0; i < 13; ++i) {
      const double at = view.width * (i + view.random.uniform(-0.2, 0.7)) / 12;
      const double half = view.random.uniform(0.03, 0.06);
      const double length = view.random.uniform(0.05, above ? 0.2 : 0.1);
      const double foot = above ? 0 : view.ground + 0.03;
      cairo_move_to(context, at - half, foot);
      cairo_line_to(context, at + half * 0.2, above ? length : foot - length);
      cairo_line_to(context, at + half, foot);
      cairo_close_path(context);
    }
    view.pen.fill(above ? tone(76, 73, 84) : tone(84, 80, 90));
  }
  paint_hills(view, view.ground, 0.03, tone(88, 84, 92), 6);
  paint_band(view, view.ground + 0.05, 1, tone(88, 84, 92), tone(100, 94, 98));
  paint_specks(view, view.ground + 0.05, 1, tone(78, 74, 84), 60);
}

constexpr SceneryEntry kNature[] = {{"beach", beach},         {"cave", cave},     {"desert", desert},
                                    {"farm", farm},           {"forest", forest}, {"garden", garden},
                                    {"mountains", mountains}, {"park", park},     {"sky", sky},
                                    {"snow", snow},           {"space", space},   {"underwater", underwater}};

}  // namespace

std::span<const SceneryEntry> nature_scenery() {
  return kNature;
}

}  // namespace fusion
