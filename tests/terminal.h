#pragma once
// The built program `fusion` at a terminal, as a user has it.

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/program.h"

namespace fusion {

/// Runs the program at a pseudo-terminal. What is read is waited for, never slept for.
class Terminal {
 public:
  explicit Terminal(const std::vector<std::string>& arguments, const Variables& variables = {});
  /// Kills the program if it still runs.
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(std::string_view keys) const;
  /// Everything shown since the last call, up to and including `text`. Fails the test, and throws Error, when the
  /// program ends, or 20 s pass, before that is shown.
  std::string wait_for(const std::string& text);
  /// The exit code after the program has ended; -1: it did not end by itself.
  int wait_for_end();

 private:
  /// False at the end of the program's output.
  bool receive();

  int terminal_ = -1;
  pid_t program_ = 0;
  bool silent_ = false;  // nothing came for long
  std::string shown_;
};

}  // namespace fusion
