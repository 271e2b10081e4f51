#pragma once
// What the tests of `fusion train` share: runs on the example data, by one process or several.

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli_support.h"

namespace fusion {

/// What the steps of a run computed, with every digit; clocks and memory left out.
std::vector<nlohmann::json> steps_of(const std::string& run);

class TrainTest : public ModelTest {
 protected:
  /// Writes a config that trains the model on the example data.
  std::string config(const std::string& output, const std::function<void(nlohmann::json&)>& edit = {}) const;
  static Words train(const std::string& path) { return {"train", path, "--device", "cpu", "--threads", "1"}; }
  std::string output(const std::string& name) const { return folder_ / name; }

  /// Runs the config in so many processes at once.
  /// \param of_last  options of the one of the highest rank
  static std::vector<ProgramResult> train_together(const std::string& path, int processes,
                                                   const ProgramOptions& of_last = in_minutes(2));
  static ProgramOptions in_minutes(int minutes) { return {.timeout = std::chrono::minutes(minutes)}; }

  /// Expects the one line of an error. Notes, which are lines of their own, are not asked for.
  static void expect_refused(const std::string& path, const Words& parts);

  ScratchFolder folder_;
};

}  // namespace fusion
