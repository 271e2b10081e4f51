#pragma once
// One line that tells how far a long piece of work has come.

#include <cstdint>
#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

namespace fusion {

struct ProgressOptions {
  std::string label = {};  ///< what is being done: "writing weights"
  bool terminal = false;   ///< whether the stream is one; if not, there are plain lines or nothing
  /// How an amount is written: bytes_text, count_text ...
  std::function<std::string(uint64_t)> amount = {};
  double interval = 0.1;      ///< seconds between two drawings
  double plain_interval = 0;  ///< seconds between two lines where the stream is no terminal; 0: none is written
  bool rate = true;           ///< whether to say the amount a second
  uint64_t already = 0;       ///< what was done before the bar began: it says nothing of the rate
  /// Width of the terminal now, 0 if unknown; nothing: lines may have any length.
  std::function<int()> columns = {};
  /// Seconds from any fixed moment on; nothing: the steady clock.
  std::function<double()> clock = {};
};

/// Characters in a line of the terminal, or 0 where there is none.
int terminal_columns(int descriptor);

/// A bar with share, rate and time left, drawn over itself in one line of a terminal; elsewhere, if asked for, a line
/// without the bar from time to time.
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

  /// `done` of `total`. Draws at most once an interval, and always when the work is complete. The `parts` stand behind
  /// the time left, each if there is room for it.
  void update(uint64_t done, uint64_t total, std::span<const std::string> parts = {});
  /// A line of its own above the bar. Silent where the bar is.
  void say(std::string_view line);
  /// Ends the line; later updates draw nothing.
  void finish();

 private:
  bool silent() const;
  std::string text(double now, uint64_t done, uint64_t total) const;

  std::ostream& out_;
  ProgressOptions options_;
  double start_ = 0;
  double last_drawn_ = 0;
  std::string shown_;  ///< on the terminal now
  bool drawn_ = false;
  bool finished_ = false;
};

}  // namespace fusion
