#include "workflows/training/run_log/curve.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <system_error>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/training/run_log/metrics_log.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

using Value = std::optional<double>;

/// A field of the metrics as a double.
template <class Metrics, class T>
auto member(T Metrics::* field) {
  return [field](const Metrics& metrics) -> Value {
    if constexpr (std::is_arithmetic_v<T>) {
      return static_cast<double>(metrics.*field);
    } else {
      return metrics.*field ? Value(static_cast<double>(*(metrics.*field))) : std::nullopt;
    }
  };
}

auto a_second(int64_t StepMetrics::* amount) {
  return [amount](const StepMetrics& metrics) -> Value {
    if (!(metrics.seconds > 0)) return std::nullopt;
    return static_cast<double>(metrics.*amount) / metrics.seconds;
  };
}

Value gigabytes(const StepMetrics& metrics) {
  return static_cast<double>(metrics.memory_bytes) * 1e-9;
}

std::string log_of(const std::string& path) {
  std::error_code code;
  if (!fs::is_directory(path, code)) return path;
  const std::string log = (fs::path(path) / kMetricsFile).string();
  if (fs::exists(log, code)) return log;
  throw Error({.who = path,
               .expected = cat("the folder of a training run, with ", kMetricsFile),
               .got = "a folder without it"});
}

/// What tells a run from others, from the nearest on: "run", "experiments", ... of experiments/run/metrics.jsonl.
std::vector<std::string> names_of(const std::string& log) {
  std::error_code code;
  fs::path path = fs::absolute(log, code).lexically_normal();
  std::vector<std::string> names;
  if (path.filename() != kMetricsFile) names.push_back(path.stem().string());
  for (path = path.parent_path(); path.has_relative_path(); path = path.parent_path()) {
    names.push_back(path.filename().string());
  }
  if (names.empty()) names.push_back(log);
  return names;
}

/// The shortest ends of the paths that differ from each other, as far as they do.
std::vector<std::string> distinct_names(const std::vector<std::string>& logs) {
  constexpr size_t kMostParts = 4;
  std::vector<std::string> names;
  for (size_t parts = 1; parts <= kMostParts; ++parts) {
    names.clear();
    for (const std::string& log : logs) {
      std::vector<std::string> nearest = names_of(log);
      nearest.resize(std::min(parts, nearest.size()));
      std::reverse(nearest.begin(), nearest.end());
      names.push_back(join(nearest, "/"));
    }
    if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) break;
  }
  return names;
}

/// The place of each step on the axis.
std::vector<double> places(const RunRecord& run, PlotAxis axis) {
  std::vector<double> all;
  all.reserve(run.steps.size());
  double sum = 0;
  for (const StepMetrics& step : run.steps) {
    sum += axis == PlotAxis::kTokens     ? static_cast<double>(step.tokens)
           : std::isfinite(step.seconds) ? step.seconds
                                         : 0;
    all.push_back(axis == PlotAxis::kStep ? static_cast<double>(step.step) : sum);
  }
  return all;
}

}  // namespace

std::vector<RunRecord> read_runs(const std::vector<std::string>& paths) {
  std::vector<std::string> logs;
  for (const std::string& path : paths) logs.push_back(log_of(path));
  const std::vector<std::string> names = distinct_names(logs);
  std::vector<RunRecord> runs;
  for (size_t i = 0; i < logs.size(); ++i) {
    RunRecord run{.name = names[i], .steps = read_steps(logs[i]), .validations = read_validations(logs[i])};
    if (run.steps.empty()) {
      throw Error({.who = logs[i],
                   .expected = "at least one step",
                   .got = "none",
                   .cause = "the run ended before its first step, or is still in it"});
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

const std::vector<PlotMetric>& plot_metrics() {
  using S = StepMetrics;
  using V = ValidationMetrics;
  static const std::vector<PlotMetric> kMetrics = {
      {.name = "loss",
       .title = "Loss",
       .by_default = true,
       .of_step = member(&S::loss),
       .of_validation = member(&V::loss)},
      {.name = "loss_ce",
       .title = "Next-token loss",
       .unit = "nats per token",
       .by_default = true,
       .of_step = member(&S::loss_ce),
       .of_validation = member(&V::loss_ce)},
      {.name = "loss_cos_instruct",
       .title = "Mapping loss, question",
       .unit = "1 − cos",
       .by_default = true,
       .of_step = member(&S::loss_cos_instruct)},
      {.name = "loss_cos_vision",
       .title = "Mapping loss, picture",
       .unit = "1 − cos",
       .by_default = true,
       .of_step = member(&S::loss_cos_vision)},
      {.name = "grad_norm", .title = "Gradient norm", .by_default = true, .of_step = member(&S::grad_norm)},
      {.name = "learning_rate",
       .title = "Learning rate",
       .noisy = false,
       .by_default = true,
       .of_step = member(&S::learning_rate)},
      {.name = "exact_match",
       .title = "Exact answers",
       .unit = "share",
       .noisy = false,
       .of_validation = member(&V::exact_match)},
      {.name = "tokens_per_second", .title = "Speed", .unit = "tokens/s", .of_step = a_second(&S::tokens)},
      {.name = "samples_per_second", .title = "Speed", .unit = "samples/s", .of_step = a_second(&S::samples)},
      {.name = "seconds", .title = "Time of a step", .unit = "s", .of_step = member(&S::seconds)},
      {.name = "tokens", .title = "Tokens of a step", .of_step = member(&S::tokens)},
      {.name = "samples", .title = "Samples of a step", .noisy = false, .of_step = member(&S::samples)},
      {.name = "query_len", .title = "Latent tokens", .of_step = member(&S::query_len)},
      {.name = "memory_bytes", .title = "Peak memory", .unit = "GB", .noisy = false, .of_step = gigabytes},
      {.name = "epoch", .title = "Epoch", .noisy = false, .of_step = member(&S::epoch)},
  };
  return kMetrics;
}

const PlotMetric& find_plot_metric(const std::string& name) {
  std::vector<std::string> names;
  for (const PlotMetric& metric : plot_metrics()) {
    if (metric.name == name) return metric;
    names.push_back(metric.name);
  }
  const std::string meant = closest_match(name, names);
  throw Error({.who = "metric",
               .expected = "one of " + join(names, ", "),
               .got = cat("'", printable(name), "'"),
               .hint = meant.empty() ? "" : cat("did you mean '", meant, "'?")});
}

PlotAxis plot_axis(const std::string& name) {
  if (name == "step") return PlotAxis::kStep;
  if (name == "tokens") return PlotAxis::kTokens;
  if (name == "time") return PlotAxis::kTime;
  throw Error({.who = "x", .expected = "step, tokens or time", .got = cat("'", printable(name), "'")});
}

Curve step_curve(const RunRecord& run, const PlotMetric& metric, PlotAxis axis) {
  Curve curve;
  if (!metric.of_step) return curve;
  const std::vector<double> x = places(run, axis);
  for (size_t i = 0; i < run.steps.size(); ++i) {
    if (const Value value = metric.of_step(run.steps[i])) curve.push_back({x[i], *value});
  }
  return curve;
}

Curve validation_curve(const RunRecord& run, const PlotMetric& metric, PlotAxis axis) {
  Curve curve;
  if (!metric.of_validation) return curve;
  const std::vector<double> x = places(run, axis);
  for (const ValidationMetrics& validation : run.validations) {
    const Value value = metric.of_validation(validation);
    if (!value) continue;
    const auto later = std::upper_bound(run.steps.begin(), run.steps.end(), validation.step,
                                        [](int64_t step, const StepMetrics& metrics) { return step < metrics.step; });
    const auto before = static_cast<size_t>(later - run.steps.begin());
    curve.push_back({before == 0 ? 0 : x[before - 1], *value});
  }
  return curve;
}

Curve smoothed(const Curve& curve, double weight) {
  Curve out = curve;
  double mean = 0;
  double weights = 0;
  for (CurvePoint& point : out) {
    if (!std::isfinite(point.y)) continue;
    mean = weight * mean + (1 - weight) * point.y;
    weights = weight * weights + (1 - weight);
    point.y = mean / weights;
  }
  return out;
}

Curve thinned(const Curve& curve, size_t columns) {
  constexpr size_t kKept = 4;
  if (curve.size() <= kKept * columns) return curve;
  const double first = curve.front().x;
  const double width = (curve.back().x - first) / static_cast<double>(columns);
  if (!(width > 0)) return curve;
  const auto column_of = [&](const CurvePoint& point) { return std::floor((point.x - first) / width); };
  const auto lower = [](const CurvePoint& a, const CurvePoint& b) { return a.y < b.y; };
  const auto finite = [](const CurvePoint& point) { return std::isfinite(point.y); };
  Curve out;
  for (auto begin = curve.begin(); begin != curve.end();) {
    // A stretch within one column in which all points are gaps, or none is.
    const auto end = std::find_if(begin, curve.end(), [&](const CurvePoint& point) {
      return column_of(point) != column_of(*begin) || finite(point) != finite(*begin);
    });
    std::set<Curve::const_iterator> kept = {begin, end - 1};
    if (finite(*begin)) kept.insert({std::min_element(begin, end, lower), std::max_element(begin, end, lower)});
    for (const auto& point : kept) out.push_back(*point);
    begin = end;
  }
  return out;
}

}  // namespace fusion
