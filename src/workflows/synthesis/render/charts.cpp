// Bar and pie charts whose values can be read. Each is drawn 100 wide and high.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "foundation/core/text.h"
#include "workflows/synthesis/render/panels.h"

namespace fusion {

namespace {

void panel(Pen& pen) {
  pen.rounded(0.5, 0.5, 99, 99, 3);
  pen.fill(kPanel);
  pen.rounded(0.5, 0.5, 99, 99, 3);
  pen.stroke(kInk, 0.8);
}

int64_t highest(const Chart& chart) {
  return std::max<int64_t>(1, *std::ranges::max_element(chart.values));
}

/// A round number of which a handful reach to the top.
int64_t tick_step(int64_t top) {
  int64_t step = 1;
  for (int64_t next = 1; step * 6 < top; next *= 10) {
    for (const int64_t factor : {1, 2, 5}) {
      if (step * 6 < top) step = next * factor;
    }
  }
  return step;
}

void axis(Pen& pen, const Frame& plot, int64_t top) {
  const int64_t step = tick_step(top);
  for (int64_t value = 0; value <= top; value += step) {
    const double y = plot.top + plot.height * (1 - static_cast<double>(value) / static_cast<double>(top));
    pen.rectangle(plot.left, y - 0.15, plot.width, 0.3);
    pen.fill(mix(kPanel, kInk, 0.3));
    draw_words(pen, std::to_string(value), {plot.left - 9, y - 2.5, 7, 5}, {.ink = kInk, .largest = 4.6});
  }
}

/// Height of the font in which the longest of the words is about as wide as this: all have one size.
double common_size(const std::vector<std::string>& words, double width) {
  size_t longest = 1;
  for (const std::string& each : words) longest = std::max(longest, each.size());
  return std::min(6.0, width / (0.6 * static_cast<double>(longest)));
}

void bars(Pen& pen, const Chart& chart) {
  const Frame plot{12, 20, 84, 66};
  const int64_t top = highest(chart);
  axis(pen, plot, top);
  const double step = plot.width / static_cast<double>(chart.values.size());
  const double letters = common_size(chart.labels, step * 0.9);
  for (size_t i = 0; i < chart.values.size(); ++i) {
    const double height =
        plot.height * static_cast<double>(std::max<int64_t>(0, chart.values[i])) / static_cast<double>(top);
    const double left = plot.left + step * static_cast<double>(i);
    const double foot = plot.top + plot.height;
    pen.rectangle(left + step * 0.18, foot - height, step * 0.64, height);
    pen.fill(palette_tone(chart.colors[i]));
    pen.rectangle(left + step * 0.18, foot - height, step * 0.64, height);
    pen.stroke(kInk, 0.7);
    draw_words(pen, std::to_string(chart.values[i]), {left, foot - height - 6, step, 5},
               {.ink = kInk, .face = Typeface::kSansBold, .largest = 6});
    draw_words(pen, chart.labels[i], {left + step * 0.04, foot + 3, step * 0.92, 7}, {.ink = kInk, .largest = letters});
  }
  pen.rectangle(plot.left, plot.top + plot.height - 0.4, plot.width, 0.8);
  pen.rectangle(plot.left - 0.4, plot.top - 4, 0.8, plot.height + 4);
  pen.fill(kInk);
}

void slice(Pen& pen, double from, double to) {
  cairo_t* const context = pen.context();
  cairo_move_to(context, 33, 56);
  cairo_arc(context, 33, 56, 29, from, to);
  cairo_close_path(context);
}

void pie(Pen& pen, const Chart& chart) {
  double sum = 0;
  for (const int64_t value : chart.values) sum += static_cast<double>(std::max<int64_t>(0, value));
  double from = -std::numbers::pi / 2;
  const double row = std::min(13.0, 70.0 / static_cast<double>(chart.values.size()));
  std::vector<std::string> legend;
  for (size_t i = 0; i < chart.values.size(); ++i) legend.push_back(cat(chart.labels[i], " ", chart.values[i]));
  const double letters = common_size(legend, 30 - row * 0.5);
  double y = 56 - row * static_cast<double>(chart.values.size()) / 2;
  for (size_t i = 0; i < chart.values.size(); ++i) {
    const Tone color = palette_tone(chart.colors[i]);
    const double share = sum > 0 ? static_cast<double>(std::max<int64_t>(0, chart.values[i])) / sum : 0;
    const double to = from + 2 * std::numbers::pi * share;
    slice(pen, from, to);
    pen.fill(color);
    slice(pen, from, to);
    pen.stroke(kInk, 0.7);
    pen.rounded(65, y + row * 0.2, row * 0.5, row * 0.5, 1);
    pen.fill(color);
    pen.rounded(65, y + row * 0.2, row * 0.5, row * 0.5, 1);
    pen.stroke(kInk, 0.5);
    draw_words(pen, legend[i], {67 + row * 0.5, y, 30 - row * 0.5, row * 0.9},
               {.ink = kInk, .largest = letters, .to_left = true});
    from = to;
    y += row;
  }
}

}  // namespace

void draw_chart(Pen& pen, const Chart& chart, const Frame& frame) {
  cairo_t* const context = pen.context();
  const Saved saved(context);
  cairo_translate(context, frame.left, frame.top);
  cairo_scale(context, frame.width / 100, frame.height / 100);
  panel(pen);
  draw_words(pen, chart.title, {6, 4, 88, 8}, {.ink = kInk, .face = Typeface::kSansBold, .largest = 8});
  chart.form == "pie" ? pie(pen, chart) : bars(pen, chart);
}

}  // namespace fusion
