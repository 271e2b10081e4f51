#pragma once
// What TensorBoard reads: events.out.tfevents.* files in the run folder.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workflows/training/run_log/append_file.h"
#include "workflows/training/run_log/metrics.h"

namespace fusion {

/// Appends events, each whole before the call returns, to a file of its own that sorts behind those of earlier runs in
/// the folder. A run that goes on at step k first tells TensorBoard to forget what those say of later steps, which are
/// computed again.
///
///     TensorBoardLog board(run_folder, resume_step);
///     board.add(metrics);                                            // train/loss, train/loss_ce, ...
///     board.text("validation/answers", step, "| question | answer |\n|---|---|\n...");
class TensorBoardLog {
 public:
  /// \param resume_step  steps that the loaded checkpoint holds; 0 for a new run
  /// \param clock        seconds since 1970; nothing: the system's
  /// Throws Error where the file cannot be written.
  TensorBoardLog(const std::string& folder, int64_t resume_step, std::function<double()> clock = {});

  /// The fields as "train/loss" ..., and "train/tokens_per_second", "train/samples_per_second".
  void add(const StepMetrics& metrics);
  /// "validation/loss" ...
  void add(const ValidationMetrics& metrics);
  void scalar(std::string_view tag, int64_t step, double value);
  /// `markdown` is UTF-8; TensorBoard shows it formatted.
  void text(std::string_view tag, int64_t step, std::string_view markdown);
  /// Waits for the disk.
  void sync() { file_.sync(); }

  const std::string& path() const { return file_.path(); }

 private:
  using Scalars = std::vector<std::pair<std::string, double>>;

  void add_scalars(int64_t step, const Scalars& scalars);
  /// `content` is the event without its time and step.
  void add_event(int64_t step, std::string_view content);

  std::function<double()> clock_;
  AppendFile file_;
};

}  // namespace fusion
