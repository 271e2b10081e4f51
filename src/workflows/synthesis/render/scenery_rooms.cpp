// Indoors: a wall, a floor, and what tells the room.

#include <array>

#include "workflows/synthesis/render/scenery.h"

namespace fusion {

namespace {

struct Room {
  Tone wall;
  Tone floor;
  bool boards = true;  ///< of the floor; else tiles
};

void room(const View& view, const Room& style) {
  paint_band(view, 0, view.ground, mix(style.wall, {1, 1, 1}, 0.04), style.wall);
  paint_band(view, view.ground, 1, style.floor, mix(style.floor, {1, 1, 1}, 0.08));
  cairo_t* const context = view.pen.context();
  const double middle = view.width * view.random.uniform(0.4, 0.6);
  for (int i = -9; i <= 9; ++i) {
    cairo_move_to(context, middle + i * 0.11, view.ground);
    cairo_line_to(context, middle + i * 0.24, 1);
  }
  const double step = style.boards ? 0.5 : 0.1;
  for (double y = view.ground + step * 0.6; y < 1; y += step) {
    cairo_move_to(context, 0, y);
    cairo_line_to(context, view.width, y);
  }
  view.pen.stroke(mix(style.floor, kInk, 0.16), 0.004);
  view.pen.rectangle(0, view.ground - 0.018, view.width, 0.022);
  view.pen.fill(mix(style.floor, {0, 0, 0}, 0.14));
}

void window(const View& view, double left, double top, double width, double height) {
  view.pen.rectangle(left - 0.012, top - 0.012, width + 0.024, height + 0.024);
  view.pen.fill(tone(206, 200, 188));
  view.pen.rectangle(left, top, width, height);
  view.pen.fill_gradient(tone(156, 196, 222), tone(198, 222, 226), top, top + height);
  view.pen.rectangle(left + width / 2 - 0.005, top, 0.01, height);
  view.pen.rectangle(left, top + height * 0.45, width, 0.01);
  view.pen.fill(tone(206, 200, 188));
}

/// `count` doors in a row, each with a knob.
void cupboards(const View& view, double top, double height, const Tone& tone_of_doors, int count, double from,
               double to) {
  const double width = (to - from) / count;
  for (int i = 0; i < count; ++i) {
    const double left = from + i * width;
    view.pen.rectangle(left + 0.004, top, width - 0.008, height);
    view.pen.fill(tone_of_doors);
    view.pen.rectangle(left + 0.022, top + 0.02, width - 0.044, height - 0.04);
    view.pen.stroke(mix(tone_of_doors, kInk, 0.22), 0.004);
    view.pen.circle(left + (i % 2 == 0 ? width - 0.016 : 0.016), top + height / 2, 0.007);
    view.pen.fill(kInk);
  }
}

void kitchen(const View& view) {
  room(view, {.wall = tone(216, 212, 196), .floor = tone(186, 180, 170), .boards = false});
  constexpr std::array kDoors = {tone(176, 194, 186), tone(206, 188, 160), tone(184, 190, 204)};
  const Tone doors = view.random.pick(kDoors);
  const double counter = view.ground - 0.16;
  for (double y = counter - 0.13; y < counter; y += 0.043) view.pen.rectangle(0, y, view.width, 0.003);
  for (double x = 0.02; x < view.width; x += 0.06) view.pen.rectangle(x, counter - 0.13, 0.003, 0.13);
  view.pen.fill(tone(196, 194, 182));
  const bool left_window = view.random.chance(0.5);
  const double split = left_window ? view.width * 0.36 : view.width * 0.64;
  window(view, left_window ? 0.05 : split + 0.05, 0.08, view.width * 0.36 - 0.1, 0.22);
  cupboards(view, 0.03, 0.25, doors, 4, left_window ? split : 0, left_window ? view.width : split);
  cupboards(view, counter, view.ground - counter, doors, 6, 0, view.width);
  paint_band(view, counter - 0.022, counter + 0.006, tone(150, 136, 126), tone(136, 122, 114));
  const double stove = view.width * view.random.uniform(0.2, 0.6);
  view.pen.rectangle(stove, counter + 0.008, 0.2, view.ground - counter - 0.01);
  view.pen.fill(tone(192, 198, 204));
  view.pen.rounded(stove + 0.025, counter + 0.055, 0.15, 0.075, 0.01);
  view.pen.fill(kInk);
  for (int i = 0; i < 4; ++i) view.pen.circle(stove + 0.04 + 0.04 * i, counter + 0.03, 0.009);
  view.pen.fill(kInk);
}

void living_room(const View& view) {
  constexpr std::array kWalls = {tone(214, 206, 190), tone(196, 208, 204), tone(212, 200, 204)};
  room(view, {.wall = view.random.pick(kWalls), .floor = tone(190, 158, 128)});
  const bool left_window = view.random.chance(0.5);
  const double x = left_window ? 0.1 : view.width - 0.38;
  window(view, x, 0.08, 0.28, 0.3);
  for (const double side : {x - 0.07, x + 0.27}) {
    view.pen.rounded(side, 0.05, 0.08, 0.42, 0.01);
    view.pen.fill(tone(186, 160, 150));
  }
  const double frame = left_window ? view.width - 0.36 : 0.12;
  view.pen.rectangle(frame, 0.12, 0.22, 0.17);
  view.pen.fill(tone(150, 124, 106));
  view.pen.rectangle(frame + 0.015, 0.135, 0.19, 0.14);
  view.pen.fill_gradient(tone(206, 214, 212), tone(160, 184, 160), 0.135, 0.275);
  const double width = view.width * 0.56;
  const double sofa = (view.width - width) * view.random.uniform(0.3, 0.7);
  constexpr std::array kCovers = {tone(134, 150, 170), tone(156, 142, 160), tone(146, 160, 140)};
  const Tone cover = view.random.pick(kCovers);
  view.pen.rounded(sofa, view.ground - 0.17, width, 0.19, 0.04);
  view.pen.fill(mix(cover, kInk, 0.12));
  for (int i = 0; i < 2; ++i) {
    view.pen.rounded(sofa + 0.04 + i * (width / 2 - 0.04), view.ground - 0.085, width / 2 - 0.045, 0.075, 0.02);
    view.pen.fill(cover);
  }
  for (const double side : {sofa - 0.03, sofa + width - 0.04}) {
    view.pen.rounded(side, view.ground - 0.12, 0.07, 0.15, 0.03);
    view.pen.fill(cover);
  }
  view.pen.ellipse(view.width / 2, (view.ground + 1.02) / 2 + 0.02, view.width * 0.42, 0.1);
  view.pen.fill(tone(206, 188, 172));
  view.pen.ellipse(view.width / 2, (view.ground + 1.02) / 2 + 0.02, view.width * 0.37, 0.08);
  view.pen.stroke(tone(176, 150, 146), 0.008);
}

void classroom(const View& view) {
  room(view, {.wall = tone(214, 208, 188), .floor = tone(200, 162, 118)});
  const double left = view.width * view.random.uniform(0.16, 0.24);
  const double width = view.width * 0.6;
  view.pen.rectangle(left - 0.018, 0.09, width + 0.036, 0.366);
  view.pen.fill(tone(178, 132, 88));
  view.pen.rectangle(left, 0.108, width, 0.33);
  view.pen.fill_gradient(tone(78, 112, 98), tone(88, 120, 106), 0.108, 0.438);
  view.pen.rectangle(left, 0.45, width, 0.016);
  view.pen.fill(tone(160, 114, 76));
  for (int i = 0; i < 3; ++i) view.pen.rounded(left + 0.05 + 0.05 * i, 0.442, 0.03, 0.009, 0.003);
  view.pen.fill(tone(214, 214, 204));
  for (const double x : {0.02, view.width - 0.15}) window(view, x, 0.12, 0.13, 0.3);
  for (int i = 0; i < 3; ++i) {
    const double x = view.width * (i + 0.5) / 3 - 0.12;
    view.pen.rectangle(x + 0.02, view.ground - 0.05, 0.014, 0.11);
    view.pen.rectangle(x + 0.206, view.ground - 0.05, 0.014, 0.11);
    view.pen.fill(tone(84, 88, 104));
    view.pen.rounded(x, view.ground - 0.075, 0.24, 0.03, 0.008);
    view.pen.fill(tone(202, 174, 140));
  }
}

void library(const View& view) {
  room(view, {.wall = tone(200, 164, 124), .floor = tone(194, 146, 100)});
  constexpr std::array kSpines = {tone(164, 104, 98), tone(76, 124, 188),  tone(104, 156, 88), tone(196, 172, 128),
                                  tone(124, 72, 96),  tone(216, 202, 156), tone(84, 92, 116)};
  constexpr int kShelves = 4;
  const double height = (view.ground - 0.03) / kShelves;
  for (int shelf = 0; shelf < kShelves; ++shelf) {
    const double foot = 0.01 + height * (shelf + 1);
    paint_band(view, foot - height, foot, tone(150, 110, 82), tone(156, 114, 80));
    double x = 0.012;
    while (x < view.width) {
      const double width = view.random.uniform(0.016, 0.036);
      const double tall = height * view.random.uniform(0.62, 0.88);
      view.pen.rectangle(x, foot - tall, width, tall);
      view.pen.fill(view.random.pick(kSpines));
      x += width + (view.random.chance(0.06) ? 0.04 : 0.002);
    }
    paint_band(view, foot, foot + 0.014, tone(190, 142, 94), tone(176, 126, 80));
  }
  for (double x = 0; x <= view.width; x += view.width / 3) view.pen.rectangle(x - 0.009, 0, 0.018, view.ground - 0.01);
  view.pen.fill(tone(180, 130, 82));
}

constexpr SceneryEntry kRooms[] = {
    {"classroom", classroom}, {"kitchen", kitchen}, {"library", library}, {"living_room", living_room}};

}  // namespace

std::span<const SceneryEntry> room_scenery() {
  return kRooms;
}

}  // namespace fusion
