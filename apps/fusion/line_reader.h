#pragma once
// Lines that a user types.

#include <memory>
#include <string>

namespace fusion::app {

enum class LineEnd {
  kLine,       ///< a whole line
  kInterrupt,  ///< Ctrl-C: what was typed is given up
  kEnd,        ///< Ctrl-D on an empty line, or the end of the input
};

/// On a terminal: editing as in a shell, earlier lines with the arrow keys, file names with Tab. They are kept in
/// `history_file`, which only its user may read; that it cannot be written is no error. Where stdin is no terminal:
/// plain lines, no prompt. One at a time.
class LineReader {
 public:
  /// \param history_file  "" keeps none
  explicit LineReader(const std::string& history_file);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// Puts the next line, without its end, into `line`; with kInterrupt what had been typed of it.
  LineEnd read(const std::string& prompt, std::string& line);

  /// Whether somebody types.
  bool terminal() const { return editor_ != nullptr; }

 private:
  class Editor;
  std::unique_ptr<Editor> editor_;
};

}  // namespace fusion::app
