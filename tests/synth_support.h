#pragma once
// What the tests of `fusion synth` share: small recipes, and what stands in a run's folder.

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli_support.h"

namespace fusion {

class SynthTest : public ::testing::Test {
 protected:
  /// Writes a recipe of the embedded world with pictures of 64 x 64.
  std::string recipe(const std::string& name, const std::function<void(nlohmann::json&)>& edit = {}) const;
  std::string output(const std::string& name) const { return folder_ / name; }
  static Words synth(const std::string& recipe, const std::string& out, const Words& more = {});
  /// Runs it to its end; it takes a minute at most.
  static ProgramResult run_to_end(const Words& words);
  /// `fusion synth status --json`; null where there is no run in the folder yet.
  static nlohmann::json status(const std::string& out);
  /// Asks for the status until so many conversations were kept. Returns the status; fails the test after 20 seconds.
  static nlohmann::json wait_for_kept(const std::string& out, int64_t kept);

  ScratchFolder folder_;
};

/// How many items the status says have failed.
int64_t failed_items(const nlohmann::json& status);

/// The records of all parts of the data set.
std::vector<nlohmann::json> records_of(const std::string& out);

/// The bytes of what a training run reads: records, mixtures and pictures, by their paths in the folder.
std::map<std::string, std::string> data_files(const std::string& out);

/// Paths of the pictures in the run's folder.
std::vector<std::string> pictures_of(const std::string& out);

}  // namespace fusion
