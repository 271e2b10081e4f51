// Small drawings of everyday things that may have any colour.

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "workflows/synthesis/render/drawn_looks.h"

namespace fusion {

namespace {

/// Folds and bands: dark enough to be seen, near enough for the thing to stay in one piece of one colour.
Tone shade(const DrawnStyle& style) {
  constexpr double kFar = 30 / 255.0;
  const double distance =
      std::hypot(style.color.red - kInk.red, style.color.green - kInk.green, style.color.blue - kInk.blue);
  return mix(style.color, kInk, std::min(0.2, kFar / std::max(distance, kFar)));
}
void fold(Pen& pen, const DrawnStyle& style, std::string_view path, double width = 2) {
  pen.path(path);
  pen.stroke(shade(style), width);
}
void ink_line(Pen& pen, std::string_view path, double width) {
  pen.path(path);
  pen.stroke(kInk, width);
}
void wheel(Pen& pen, double x, double y, double radius) {
  pen.circle(x, y, radius);
  pen.fill(kInk);
  pen.circle(x, y, radius * 0.4);
  pen.fill(kPale);
}

void balloon(Pen& pen, const DrawnStyle& style) {
  ink_line(pen, "M 50 80 C 44 86 56 91 50 98", 1.8);
  pen.path("M 50 76 L 56 84 L 44 84 Z");
  pen.path("M 50 3 C 72 3 83 20 83 38 C 83 60 64 78 50 79 C 36 78 17 60 17 38 C 17 20 28 3 50 3 Z");
  fill_body(pen, style);
  pen.area("M 30 20 C 24 28 24 36 26 42 C 29 36 31 28 36 21 C 37 17 33 16 30 20 Z", mix(style.color, {1, 1, 1}, 0.5));
}

void bell(Pen& pen, const DrawnStyle& style) {
  pen.circle(50, 87, 9);
  pen.fill(kInk);
  pen.circle(50, 11, 7);
  pen.path("M 50 11 C 73 14 75 36 77 54 C 78 66 84 72 92 82 L 8 82 C 16 72 22 66 23 54 C 25 36 27 14 50 11 Z");
  fill_body(pen, style);
  fold(pen, style, "M 22 68 C 40 73 60 73 78 68", 3);
}

void boat(Pen& pen, const DrawnStyle& style) {
  pen.rectangle(46, 6, 6, 64);
  pen.path("M 51 8 C 74 24 86 42 90 58 L 51 58 Z");
  pen.path("M 47 18 L 47 58 L 14 58 C 20 44 32 28 47 18 Z");
  pen.path("M 5 68 L 95 68 C 92 80 86 88 78 92 L 22 92 C 14 88 8 80 5 68 Z");
  fill_body(pen, style);
  fold(pen, style, "M 52 12 L 52 64", 2);
  fold(pen, style, "M 18 79 L 82 79", 3);
}

void book(Pen& pen, const DrawnStyle& style) {
  pen.path("M 22 88 L 84 88 L 84 95 L 22 95 C 14 95 14 84 22 84 Z");
  pen.fill(kInk);
  pen.path("M 22 84 L 82 84 L 82 92 L 22 92 C 17 92 17 84 22 84 Z");
  pen.fill(kPale);
  pen.rounded(16, 6, 68, 80, 5);
  fill_body(pen, style);
  fold(pen, style, "M 27 8 L 27 84", 2.4);
  pen.rounded(38, 22, 36, 17, 2);
  pen.fill(kPale);
  ink_line(pen, "M 44 28 L 68 28 M 47 34 L 65 34", 2);
}

void bus(Pen& pen, const DrawnStyle& style) {
  pen.rounded(3, 18, 94, 60, 9);
  fill_body(pen, style);
  for (const double left : {11.0, 31.0, 51.0}) {
    pen.rounded(left, 28, 16, 17, 2);
    pen.fill(kPale);
  }
  pen.rounded(72, 28, 16, 36, 2);
  pen.fill(kPale);
  ink_line(pen, "M 80 29 L 80 63", 1.6);
  fold(pen, style, "M 8 56 L 66 56", 3);
  wheel(pen, 25, 78, 10);
  wheel(pen, 75, 78, 10);
}

void car(Pen& pen, const DrawnStyle& style) {
  pen.path(
      "M 4 66 C 4 52 12 48 24 46 L 35 28 C 37 25 40 24 44 24 L 62 24 C 66 24 69 25 71 28 L 84 45 "
      "C 93 47 97 51 97 60 L 97 70 C 97 74 95 75 92 75 L 8 75 C 5 75 4 73 4 70 Z");
  fill_body(pen, style);
  pen.area("M 42 31 L 52 31 L 52 45 L 33 45 Z", kPale);
  pen.area("M 57 31 L 63 31 C 65 31 66 32 67 33 L 75 45 L 57 45 Z", kPale);
  fold(pen, style, "M 54 48 L 54 72", 1.6);
  ink_line(pen, "M 58 53 L 64 53", 2.2);
  pen.rounded(90, 54, 6, 7, 2);
  pen.fill(kPale);
  wheel(pen, 25, 75, 11);
  wheel(pen, 76, 75, 11);
}

void chair(Pen& pen, const DrawnStyle& style) {
  pen.rounded(24, 4, 9, 54, 3);
  pen.rounded(67, 4, 9, 54, 3);
  pen.rectangle(28, 9, 44, 14);
  pen.rectangle(28, 29, 44, 11);
  pen.path("M 27 48 L 73 48 L 84 63 L 84 70 L 16 70 L 16 63 Z");
  pen.rectangle(17, 64, 9, 33);
  pen.rectangle(74, 64, 9, 33);
  pen.rectangle(31, 64, 7, 21);
  pen.rectangle(62, 64, 7, 21);
  fill_body(pen, style);
  fold(pen, style, "M 19 63.5 L 81 63.5", 2);
}

void cup(Pen& pen, const DrawnStyle& style) {
  pen.path("M 66 36 C 100 30 100 80 64 72 L 65 62 C 84 66 84 42 66 46 Z");
  pen.path("M 10 22 L 72 22 L 70 78 C 69 88 64 92 56 92 L 26 92 C 18 92 13 88 12 78 Z");
  pen.ellipse(41, 22, 31, 8);
  fill_body(pen, style);
  pen.ellipse(41, 22, 26, 5);
  pen.fill(kInk);
}

void fish(Pen& pen, const DrawnStyle& style) {
  pen.path("M 42 28 C 50 12 62 12 68 18 C 62 22 60 28 60 34 Z");
  pen.path("M 44 72 C 50 74 56 74 60 70 C 60 78 56 86 48 88 C 46 82 44 78 44 72 Z");
  pen.path("M 5 52 C 18 22 54 18 76 44 L 96 26 C 91 42 91 62 96 78 L 76 60 C 54 84 18 80 5 52 Z");
  fill_body(pen, style);
  fold(pen, style, "M 34 32 C 42 44 42 60 34 72", 2.4);
  fold(pen, style, "M 52 44 C 56 48 56 54 52 58 M 62 46 C 66 50 66 54 62 58", 2);
  pen.circle(22, 46, 5.5);
  pen.fill(kPale);
  pen.circle(21, 46, 2.8);
  pen.fill(kInk);
}

void flower(Pen& pen, const DrawnStyle& style) {
  pen.path("M 50 66 C 51 78 50 88 49 98");
  pen.stroke(kStalk, 4);
  pen.area("M 50 92 C 58 78 70 78 76 82 C 70 92 60 96 50 92 Z", kStalk);
  for (const auto& [x, y] :
       {std::pair{50.0, 15.0}, {71.0, 27.0}, {71.0, 51.0}, {50.0, 63.0}, {29.0, 51.0}, {29.0, 27.0}}) {
    pen.circle(x, y, 14.5);
  }
  pen.circle(50, 39, 20);
  fill_body(pen, style);
  pen.circle(50, 39, 9.5);
  pen.fill(kInk);
  pen.circle(50, 39, 7.5);
  pen.fill(kPale);
}

void hat(Pen& pen, const DrawnStyle& style) {
  pen.ellipse(50, 74, 47, 14);
  pen.path("M 24 72 C 24 50 26 34 30 24 C 34 14 44 20 50 20 C 56 20 66 14 70 24 C 74 34 76 50 76 72 Z");
  fill_body(pen, style);
  fold(pen, style, "M 25 66 C 38 74 62 74 75 66", 7);
  pen.area("M 72 66 C 76 50 82 40 88 36 C 90 46 86 58 77 68 Z", kPale);
  fold(pen, style, "M 50 21 C 48 26 48 30 50 34", 2);
}

void house(Pen& pen, const DrawnStyle& style) {
  pen.rectangle(68, 14, 11, 26);
  pen.rectangle(15, 44, 70, 50);
  pen.path("M 50 6 L 96 50 L 4 50 Z");
  fill_body(pen, style);
  fold(pen, style, "M 17 51.5 L 83 51.5", 3);
  pen.rounded(43, 66, 15, 28, 2);
  pen.fill(kInk);
  pen.circle(54, 81, 1.6);
  pen.fill(kPale);
  for (const double left : {22.0, 64.0}) {
    pen.rectangle(left, 60, 15, 14);
    pen.fill(kPale);
    pen.rectangle(left, 60, 15, 14);
    pen.stroke(kInk, 1.4);
  }
}

void key(Pen& pen, const DrawnStyle& style) {
  pen.rounded(44, 43, 53, 13, 3);
  pen.rectangle(72, 50, 9, 20);
  pen.rectangle(87, 50, 9, 25);
  pen.circle(27, 50, 24);
  pen.hole(22, 50, 9);
  fill_body(pen, style);
  fold(pen, style, "M 54 49.5 L 92 49.5", 2);
}

void kite(Pen& pen, const DrawnStyle& style) {
  ink_line(pen, "M 50 70 C 44 78 58 82 50 88 C 44 92 52 96 56 97", 1.8);
  pen.area("M 52 82 L 44 78 L 45 87 Z M 52 82 L 60 79 L 58 87 Z", kPale);
  pen.path("M 50 3 L 84 32 L 50 73 L 16 32 Z");
  fill_body(pen, style);
  fold(pen, style, "M 50 8 L 50 68", 2);
  fold(pen, style, "M 22 32 L 78 32", 2);
}

void lamp(Pen& pen, const DrawnStyle& style) {
  pen.rectangle(47, 54, 6, 36);
  pen.fill(kInk);
  pen.path("M 28 94 C 28 86 72 86 72 94 C 72 97 28 97 28 94 Z");
  pen.fill(kInk);
  pen.path("M 34 5 L 66 5 L 92 58 L 8 58 Z");
  fill_body(pen, style);
  fold(pen, style, "M 30 18 L 70 18 M 15 52 L 85 52", 2.4);
  ink_line(pen, "M 62 61 L 62 70", 1.8);
}

void leaf(Pen& pen, const DrawnStyle& style) {
  ink_line(pen, "M 46 84 C 46 90 44 94 40 98", 4);
  pen.path("M 56 3 C 88 26 90 66 46 88 C 8 68 14 24 56 3 Z");
  fill_body(pen, style);
  fold(pen, style, "M 55 20 C 56 44 52 66 47 82", 2.6);
  fold(pen, style, "M 55 40 L 68 32 M 54 54 L 70 47 M 51 68 L 64 62 M 55 42 L 38 36 M 53 56 L 32 50 M 50 70 L 34 65",
       2);
}

void mushroom(Pen& pen, const DrawnStyle& style) {
  pen.path("M 37 52 C 40 68 36 80 34 90 C 36 97 64 97 66 90 C 64 80 60 68 63 52 Z");
  pen.stroke(kInk, 4);
  pen.path("M 37 52 C 40 68 36 80 34 90 C 36 97 64 97 66 90 C 64 80 60 68 63 52 Z");
  pen.fill(kPale);
  pen.path("M 4 54 C 4 -12 96 -12 96 54 C 96 68 4 68 4 54 Z");
  fill_body(pen, style);
  for (const auto& [x, y, r] : {std::tuple{32.0, 28.0, 6.5}, {60.0, 20.0, 6.0}, {76.0, 42.0, 6.0}, {48.0, 46.0, 5.0}}) {
    pen.circle(x, y, r);
    pen.fill(kPale);
  }
}

void shirt(Pen& pen, const DrawnStyle& style) {
  pen.path("M 34 8 C 40 18 60 18 66 8 L 97 28 L 85 48 L 74 41 L 74 93 L 26 93 L 26 41 L 15 48 L 3 28 Z");
  fill_body(pen, style);
  fold(pen, style, "M 31 10 C 38 24 62 24 69 10", 2.4);
  fold(pen, style, "M 26 42 L 27 34 M 74 42 L 73 34", 2.4);
  pen.path("M 56 40 L 68 40 L 68 50 L 62 54 L 56 50 Z");
  pen.stroke(shade(style), 2);
}

void sock(Pen& pen, const DrawnStyle& style) {
  pen.path(
      "M 40 14 L 74 14 L 74 56 C 74 64 70 68 64 72 L 40 90 C 26 100 6 88 13 73 C 16 66 22 65 29 61 C 38 56 40 52 40 46 "
      "Z");
  fill_body(pen, style);
  pen.rounded(37, 4, 40, 13, 3);
  pen.stroke(kInk, 3);
  pen.rounded(37, 4, 40, 13, 3);
  pen.fill(kPale);
  fold(pen, style, "M 58 66 C 58 58 64 54 73 54 M 22 66 C 30 72 32 80 30 92", 2.4);
}

void umbrella(Pen& pen, const DrawnStyle& style) {
  ink_line(pen, "M 50 44 L 50 84 C 50 97 33 97 33 86", 4.5);
  ink_line(pen, "M 50 4 L 50 10", 3.5);
  pen.path(
      "M 50 8 C 76 8 96 28 97 58 C 90 50 79 50 73 57 C 67 50 56 50 50 57 C 44 50 33 50 27 57 "
      "C 21 50 10 50 3 58 C 4 28 24 8 50 8 Z");
  fill_body(pen, style);
  fold(pen, style, "M 48 12 C 36 22 28 38 27 54 M 52 12 C 64 22 72 38 73 54", 2.2);
}

constexpr NamedLook kDrawings[] = {
    {"balloon", balloon}, {"bell", bell},         {"boat", boat},   {"book", book}, {"bus", bus},
    {"car", car},         {"chair", chair},       {"cup", cup},     {"fish", fish}, {"flower", flower},
    {"hat", hat},         {"house", house},       {"key", key},     {"kite", kite}, {"lamp", lamp},
    {"leaf", leaf},       {"mushroom", mushroom}, {"shirt", shirt}, {"sock", sock}, {"umbrella", umbrella}};

}  // namespace

DrawnLook find_drawing(std::string_view name) {
  for (const NamedLook& entry : kDrawings) {
    if (entry.name == name) return entry.draw;
  }
  return nullptr;
}

}  // namespace fusion
