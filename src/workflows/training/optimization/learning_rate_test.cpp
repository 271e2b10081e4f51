#include "workflows/training/optimization/learning_rate.h"

#include <gtest/gtest.h>

#include <vector>

namespace fusion {
namespace {

std::vector<double> factors(const Schedule& schedule, int64_t total_steps) {
  std::vector<double> all;
  for (int64_t step = 0; step < total_steps; ++step) all.push_back(rate_factor(schedule, step, total_steps));
  return all;
}

void expect_near(const std::vector<double>& got, const std::vector<double>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-15) << "step " << i;
}

// Expected values: the lambdas of transformers 4.48.1's optimization.py, by its own formulas in Python.

TEST(LearningRate, CosineRisesAndFallsAsHalfAWave) {
  expect_near(factors({.kind = ScheduleKind::kCosine, .warmup_steps = 2}, 10),
              {0.0, 0.5, 1.0, 0.9619397662556434, 0.8535533905932737, 0.6913417161825449, 0.5, 0.3086582838174552,
               0.14644660940672627, 0.03806023374435663});
}

TEST(LearningRate, LinearFallsToZero) {
  expect_near(factors({.kind = ScheduleKind::kLinear, .warmup_steps = 2}, 6), {0.0, 0.5, 1.0, 0.75, 0.5, 0.25});
  EXPECT_EQ(rate_factor({.kind = ScheduleKind::kLinear, .warmup_steps = 2}, 6, 6), 0.0);
}

TEST(LearningRate, ConstantStaysAfterWarmUp) {
  expect_near(factors({.kind = ScheduleKind::kConstant, .warmup_steps = 3}, 5), {0.0, 1.0 / 3, 2.0 / 3, 1.0, 1.0});
}

TEST(LearningRate, WithoutWarmUpTheFirstStepHasTheWholeRate) {
  EXPECT_EQ(rate_factor({.kind = ScheduleKind::kCosine}, 0, 10), 1.0);
  EXPECT_EQ(rate_factor({.kind = ScheduleKind::kLinear}, 0, 10), 1.0);
}

TEST(LearningRate, AtTheEndItIsZeroAndNeverNegative) {
  EXPECT_NEAR(rate_factor({.kind = ScheduleKind::kCosine, .warmup_steps = 2}, 10, 10), 0.0, 1e-15);
  EXPECT_EQ(rate_factor({.kind = ScheduleKind::kLinear, .warmup_steps = 2}, 12, 10), 0.0);
}

TEST(LearningRate, AWarmUpAsLongAsTheRunIsNoDivisionByZero) {
  EXPECT_EQ(rate_factor({.kind = ScheduleKind::kCosine, .warmup_steps = 4}, 3, 4), 0.75);
  EXPECT_EQ(rate_factor({.kind = ScheduleKind::kCosine, .warmup_steps = 4}, 4, 4), 1.0);
}

TEST(LearningRate, WarmUpIsAShareRoundedUp) {
  EXPECT_EQ(warmup_steps_of(0.03, 100), 3);
  EXPECT_EQ(warmup_steps_of(0.03, 101), 4);
  EXPECT_EQ(warmup_steps_of(0.0, 100), 0);
}

}  // namespace
}  // namespace fusion
