#include "workflows/training/run_log/plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/training/run_log/plot_panel.h"

namespace fusion {

namespace {

// Lengths are units: at the default size a unit is kDefaultScale pixels.
constexpr double kDefaultScale = 1.6;
constexpr double kPanelWidth = 400;
constexpr double kPanelHeight = 270;
constexpr double kBorder = 10;
constexpr double kLegendRow = 18;
constexpr double kLegendSize = 10;
constexpr double kSampleLength = 22;
constexpr double kSampleGap = 6;
constexpr double kEntryGap = 20;
constexpr double kLegendInset = 50;  // at most: it begins where the frames do
constexpr double kLeastFrame = 40;

/// Okabe and Ito's colours, which people with any kind of colour vision tell apart, without the yellow that is too pale
/// for a line on white. Runs beyond the last begin again with dashes.
constexpr std::array<Color, 7> kColors = {{{0.000, 0.447, 0.698},
                                           {0.835, 0.369, 0.000},
                                           {0.000, 0.620, 0.451},
                                           {0.800, 0.475, 0.655},
                                           {0.902, 0.624, 0.000},
                                           {0.337, 0.706, 0.914},
                                           {0.250, 0.250, 0.250}}};

Stroke stroke_of(size_t run) {
  const std::array<std::vector<double>, 4> kDashes = {{{}, {6, 3}, {1.5, 2.5}, {7, 3, 1.5, 3}}};
  return {.color = kColors[run % kColors.size()],
          .width = kCurveWidth,
          .dashes = kDashes[run / kColors.size() % kDashes.size()]};
}

template <class Number>
void require_range(const char* option, Number value, Number low, Number high) {
  if (value >= low && value <= high) return;
  throw Error({.who = option, .expected = cat("a number from ", low, " to ", high), .got = cat(value)});
}

PanelCurves curves_of(const RunRecord& run, const PlotMetric& metric, const PlotOptions& options, size_t index) {
  PanelCurves curves{.stroke = stroke_of(index),
                     .raw = {},
                     .line = step_curve(run, metric, options.x),
                     .validation = validation_curve(run, metric, options.x)};
  if (metric.noisy && options.smooth > 0) {
    curves.raw = std::move(curves.line);
    curves.line = smoothed(curves.raw, options.smooth);
  }
  return curves;
}

Panel panel_of(const std::vector<RunRecord>& runs, const PlotMetric& metric, const PlotOptions& options) {
  Panel panel{
      .metric = metric.name, .title = metric.title, .unit = metric.unit, .runs = {}, .x = {}, .y = {}, .x_label = {}};
  for (size_t i = 0; i < runs.size(); ++i) panel.runs.push_back(curves_of(runs[i], metric, options, i));
  return panel;
}

bool is_empty(const Panel& panel) {
  return std::all_of(panel.runs.begin(), panel.runs.end(),
                     [](const PanelCurves& run) { return run.line.empty() && run.validation.empty(); });
}

std::vector<Panel> panels_of(const std::vector<RunRecord>& runs, const PlotOptions& options) {
  std::vector<Panel> panels;
  for (const std::string& name : options.metrics) {
    panels.push_back(panel_of(runs, find_plot_metric(name), options));
    if (!is_empty(panels.back())) continue;
    throw Error({.who = "metric", .expected = cat("values of ", name, " in a run"), .got = "none"});
  }
  if (!panels.empty()) return panels;
  for (const PlotMetric& metric : plot_metrics()) {
    if (!metric.by_default) continue;
    Panel panel = panel_of(runs, metric, options);
    if (!is_empty(panel)) panels.push_back(std::move(panel));
  }
  return panels;
}

/// Seconds as the largest unit of which the axis shows a few.
struct TimeUnit {
  const char* name;
  double seconds;
};
TimeUnit time_unit(double longest) {
  constexpr double kMinute = 60, kHour = 3600, kDay = 86400;
  constexpr double kFew = 3;
  if (longest >= kFew * kDay) return {"days", kDay};
  if (longest >= kFew * kHour) return {"hours", kHour};
  if (longest >= kFew * kMinute) return {"minutes", kMinute};
  return {"seconds", 1};
}

void set_places(std::vector<Panel>& panels, PlotAxis axis) {
  AxisRange range = place_range(panels);
  std::string label = axis == PlotAxis::kStep ? "step" : "training tokens";
  if (axis == PlotAxis::kTime) {
    const TimeUnit unit = time_unit(range.high);
    label = cat("training time, ", unit.name);
    range.low /= unit.seconds;
    range.high /= unit.seconds;
    for (Panel& panel : panels) {
      for (PanelCurves& run : panel.runs) {
        for (Curve* curve : {&run.raw, &run.line, &run.validation}) {
          for (CurvePoint& point : *curve) point.x /= unit.seconds;
        }
      }
    }
  }
  for (Panel& panel : panels) {
    panel.x = range;
    panel.x_label = label;
  }
}

/// A word of the legend and what stands before it.
struct LegendEntry {
  enum class Sample { kLine, kMarker };

  std::string markup;
  Sample sample = Sample::kLine;
  bool explains = false;  ///< what kind of line it is rather than whose
  Stroke stroke = {};
  Position position = {};
};

std::string short_name(const std::string& name) {
  constexpr size_t kMost = 60;
  return escape_markup(name.size() <= kMost ? name : "..." + name.substr(name.size() - kMost));
}

bool any_has(const std::vector<Panel>& panels, Curve PanelCurves::* curve) {
  return std::any_of(panels.begin(), panels.end(), [&](const Panel& panel) {
    return std::any_of(panel.runs.begin(), panel.runs.end(), [&](const auto& run) { return !(run.*curve).empty(); });
  });
}

std::vector<LegendEntry> legend_of(const std::vector<RunRecord>& runs, const std::vector<Panel>& panels,
                                   double smooth) {
  const bool smoothing = any_has(panels, &PanelCurves::raw);
  const std::string mean = cat("mean, weight ", smooth);
  const bool alone = runs.size() == 1;
  std::vector<LegendEntry> entries;
  for (size_t i = 0; i < runs.size(); ++i) {
    entries.push_back(
        {.markup = short_name(runs[i].name) + (alone && smoothing ? ": " + mean : ""), .stroke = stroke_of(i)});
  }
  // With one run the samples have its colour, with several they stand for all.
  const Color color = alone ? kColors.front() : Color{0.4, 0.4, 0.4};
  if (smoothing && !alone)
    entries.push_back({.markup = mean, .explains = true, .stroke = {.color = color, .width = kCurveWidth}});
  if (smoothing) {
    entries.push_back({.markup = "each step",
                       .explains = true,
                       .stroke = {.color = color.with_alpha(kRawAlpha), .width = kRawWidth}});
  }
  if (any_has(panels, &PanelCurves::validation)) {
    entries.push_back(
        {.markup = "validation", .sample = LegendEntry::Sample::kMarker, .explains = true, .stroke = {.color = color}});
  }
  return entries;
}

const TextStyle kLegendStyle = {.size = kLegendSize, .color = kInk};

double length_of(const LegendEntry& entry, Canvas& ruler) {
  return kSampleLength + kSampleGap + ruler.text_width(entry.markup, kLegendStyle) + kEntryGap;
}

/// Places the entries in rows of at most `width`; returns the height. Where one row is not enough, runs and
/// explanations have rows of their own.
double lay_out(std::vector<LegendEntry>& entries, double width, Canvas& ruler) {
  double all = 0;
  for (const LegendEntry& entry : entries) all += length_of(entry, ruler);
  const bool one_row = all - kEntryGap <= width;
  double x = 0;
  double y = kLegendRow / 2;
  bool explaining = false;
  for (LegendEntry& entry : entries) {
    const double length = length_of(entry, ruler);
    const bool next_group = entry.explains && !explaining && !one_row;
    if (x > 0 && (next_group || x + length - kEntryGap > width)) {
      x = 0;
      y += kLegendRow;
    }
    explaining = entry.explains;
    entry.position = {x, y};
    x += length;
  }
  return y + kLegendRow / 2;
}

void draw_legend(Canvas& canvas, const std::vector<LegendEntry>& entries, Position corner) {
  for (const LegendEntry& entry : entries) {
    const Position at = {corner.x + entry.position.x, corner.y + entry.position.y};
    if (entry.sample == LegendEntry::Sample::kMarker) {
      canvas.disc({at.x + kSampleLength / 2, at.y}, kMarkerRadius, entry.stroke.color);
    } else {
      canvas.line(std::vector<Position>{at, {at.x + kSampleLength, at.y}}, entry.stroke);
    }
    canvas.text({at.x + kSampleLength + kSampleGap, at.y}, entry.markup, kLegendStyle);
  }
}

/// The whole picture in units, but for `scale`.
struct Layout {
  int columns = 1;
  int rows = 1;
  double scale = kDefaultScale;  ///< pixels a unit
  double legend = 0;             ///< height
  Rectangle cell = {};           ///< of the first panel
  int pixel_width = 0;
  int pixel_height = 0;

  Rectangle cell_of(size_t panel) const {
    const auto column = static_cast<double>(panel % static_cast<size_t>(columns));
    const auto row = static_cast<double>(panel / static_cast<size_t>(columns));
    return {cell.left + column * cell.width, cell.top + row * cell.height, cell.width, cell.height};
  }
};

Layout layout_of(size_t panels, const PlotOptions& options, std::vector<LegendEntry>& legend) {
  Layout layout;
  const auto count = static_cast<int>(panels);
  layout.columns = count <= 3 ? count : count == 4 ? 2 : 3;
  layout.rows = (count + layout.columns - 1) / layout.columns;
  const double natural_width = layout.columns * kPanelWidth + 2 * kBorder;
  const double natural_height = layout.rows * kPanelHeight + 2 * kBorder + kLegendRow;
  if (options.width > 0) layout.scale = options.width / natural_width;
  if (options.height > 0 && (options.width == 0 || options.height / natural_height < layout.scale)) {
    layout.scale = options.height / natural_height;
  }
  const double width = options.width > 0 ? options.width / layout.scale : natural_width;
  Canvas ruler(PictureFormat::kPng, 1, 1, 1);
  layout.legend = lay_out(legend, width - 2 * kBorder - kLegendInset, ruler);
  const double height =
      options.height > 0 ? options.height / layout.scale : natural_height - kLegendRow + layout.legend;
  layout.cell = {kBorder, kBorder + layout.legend, (width - 2 * kBorder) / layout.columns,
                 (height - 2 * kBorder - layout.legend) / layout.rows};
  layout.pixel_width = static_cast<int>(std::lround(width * layout.scale));
  layout.pixel_height = static_cast<int>(std::lround(height * layout.scale));
  const PanelMargins margins;
  if (layout.cell.height - margins.top - margins.bottom < kLeastFrame) {
    throw Error({.who = "height",
                 .expected = "room for the panels under the legend",
                 .got = cat(layout.pixel_height),
                 .hint = "name fewer runs, or a greater height"});
  }
  return layout;
}

}  // namespace

void check(const PlotOptions& options) {
  constexpr int kLeastPixels = 200, kMostPixels = 8000;
  require_range("smooth", options.smooth, 0.0, 0.9999);
  if (options.width != 0) require_range("width", options.width, kLeastPixels, kMostPixels);
  if (options.height != 0) require_range("height", options.height, kLeastPixels, kMostPixels);
  for (const std::string& name : options.metrics) find_plot_metric(name);
}

PictureFormat picture_format(const std::string& out) {
  if (out.ends_with(".png")) return PictureFormat::kPng;
  if (out.ends_with(".svg")) return PictureFormat::kSvg;
  throw Error(
      {.who = "out", .expected = "a file name that ends in .png or .svg", .got = cat("'", printable(out), "'")});
}

Plot draw_plot(const std::vector<RunRecord>& runs, const PlotOptions& options, PictureFormat format) {
  check(options);
  std::vector<Panel> panels = panels_of(runs, options);
  set_places(panels, options.x);
  std::vector<LegendEntry> legend = legend_of(runs, panels, options.smooth);
  const Layout layout = layout_of(panels.size(), options, legend);
  Canvas canvas(format, layout.pixel_width, layout.pixel_height, layout.scale);

  PanelMargins margins;
  for (Panel& panel : panels) {
    panel.y = value_range(panel.runs, options.log);
    choose_ticks(panel, layout.cell.width - 2 * kEntryGap, layout.cell.height - margins.top - margins.bottom);
    margins.left = std::max(margins.left, left_margin(canvas, panel));
  }
  draw_legend(canvas, legend, {kBorder + std::min(margins.left, kLegendInset), kBorder});
  Plot plot;
  for (size_t i = 0; i < panels.size(); ++i) {
    const Rectangle cell = layout.cell_of(i);
    const Rectangle frame = {cell.left + margins.left, cell.top + margins.top,
                             cell.width - margins.left - margins.right, cell.height - margins.top - margins.bottom};
    draw_panel(canvas, panels[i], frame, margins.left);
    const double scale = layout.scale;
    plot.panels.push_back({.metric = panels[i].metric,
                           .frame = {frame.left * scale, frame.top * scale, frame.width * scale, frame.height * scale},
                           .left = panels[i].x.low,
                           .right = panels[i].x.high,
                           .bottom = panels[i].y.low,
                           .top = panels[i].y.high});
  }
  plot.bytes = canvas.finish();
  return plot;
}

void plot_runs(const std::vector<std::string>& runs, const std::string& out, const PlotOptions& options) {
  const PictureFormat format = picture_format(out);
  write_text_file(out, draw_plot(read_runs(runs), options, format).bytes);
}

}  // namespace fusion
