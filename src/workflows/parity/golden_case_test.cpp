#include <gtest/gtest.h>

#include <filesystem>

#include "workflows/parity/compare.h"
#include "workflows/parity/golden_case.h"
#include "workflows/parity/replay.h"

namespace fusion {
namespace {

std::vector<std::string> golden_folders() {
  std::vector<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(FUSION_SOURCE_DIR "/parity/goldens")) {
    if (std::filesystem::exists(entry.path() / "case.json")) folders.push_back(entry.path().string());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

class GoldenCases : public testing::TestWithParam<std::string> {};

TEST_P(GoldenCases, EveryStageHolds) {
  const GoldenCase golden = load_golden_case(GetParam());
  const auto checks = compare(golden, replay(golden, {}), {});
  EXPECT_GT(checks.size(), 100u);
  for (const StageCheck& check : checks) {
    EXPECT_TRUE(check.holds) << check.name << " [" << check.shape << "] error " << check.error << " bound "
                             << check.bound << " " << check.problem;
  }
}

INSTANTIATE_TEST_SUITE_P(Parity, GoldenCases, testing::ValuesIn(golden_folders()),
                         [](const auto& test) { return std::filesystem::path(test.param).filename().string(); });

}  // namespace
}  // namespace fusion
