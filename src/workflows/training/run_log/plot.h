#pragma once
// The curves of training runs as a picture.

#include <string>
#include <vector>

#include "workflows/training/run_log/canvas.h"
#include "workflows/training/run_log/curve.h"

namespace fusion {

struct PlotOptions {
  std::vector<std::string> metrics =
      {};               ///< names of plot_metrics(), a panel each; empty: the usual ones that are there
  double smooth = 0.9;  ///< weight of smoothed(), 0 to 0.9999; 0 draws the raw curve alone
  PlotAxis x = PlotAxis::kStep;
  bool log = false;  ///< whether the vertical axes are logarithmic; what is not positive then does not show
  int width = 0;     ///< pixels; 0: as the number of panels wants
  int height = 0;
};

/// Throws Error, about the option's name, on a value out of range and on an unknown metric.
void check(const PlotOptions& options);

/// By the ending of the file's name, which is .png or .svg; throws Error for any other.
PictureFormat picture_format(const std::string& out);

/// Where a panel shows which values: what the left upper and the right lower corner of `frame` stand for.
struct PanelFrame {
  std::string metric;
  Rectangle frame;  ///< in pixels of the picture
  double left = 0;
  double right = 0;
  double bottom = 0;
  double top = 0;
};

struct Plot {
  std::string bytes;  ///< the file
  std::vector<PanelFrame> panels;
};

/// Throws Error as check() does, and on a metric that no run has.
Plot draw_plot(const std::vector<RunRecord>& runs, const PlotOptions& options, PictureFormat format);

/// Draws the runs (folders or metrics.jsonl files) into the file `out`, which is replaced in one piece. Throws Error as
/// check(), picture_format() and read_runs() do, and where the file cannot be written.
///
///     plot_runs({"runs/full", "runs/lora"}, "loss.png", {.metrics = {"loss"}});
void plot_runs(const std::vector<std::string>& runs, const std::string& out, const PlotOptions& options);

}  // namespace fusion
