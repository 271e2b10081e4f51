#pragma once
// Running the built program `fusion` as a user does.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fusion {

using Variables = std::vector<std::pair<std::string, std::string>>;

struct ProgramOptions {
  /// The program is killed when it takes longer.
  std::chrono::milliseconds timeout{20'000};
  /// Stop reading standard output, and close the pipe, after so many bytes; nothing: read all of it.
  std::optional<size_t> stdout_bytes = {};
  /// Where standard output goes instead of a pipe: a file, or "" for closed from the start.
  std::optional<std::string> stdout_path = {};
  /// What standard input holds.
  std::string input = {};
  /// Sent to the program as soon as anything has arrived on standard output.
  std::optional<int> signal_at_output = {};
  /// The same of standard error.
  std::optional<int> signal_at_message = {};
  /// Called at that moment, before the signal is sent: what it does happens while the program works.
  std::function<void()> at_message = {};
  /// All that the program may map at once, as on a machine with so much memory.
  std::optional<uint64_t> memory_bytes = {};
  /// No file that the program writes can grow larger, as on a full disk.
  std::optional<uint64_t> file_bytes = {};
  /// Added to the environment.
  Variables variables = {};
};

struct ProgramResult {
  int exit_code = -1;   ///< -1: ended by a signal
  int signal = 0;       ///< 0: ended by itself
  bool killed = false;  ///< it took too long
  std::string out;
  std::string err;
  int64_t peak_bytes = 0;  ///< largest resident memory
};

/// Words as exec() wants them; they must outlive the result.
std::vector<char*> pointers_to(std::vector<std::string>& words);

/// The environment with `variables` added, each as "NAME=value". No file of defaults is read unless they name one.
std::vector<std::string> environment_with(const Variables& variables);

/// Runs `fusion` with those arguments, without a terminal, in the folder of the caller. Throws Error when it cannot be
/// started.
ProgramResult run_fusion(const std::vector<std::string>& arguments, const ProgramOptions& options = {});

}  // namespace fusion
