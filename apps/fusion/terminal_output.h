#pragma once
// What people at a terminal see while they wait, and answers as they come.

#include <cstdint>
#include <functional>
#include <string>

#include "foundation/core/progress.h"
#include "pipeline/generation/assistant.h"

namespace fusion::app {

/// One line of stderr that says what is going on, drawn over itself and cut to the terminal's width. Silent when
/// stderr is no terminal.
class StageLine {
 public:
  explicit StageLine(bool quiet);
  /// Clears the line, so that an error stands on a clean one.
  ~StageLine() { clear(); }
  StageLine(const StageLine&) = delete;
  StageLine& operator=(const StageLine&) = delete;

  void show(const std::string& text) const;
  /// "looking: tile 3/5", "reading: layer 12/32"; nothing once the answer begins.
  void show(const GenerationProgress& progress) const;
  void clear() const;
  bool shown() const { return shown_; }

 private:
  bool shown_;
  mutable bool drawn_ = false;
};

/// A bar on stderr for things that are counted; a line now and then where stderr is no terminal, nothing where
/// `silent`.
ProgressOptions counted_progress(std::string label, bool silent);

/// A function that draws a bar of its own, which ends when all is done; nothing where stderr is no terminal.
std::function<void(uint64_t done, uint64_t total)> drawn_bar(ProgressOptions options);

/// `text` with what would command a terminal replaced by "?": control characters but newline and tab, those of
/// Latin-1 (U+0080 to U+009F) too.
std::string harmless(const std::string& text);

/// Writes a part of an answer to stdout, harmless() where that is a terminal. False: its reader has gone.
bool print_text(const std::string& text);

/// "first token after 0.41 s, 18 tokens, 12.3 tokens/s".
std::string summary_of(const Answer& answer);

}  // namespace fusion::app
