#include "workflows/synthesis/render/pen.h"

#include <array>
#include <cassert>
#include <charconv>
#include <numbers>

#include "foundation/core/error.h"

namespace fusion {

namespace {

/// The next number of a path, whose text is a constant of the program.
double take_number(std::string_view& data) {
  data.remove_prefix(std::min(data.find_first_not_of(" ,"), data.size()));
  double value = 0;
  const auto [end, problem] = std::from_chars(data.data(), data.data() + data.size(), value);
  assert(problem == std::errc{});
  data.remove_prefix(static_cast<size_t>(end - data.data()));
  return value;
}

}  // namespace

void require(cairo_status_t status) {
  if (status == CAIRO_STATUS_SUCCESS) return;
  throw Error({.who = "a drawn picture", .expected = "to be drawn", .got = cairo_status_to_string(status)});
}

void Pen::path(std::string_view data) {
  char command = 'M';
  while (true) {
    data.remove_prefix(std::min(data.find_first_not_of(' '), data.size()));
    if (data.empty()) return;
    if (std::string_view("MLCZ").find(data.front()) != std::string_view::npos) {
      command = data.front();
      data.remove_prefix(1);
    }
    if (command == 'Z') {
      cairo_close_path(context_);
      continue;
    }
    std::array<double, 6> at{};
    for (size_t i = 0; i < (command == 'C' ? 6 : 2); ++i) at[i] = take_number(data);
    if (command == 'M') cairo_move_to(context_, at[0], at[1]);
    if (command == 'L') cairo_line_to(context_, at[0], at[1]);
    if (command == 'C') cairo_curve_to(context_, at[0], at[1], at[2], at[3], at[4], at[5]);
    if (command == 'M') command = 'L';
  }
}

void Pen::ellipse(double x, double y, double radius_x, double radius_y) {
  const Saved saved(context_);
  cairo_translate(context_, x, y);
  cairo_scale(context_, radius_x, radius_y);
  cairo_new_sub_path(context_);
  cairo_arc(context_, 0, 0, 1, 0, 2 * std::numbers::pi);
  cairo_close_path(context_);
}

void Pen::hole(double x, double y, double radius) {
  cairo_new_sub_path(context_);
  cairo_arc_negative(context_, x, y, radius, 2 * std::numbers::pi, 0);
  cairo_close_path(context_);
}

void Pen::rectangle(double left, double top, double width, double height) {
  cairo_rectangle(context_, left, top, width, height);
}

void Pen::rounded(double left, double top, double width, double height, double radius) {
  const double r = std::min({radius, width / 2, height / 2});
  const double quarter = std::numbers::pi / 2;
  cairo_new_sub_path(context_);
  cairo_arc(context_, left + width - r, top + r, r, -quarter, 0);
  cairo_arc(context_, left + width - r, top + height - r, r, 0, quarter);
  cairo_arc(context_, left + r, top + height - r, r, quarter, 2 * quarter);
  cairo_arc(context_, left + r, top + r, r, 2 * quarter, 3 * quarter);
  cairo_close_path(context_);
}

void Pen::set_source(const Tone& tone, double alpha) {
  const Tone& used = silhouette_ ? only_ : tone;
  cairo_set_source_rgba(context_, used.red, used.green, used.blue, alpha);
}

void Pen::fill(const Tone& tone, double alpha) {
  set_source(tone, alpha);
  cairo_fill(context_);
}

void Pen::fill_gradient(const Tone& from, const Tone& to, double top, double bottom) {
  if (silhouette_) return fill(only_);
  const PatternPointer pattern(cairo_pattern_create_linear(0, top, 0, bottom));
  cairo_pattern_add_color_stop_rgb(pattern.get(), 0, from.red, from.green, from.blue);
  cairo_pattern_add_color_stop_rgb(pattern.get(), 1, to.red, to.green, to.blue);
  cairo_set_source(context_, pattern.get());
  cairo_fill(context_);
}

void Pen::stroke(const Tone& tone, double width, double alpha) {
  set_source(tone, alpha);
  cairo_set_line_width(context_, width);
  cairo_set_line_join(context_, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(context_, CAIRO_LINE_CAP_ROUND);
  cairo_stroke(context_);
}

void Pen::glow(double x, double y, double radius, const Tone& tone, double alpha) {
  const PatternPointer pattern(cairo_pattern_create_radial(x, y, 0, x, y, radius));
  cairo_pattern_add_color_stop_rgba(pattern.get(), 0, tone.red, tone.green, tone.blue, alpha);
  cairo_pattern_add_color_stop_rgba(pattern.get(), 1, tone.red, tone.green, tone.blue, 0);
  circle(x, y, radius);
  cairo_set_source(context_, pattern.get());
  cairo_fill(context_);
}

}  // namespace fusion
