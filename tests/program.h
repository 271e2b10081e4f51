#pragma once
// Running the built program `fusion` as a user does.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fusion {

struct ProgramOptions {
  /// The program is killed when it takes longer.
  std::chrono::seconds timeout{20};
  /// Stop reading standard output, and close the pipe, after so many bytes; nothing: read all of it.
  std::optional<size_t> stdout_bytes = {};
  /// Where standard output goes instead of a pipe: a file, or "" for closed from the start.
  std::optional<std::string> stdout_path = {};
};

struct ProgramResult {
  int exit_code = -1;   ///< -1: ended by a signal
  int signal = 0;       ///< 0: ended by itself
  bool killed = false;  ///< it took too long
  std::string out;
  std::string err;
  int64_t peak_bytes = 0;  ///< largest resident memory
};

/// Runs `fusion` with those arguments, without a terminal, in the folder of the caller. Throws Error when it cannot be
/// started.
ProgramResult run_fusion(const std::vector<std::string>& arguments, const ProgramOptions& options = {});

}  // namespace fusion
