#pragma once
// The record of a training run that programs read: metrics.jsonl in the run folder, one JSON object a line.
//
//     {"kind":"start","step":0,"time":1767225600.5,"world_size":1, ...}       whatever the run says about itself
//     {"kind":"step","step":1,"epoch":0.01,"loss":11.2, ...}                  the fields of StepMetrics
//     {"kind":"validation","step":100,"loss":3.4, ...}                        the fields of ValidationMetrics
//     {"kind":"note","step":100,"text":"checkpoint-100 is the best so far"}
//
// Doubles have all their digits, so that two runs can be compared bit for bit; those that are no number are the strings
// "nan", "inf" and "-inf". Absent optional values are null.

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "workflows/training/run_log/append_file.h"
#include "workflows/training/run_log/metrics.h"

namespace fusion {

inline constexpr const char* kMetricsFile = "metrics.jsonl";

/// Appends to a run's metrics.jsonl. Every line is with the system before the call returns: a kill loses none, and at
/// most cuts the last one short, which is then dropped when the log is opened again.
///
/// A run that goes on at step k computes every later step again. What the file says of steps > k is therefore cut away
/// first, in one atomic replacement: the step lines of a killed and resumed run are those of an uninterrupted one, but
/// for "seconds" and "memory_bytes". Unreadable lines behind step k, as a power loss leaves them, go too. A run that
/// begins at 0 leaves the steps of an earlier one in metrics-1.jsonl, or the next free number.
///
///     MetricsLog log(run_folder, resume_step);
///     log.start({{"world_size", 4}, {"parameters", 135000000}});
///     for (...) log.add(metrics);
///     log.sync();  // before a checkpoint is put in place
class MetricsLog {
 public:
  /// \param resume_step  steps that the loaded checkpoint holds; 0 begins the file anew
  /// \param clock        seconds since 1970 for start lines; nothing: the system's
  /// Throws Error where the file cannot be written, or where a line up to the resume step is none of this form.
  MetricsLog(const std::string& folder, int64_t resume_step, std::function<double()> clock = {});

  /// `facts` is an object; its keys follow "kind", "step" (the resume step) and "time".
  void start(const nlohmann::ordered_json& facts);
  void add(const StepMetrics& metrics);
  void add(const ValidationMetrics& metrics);
  /// Anything worth a sentence that belongs to what happened up to `step`. Broken UTF-8 is replaced.
  void note(int64_t step, std::string_view text);
  /// Waits for the disk. Call it before a checkpoint is put in place: the log then never ends before the checkpoint.
  void sync() { file_.sync(); }

  const std::string& path() const { return file_.path(); }

 private:
  void append(const nlohmann::ordered_json& line);

  AppendFile file_;
  int64_t resume_step_ = 0;
  std::function<double()> clock_;
};

/// The step lines of a metrics.jsonl, in order; other kinds are skipped, a last line cut short is ignored, so that the
/// file of a running training can be read. Throws Error with the line's number where a line is no record of a kind
/// above, has unknown, missing or mistyped fields, or where steps do not grow.
std::vector<StepMetrics> read_steps(const std::string& path);

/// The same for validation lines; several may be of one step.
std::vector<ValidationMetrics> read_validations(const std::string& path);

}  // namespace fusion
