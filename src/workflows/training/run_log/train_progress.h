#pragma once
// How far a training run has come, for the person who started it.

#include <cstdint>
#include <functional>
#include <ostream>
#include <string_view>

#include "foundation/core/progress.h"
#include "workflows/training/run_log/metrics.h"

namespace fusion {

struct TrainProgressOptions {
  int64_t total_steps = 0;
  int64_t resume_step = 0;             ///< steps that were done before this process began
  bool terminal = false;               ///< whether the stream is one
  double plain_interval = 30;          ///< seconds between two lines where it is none
  std::function<int()> columns = {};   ///< as in ProgressOptions
  std::function<double()> clock = {};  ///< as in ProgressOptions
};

/// One line, drawn over itself on a terminal, anew every `plain_interval` elsewhere; what does not fit into the
/// terminal's width is left out, what stands last first:
///
///     step [####............]  25 %  500 of 2,000  12 min 05 s left  loss 2.135  5.21 k tokens/s  41.2 samples/s  ...
///
///     TrainProgress progress(std::cerr, {.total_steps = 2000, .terminal = isatty(2) == 1,
///                                        .columns = [] { return terminal_columns(2); }});
///     for (...) progress.update(metrics);
///     progress.finish();
class TrainProgress {
 public:
  TrainProgress(std::ostream& out, const TrainProgressOptions& options);

  /// Losses are those of the step, tokens and samples a second a mean over about the last ten.
  void update(const StepMetrics& metrics);
  /// A line of its own: "validation: loss 1.93", "checkpoint-500 is the best so far".
  void say(std::string_view line) { bar_.say(line); }
  void finish() { bar_.finish(); }

 private:
  uint64_t total_steps_ = 0;
  ProgressBar bar_;
  // Sums in which every older step counts for a tenth less.
  double tokens_ = 0;
  double samples_ = 0;
  double seconds_ = 0;
};

}  // namespace fusion
