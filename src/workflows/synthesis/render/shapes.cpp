// Geometric shapes.

#include <cmath>
#include <numbers>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/render/drawn_looks.h"

namespace fusion {

namespace {

/// Corners on a circle around (50, y), the first one straight up; every second one at `inner` where that is not 0.
void corners(Pen& pen, int count, double radius, double inner = 0, double y = 50) {
  for (int i = 0; i < count; ++i) {
    const double angle = 2 * std::numbers::pi * i / count - std::numbers::pi / 2;
    const double r = inner > 0 && i % 2 == 1 ? inner : radius;
    const double at_x = 50 + r * std::cos(angle);
    const double at_y = y + r * std::sin(angle);
    i == 0 ? cairo_move_to(pen.context(), at_x, at_y) : cairo_line_to(pen.context(), at_x, at_y);
  }
  cairo_close_path(pen.context());
}

void arrow(Pen& pen, const DrawnStyle& style) {
  pen.path("M 4 36 L 52 36 L 52 14 L 96 50 L 52 86 L 52 64 L 4 64 Z");
  fill_body(pen, style);
}
void circle(Pen& pen, const DrawnStyle& style) {
  pen.circle(50, 50, 46);
  fill_body(pen, style);
}
void crescent(Pen& pen, const DrawnStyle& style) {
  pen.path("M 66 6 C 30 2 6 24 6 52 C 6 80 32 100 66 93 C 46 86 36 70 36 50 C 36 30 46 14 66 6 Z");
  fill_body(pen, style);
}
void cross(Pen& pen, const DrawnStyle& style) {
  pen.path("M 35 5 L 65 5 L 65 35 L 95 35 L 95 65 L 65 65 L 65 95 L 35 95 L 35 65 L 5 65 L 5 35 L 35 35 Z");
  fill_body(pen, style);
}
void diamond(Pen& pen, const DrawnStyle& style) {
  pen.path("M 50 3 L 84 50 L 50 97 L 16 50 Z");
  fill_body(pen, style);
}
void heart(Pen& pen, const DrawnStyle& style) {
  pen.path(
      "M 50 93 C 22 70 5 52 5 32 C 5 16 17 7 29 7 C 39 7 47 14 50 23 C 53 14 61 7 71 7 C 83 7 95 16 95 32 "
      "C 95 52 78 70 50 93 Z");
  fill_body(pen, style);
}
void hexagon(Pen& pen, const DrawnStyle& style) {
  corners(pen, 6, 46);
  fill_body(pen, style);
}
void oval(Pen& pen, const DrawnStyle& style) {
  pen.ellipse(50, 50, 46, 29);
  fill_body(pen, style);
}
void pentagon(Pen& pen, const DrawnStyle& style) {
  corners(pen, 5, 48, 0, 53);
  fill_body(pen, style);
}
void ring(Pen& pen, const DrawnStyle& style) {
  pen.circle(50, 50, 46);
  pen.hole(50, 50, 25);
  fill_body(pen, style);
}
void square(Pen& pen, const DrawnStyle& style) {
  pen.rectangle(9, 9, 82, 82);
  fill_body(pen, style);
}
void star(Pen& pen, const DrawnStyle& style) {
  corners(pen, 10, 49, 21, 53);
  fill_body(pen, style);
}
void triangle(Pen& pen, const DrawnStyle& style) {
  pen.path("M 50 8 L 96 90 L 4 90 Z");
  fill_body(pen, style);
}

constexpr NamedLook kShapes[] = {{"arrow", arrow},       {"circle", circle}, {"crescent", crescent}, {"cross", cross},
                                 {"diamond", diamond},   {"heart", heart},   {"hexagon", hexagon},   {"oval", oval},
                                 {"pentagon", pentagon}, {"ring", ring},     {"square", square},     {"star", star},
                                 {"triangle", triangle}};

}  // namespace

DrawnLook find_shape(std::string_view name) {
  for (const NamedLook& entry : kShapes) {
    if (entry.name == name) return entry.draw;
  }
  return nullptr;
}

void fill_body(Pen& pen, const DrawnStyle& style) {
  cairo_t* const context = pen.context();
  if (style.outline > 0) {
    cairo_path_t* const body = cairo_copy_path(context);
    pen.stroke(kInk, 2 * style.outline);
    cairo_append_path(context, body);
    cairo_path_destroy(body);
  }
  const Tone light = mix(style.color, {1, 1, 1}, style.sheen);
  const Tone dark = mix(style.color, {0, 0, 0}, style.sheen);
  style.sheen > 0 ? pen.fill_gradient(light, dark, 0, 100) : pen.fill(style.color);
}

void draw_look(Pen& pen, std::string_view look, const DrawnStyle& style) {
  const size_t slash = look.find('/');
  const std::string_view source = look.substr(0, slash);
  const std::string_view name = slash == std::string_view::npos ? "" : look.substr(slash + 1);
  const DrawnLook draw = source == "shape" ? find_shape(name) : source == "drawing" ? find_drawing(name) : nullptr;
  if (draw == nullptr) {
    throw Error({.who = cat("look '", printable(look), "'"),
                 .expected = "a shape or a drawing of the renderer",
                 .got = "an unknown one"});
  }
  draw(pen, style);
}

}  // namespace fusion
