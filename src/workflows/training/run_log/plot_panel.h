#pragma once
// One panel of a plot: a metric of all runs over the common horizontal axis. Lengths are units of the canvas.

#include <string>
#include <vector>

#include "workflows/training/run_log/canvas.h"
#include "workflows/training/run_log/curve.h"
#include "workflows/training/run_log/ticks.h"

namespace fusion {

inline constexpr Color kInk = {0.15, 0.15, 0.15};
inline constexpr double kCurveWidth = 1.7;
inline constexpr double kRawWidth = 0.8;
inline constexpr double kRawAlpha = 0.28;
inline constexpr double kMarkerRadius = 2.6;

/// A run in a panel.
struct PanelCurves {
  Stroke stroke;  ///< of the line that matters
  Curve raw;      ///< faint behind `line`; empty if that is the raw one itself
  Curve line;
  Curve validation;  ///< markers
};

/// What an axis shows.
struct AxisRange {
  double low = 0;
  double high = 1;
  bool log = false;

  /// 0 at `low`, 1 at `high`; not finite for what a logarithmic axis cannot show.
  double share(double value) const;
};

struct Panel {
  std::string metric;
  std::string title;
  std::string unit;
  std::vector<PanelCurves> runs;
  AxisRange x;
  AxisRange y;
  std::string x_label;
  Ticks x_ticks = {};
  Ticks y_ticks = {};
};

/// From 0 if that is near, so that heights can be compared. Rare outliers of raw curves do not count.
AxisRange value_range(const std::vector<PanelCurves>& runs, bool log);
AxisRange place_range(const std::vector<Panel>& panels);

/// Room around the frame; the left one depends on the labels.
struct PanelMargins {
  double left = 0;
  double top = 26;
  double right = 12;
  double bottom = 38;
};
double left_margin(Canvas& canvas, const Panel& panel);

/// Sets the ticks for a frame of this size.
void choose_ticks(Panel& panel, double frame_width, double frame_height);

void draw_panel(Canvas& canvas, const Panel& panel, const Rectangle& frame, double left);

}  // namespace fusion
