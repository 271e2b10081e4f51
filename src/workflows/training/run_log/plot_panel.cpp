#include "workflows/training/run_log/plot_panel.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr Color kGrid = {0.90, 0.90, 0.90};
constexpr Color kFineGrid = {0.955, 0.955, 0.955};
constexpr double kTickSize = 9;
constexpr double kLabelSize = 10;
constexpr double kTitleSize = 11.5;
constexpr double kTickGap = 5;      // between a label and the frame
constexpr double kLabelRoom = 18;   // for an axis' own label
constexpr double kTickSpace = 72;   // that a label on the horizontal axis needs
constexpr double kTickHeight = 25;  // and on the vertical one
const TextStyle kTickStyle = {.size = kTickSize, .color = kInk};

double shown_in(const AxisRange& range, double value) {
  return range.log ? std::log10(value) : value;
}

std::vector<double> values_of(const Curve& curve, bool log) {
  constexpr double kMost = 1e150;  // beyond it the arithmetic of an axis overflows
  std::vector<double> values;
  for (const CurvePoint& point : curve) {
    if (std::abs(point.y) < kMost && (!log || point.y > 1 / kMost)) values.push_back(point.y);
  }
  return values;
}

/// The extremes without the outermost half percent at each end.
std::vector<double> usual_extremes(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const size_t rare = values.size() / 200;
  return {values[rare], values[values.size() - 1 - rare]};
}

Ticks ticks_of(const AxisRange& range, int most) {
  return range.log ? log_ticks(range.low, range.high, most) : linear_ticks(range.low, range.high, most);
}

std::string with_factor(const std::string& label, const Ticks& ticks) {
  if (ticks.factor.empty()) return label;
  return label.empty() ? ticks.factor : cat(label, "  (", ticks.factor, ")");
}

/// Where the values of a panel stand on the canvas.
struct Mapping {
  const Panel& panel;
  const Rectangle& frame;

  double x(double value) const { return frame.left + panel.x.share(value) * frame.width; }
  double y(double value) const { return frame.bottom() - panel.y.share(value) * frame.height; }
  std::vector<Position> line(const Curve& curve) const {
    std::vector<Position> positions;
    positions.reserve(curve.size());
    // Far outside of the frame one place is like another, and Cairo's coordinates end somewhere.
    constexpr double kFar = 100;
    for (const CurvePoint& point : curve) {
      const double share = panel.y.share(point.y);
      const double kept = std::isfinite(share) ? std::clamp(share, -kFar, kFar) : share;
      positions.push_back({x(point.x), frame.bottom() - kept * frame.height});
    }
    return positions;
  }
};

void draw_grid(Canvas& canvas, const Panel& panel, const Mapping& at) {
  const Rectangle& frame = at.frame;
  const auto across = [&](double value, const Stroke& stroke) {
    canvas.line(std::vector<Position>{{frame.left, at.y(value)}, {frame.right(), at.y(value)}}, stroke);
  };
  for (const double value : panel.y_ticks.minor) across(value, {.color = kFineGrid, .width = 0.7});
  for (const Tick& tick : panel.y_ticks.major) across(tick.value, {.color = kGrid, .width = 0.8});
  for (const Tick& tick : panel.x_ticks.major) {
    canvas.line(std::vector<Position>{{at.x(tick.value), frame.top}, {at.x(tick.value), frame.bottom()}},
                {.color = kGrid, .width = 0.8});
  }
}

void draw_labels(Canvas& canvas, const Panel& panel, const Mapping& at, double left) {
  const Rectangle& frame = at.frame;
  TextStyle style = kTickStyle;
  style.anchor = Anchor::kRight;
  for (const Tick& tick : panel.y_ticks.major) {
    canvas.text({frame.left - kTickGap, at.y(tick.value)}, tick.label, style);
  }
  style.anchor = Anchor::kCenter;
  for (const Tick& tick : panel.x_ticks.major) {
    canvas.text({at.x(tick.value), frame.bottom() + kTickGap + kTickSize * 0.6}, tick.label, style);
  }
  style.size = kLabelSize;
  const std::string x_label = with_factor(panel.x_label, panel.x_ticks);
  canvas.text({frame.left + frame.width / 2, frame.bottom() + 28}, x_label, style);
  style.upwards = true;
  const std::string y_label = with_factor(panel.unit, panel.y_ticks);
  canvas.text({frame.left - left + kLabelSize * 0.6, frame.top + frame.height / 2}, y_label, style);
  canvas.text({frame.left, frame.top - 13}, panel.title, {.size = kTitleSize, .color = kInk, .bold = true});
}

void draw_curve(Canvas& canvas, const Mapping& at, const Curve& curve, const Stroke& stroke) {
  const std::vector<Position> line = at.line(thinned(curve, static_cast<size_t>(at.frame.width)));
  canvas.line(line, stroke);
  // A line of one point has no length.
  if (line.size() == 1) canvas.disc(line.front(), stroke.width, stroke.color);
}

void draw_curves(Canvas& canvas, const Panel& panel, const Mapping& at) {
  for (const PanelCurves& run : panel.runs) {
    draw_curve(canvas, at, run.raw, {.color = run.stroke.color.with_alpha(kRawAlpha), .width = kRawWidth});
  }
  for (const PanelCurves& run : panel.runs) {
    draw_curve(canvas, at, run.line, run.stroke);
    // Markers alone are hard to follow.
    if (run.line.empty()) draw_curve(canvas, at, run.validation, run.stroke);
  }
}

}  // namespace

double AxisRange::share(double value) const {
  if (log && !(value > 0)) return std::numeric_limits<double>::quiet_NaN();
  return (shown_in(*this, value) - shown_in(*this, low)) / (shown_in(*this, high) - shown_in(*this, low));
}

AxisRange value_range(const std::vector<PanelCurves>& runs, bool log) {
  std::vector<double> values;
  const auto add = [&](const std::vector<double>& more) { values.insert(values.end(), more.begin(), more.end()); };
  for (const PanelCurves& run : runs) {
    add(usual_extremes(values_of(run.raw, log)));
    add(values_of(run.line, log));
    add(values_of(run.validation, log));
  }
  if (values.empty()) return {.low = log ? 0.1 : 0, .high = 1, .log = log};
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  AxisRange range{.low = *least, .high = *greatest, .log = log};
  constexpr double kPadding = 0.05;
  constexpr double kFlat = 1e-6;
  if (log) {
    const double factor = std::max(std::pow(range.high / range.low, kPadding), 1.05);
    return {.low = range.low / factor, .high = range.high * factor, .log = true};
  }
  const double size = std::max(std::abs(range.low), std::abs(range.high));
  const bool flat = range.high - range.low <= kFlat * size;
  const double padding = size == 0 ? 1 : flat ? 0.1 * size : kPadding * (range.high - range.low);
  constexpr double kNear = 0.35;
  const bool from_zero = range.low >= 0 && (flat || range.low <= kNear * range.high);
  return {.low = from_zero ? 0 : range.low - padding, .high = range.high + padding, .log = false};
}

AxisRange place_range(const std::vector<Panel>& panels) {
  double least = std::numeric_limits<double>::max();
  double greatest = 0;
  for (const Panel& panel : panels) {
    for (const PanelCurves& run : panel.runs) {
      for (const Curve* curve : {&run.line, &run.validation}) {
        if (curve->empty()) continue;
        least = std::min(least, curve->front().x);
        greatest = std::max(greatest, curve->back().x);
      }
    }
  }
  constexpr double kNear = 0.25;
  const double low = least <= kNear * greatest ? 0 : least;
  // A single step has a place all the same.
  return {.low = low == greatest ? 0 : low, .high = greatest > 0 ? greatest : 1};
}

double left_margin(Canvas& canvas, const Panel& panel) {
  double widest = 0;
  for (const Tick& tick : panel.y_ticks.major) widest = std::max(widest, canvas.text_width(tick.label, kTickStyle));
  const bool labelled = !with_factor(panel.unit, panel.y_ticks).empty();
  return widest + kTickGap + (labelled ? kLabelRoom : 0);
}

void choose_ticks(Panel& panel, double frame_width, double frame_height) {
  panel.x_ticks = ticks_of(panel.x, std::clamp(static_cast<int>(frame_width / kTickSpace), 2, 10));
  panel.y_ticks = ticks_of(panel.y, std::clamp(static_cast<int>(frame_height / kTickHeight), 2, 10));
}

void draw_panel(Canvas& canvas, const Panel& panel, const Rectangle& frame, double left) {
  const Mapping at{panel, frame};
  draw_grid(canvas, panel, at);
  canvas.clipped(frame, [&] { draw_curves(canvas, panel, at); });
  canvas.line(
      std::vector<Position>{{frame.left, frame.top}, {frame.left, frame.bottom()}, {frame.right(), frame.bottom()}},
      {.color = kInk, .width = 0.9});
  for (const PanelCurves& run : panel.runs) {
    for (const CurvePoint& point : run.validation) {
      const double share = panel.y.share(point.y);
      if (share >= 0 && share <= 1) canvas.disc({at.x(point.x), at.y(point.y)}, kMarkerRadius, run.stroke.color);
    }
  }
  draw_labels(canvas, panel, at, left);
}

}  // namespace fusion
