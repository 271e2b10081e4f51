#pragma once
// What went wrong, for people and for exit codes.

#include <string>

namespace fusion::app {

/// Exit codes of the program; 0 is success.
enum ExitCode {
  kFailure = 1,       ///< the work could not be done
  kUsageError = 2,    ///< the command line or the config file is wrong
  kInterrupted = 130  ///< Ctrl-C, as shells count it
};

struct Failure {
  std::string message;
  int exit_code = kFailure;
};

/// Thrown by a command that has said all there is to say.
struct EarlyEnd {
  int exit_code;
};

/// What to do where memory ends.
inline constexpr const char* kAnsweringMemoryHint =
    "try --dtype bfloat16, a smaller --max-tokens or --detail, or a smaller model";
inline constexpr const char* kTrainingMemoryHint =
    "try a smaller micro_batch_size or max_length, or activation_checkpointing: true, in the run's file; --dry-run "
    "says what a run needs";

/// Of the exception that is being handled. Call it in a catch block.
Failure current_failure(const char* memory_hint = kAnsweringMemoryHint);

/// Says it on stderr in one line, whatever a file name or a library put into the text.
void report(std::string message);

}  // namespace fusion::app
