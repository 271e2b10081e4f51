#include <gtest/gtest.h>
#include <torch/cuda.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "workflows/parity/verify_case.h"

namespace fusion {
namespace {

const std::string kGoldens = FUSION_SOURCE_DIR "/parity/goldens";

/// Every case in parity/goldens, so that a new one needs no line here.
std::vector<std::string> golden_folders() {
  std::vector<std::string> folders;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kGoldens)) {
    if (entry.is_directory() && is_golden_case(entry.path())) folders.push_back(entry.path().string());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

void expect_all_hold(const CaseReport& report) {
  EXPECT_FALSE(report.checks.empty());
  for (const StageCheck& check : report.checks) {
    EXPECT_TRUE(check.holds) << check.name << " [" << check.shape << "] error " << check.error << " bound "
                             << check.bound << " " << check.problem;
  }
}

class GoldenCases : public testing::TestWithParam<std::string> {};

TEST_P(GoldenCases, EveryStageHolds) {
  expect_all_hold(verify_case(GetParam(), {}, {}));
}

TEST_P(GoldenCases, EveryStageHoldsOnTheGpu) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "torch sees no GPU";
  expect_all_hold(verify_case(GetParam(), {.device = torch::kCUDA}, {}));
}

INSTANTIATE_TEST_SUITE_P(Parity, GoldenCases, testing::ValuesIn(golden_folders()),
                         [](const auto& test) { return std::filesystem::path(test.param).filename().string(); });

}  // namespace
}  // namespace fusion
