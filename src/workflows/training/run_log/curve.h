#pragma once
// What can be drawn of training runs: a metric of a run as points over steps, tokens or time.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workflows/training/run_log/metrics.h"

namespace fusion {

/// A run as its metrics.jsonl tells it.
struct RunRecord {
  std::string name;  ///< what the legend calls it: the folder's name
  std::vector<StepMetrics> steps;
  std::vector<ValidationMetrics> validations;
};

/// \param paths  run folders or metrics.jsonl files. Runs whose folders share a name are told apart by the folders
///               above.
/// Throws Error where a file is missing or malformed, or has no step.
std::vector<RunRecord> read_runs(const std::vector<std::string>& paths);

struct PlotMetric {
  std::string name;         ///< on the command line
  std::string title = {};   ///< in a picture
  std::string unit = {};    ///< at the axis; may be empty
  bool noisy = true;        ///< whether a smoothed curve says more than the raw one
  bool by_default = false;  ///< whether it is drawn when none is named
  std::function<std::optional<double>(const StepMetrics&)> of_step = {};
  std::function<std::optional<double>(const ValidationMetrics&)> of_validation = {};
};

const std::vector<PlotMetric>& plot_metrics();
/// Throws Error with the nearest name.
const PlotMetric& find_plot_metric(const std::string& name);

enum class PlotAxis { kStep, kTokens, kTime };

/// "step", "tokens" or "time". Throws Error for any other.
PlotAxis plot_axis(const std::string& name);

struct CurvePoint {
  double x = 0;
  double y = 0;  ///< not finite: there is a gap here
};
using Curve = std::vector<CurvePoint>;

/// One point a step that has the metric. Tokens and time (seconds) are those of all steps up to it, so that pauses
/// between a kill and the next start do not show.
Curve step_curve(const RunRecord& run, const PlotMetric& metric, PlotAxis axis);
/// One point a validation that has the metric, at the last step before it.
Curve validation_curve(const RunRecord& run, const PlotMetric& metric, PlotAxis axis);

/// Exponential mean: every older value counts `weight` (0 to 1, less than 1) times the next one, and the weights of a
/// point add up to 1 from the first on. Gaps stay gaps.
Curve smoothed(const Curve& curve, double weight);

/// What of a curve shows in `columns` columns of pixels: of each the first, least, greatest and last point, so that no
/// peak is lost. Short curves are returned as they are.
Curve thinned(const Curve& curve, size_t columns);

}  // namespace fusion
