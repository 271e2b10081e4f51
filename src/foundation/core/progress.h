#pragma once
// One line that tells how far a long piece of work has come.

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

namespace fusion {

struct ProgressOptions {
  std::string label = {};  ///< what is being done: "writing weights"
  bool terminal = false;   ///< whether the stream is one; if not, nothing is ever written
  /// How an amount is written: bytes_text, count_text ...
  std::function<std::string(uint64_t)> amount = {};
  double interval = 0.1;  ///< seconds between two drawings
  /// Seconds from any fixed moment on; nothing: the steady clock.
  std::function<double()> clock = {};
};

/// A bar with share, rate and time left, drawn over itself in one line of a terminal.
///
///     ProgressBar bar(std::cerr, {.label = "writing", .terminal = isatty(2) == 1, .amount = bytes_text});
///     for (...) bar.update(done, total);
///     bar.finish();
class ProgressBar {
 public:
  ProgressBar(std::ostream& out, ProgressOptions options);
  /// Clears the line if the work ended early, so that a message after it starts on a clean one.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// `done` of `total`. Draws at most once an interval, and always when the work is complete.
  void update(uint64_t done, uint64_t total);
  /// Ends the line; later updates draw nothing.
  void finish();

 private:
  void draw(double now, uint64_t done, uint64_t total);

  std::ostream& out_;
  ProgressOptions options_;
  double start_ = 0;
  double last_drawn_ = 0;
  bool drawn_ = false;
  bool finished_ = false;
};

}  // namespace fusion
