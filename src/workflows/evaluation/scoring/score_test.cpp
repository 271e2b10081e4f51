#include "workflows/evaluation/scoring/score.h"

#include <gtest/gtest.h>

namespace fusion {
namespace {

TEST(Score, WilsonsIntervalAsInTheTables) {
  // statsmodels.stats.proportion.proportion_confint(90, 100, method="wilson")
  const Interval interval = Score{.right = 90, .total = 100}.interval();
  EXPECT_NEAR(interval.low, 0.825634, 1e-6);
  EXPECT_NEAR(interval.high, 0.944771, 1e-6);
}

TEST(Score, IntervalsStayWithinBounds) {
  EXPECT_DOUBLE_EQ((Score{.right = 0, .total = 5}.interval().low), 0);
  EXPECT_DOUBLE_EQ((Score{.right = 5, .total = 5}.interval().high), 1);
  EXPECT_LT((Score{.right = 5, .total = 5}.interval().low), 0.6);
  const Interval nothing = Score{}.interval();
  EXPECT_DOUBLE_EQ(nothing.low, 0);
  EXPECT_DOUBLE_EQ(nothing.high, 1);
}

TEST(Score, AddsUp) {
  Score score;
  score.add(true);
  score.add(false);
  score.add(Score{.right = 2, .total = 2});
  EXPECT_EQ(score, (Score{.right = 3, .total = 4}));
  EXPECT_DOUBLE_EQ(score.share(), 0.75);
  EXPECT_DOUBLE_EQ(Score{}.share(), 0);
}

}  // namespace
}  // namespace fusion
