#include "workflows/training/run_log/ticks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> labels(const Ticks& ticks) {
  std::vector<std::string> all;
  for (const Tick& tick : ticks.major) all.push_back(tick.label);
  return all;
}

TEST(LinearTicks, AreRoundNumbers) {
  EXPECT_THAT(labels(linear_ticks(0, 10, 6)), ElementsAre("0", "2", "4", "6", "8", "10"));
  EXPECT_THAT(labels(linear_ticks(1.97, 2.61, 5)), ElementsAre("2.0", "2.2", "2.4", "2.6"));
  EXPECT_THAT(labels(linear_ticks(-0.3, 0.3, 4)), ElementsAre("−0.2", "0.0", "0.2"));
  EXPECT_THAT(labels(linear_ticks(0, 45000, 4)), ElementsAre("0", "20,000", "40,000"));
  EXPECT_THAT(labels(linear_ticks(0, 4500, 4)), ElementsAre("0", "2000", "4000"));
}

TEST(LinearTicks, LongLabelsShareAFactor) {
  const Ticks small = linear_ticks(0, 2e-5, 5);
  EXPECT_EQ(small.factor, "×10⁻⁵");
  EXPECT_THAT(labels(small), ElementsAre("0.0", "0.5", "1.0", "1.5", "2.0"));
  EXPECT_DOUBLE_EQ(small.major[1].value, 0.5e-5);
  const Ticks large = linear_ticks(0, 3.1e9, 4);
  EXPECT_EQ(large.factor, "×10⁹");
  EXPECT_THAT(labels(large), ElementsAre("0", "1", "2", "3"));
  EXPECT_EQ(linear_ticks(0.9, 0.904, 5).factor, "");
}

TEST(LinearTicks, AreNeverTooManyAndAlwaysInside) {
  for (double length = 1e-12; length < 1e12; length *= 1.7) {
    for (const double low : {0.0, -length / 3, length * 2.2}) {
      for (const int most : {2, 4, 7}) {
        const Ticks ticks = linear_ticks(low, low + length, most);
        EXPECT_LE(ticks.major.size(), static_cast<size_t>(most)) << low << " + " << length;
        for (const Tick& tick : ticks.major) {
          EXPECT_GE(tick.value, low - 1e-6 * length);
          EXPECT_LE(tick.value, low + length * (1 + 1e-6));
        }
        if (most > 3) {
          EXPECT_GE(ticks.major.size(), 2u) << low << " + " << length;
        }
      }
    }
  }
}

TEST(LogTicks, ArePowersOfTen) {
  const Ticks ticks = log_ticks(0.005, 50, 6);
  EXPECT_THAT(labels(ticks), ElementsAre("0.01", "0.1", "1", "10"));
  EXPECT_THAT(ticks.minor, SizeIs(5 + 8 + 8 + 8 + 4));
  EXPECT_THAT(labels(log_ticks(1e-7, 1e-5, 6)), ElementsAre("10⁻⁷", "10⁻⁶", "10⁻⁵"));
  EXPECT_THAT(log_ticks(1e-20, 1, 6).major, SizeIs(testing::Le(6u)));
  EXPECT_THAT(log_ticks(1e-20, 1, 6).minor, IsEmpty());
}

TEST(LogTicks, ShortRangesHaveThemCloser) {
  EXPECT_THAT(labels(log_ticks(0.9, 8, 6)), ElementsAre("1", "2", "5"));
  EXPECT_THAT(labels(log_ticks(2.1, 2.9, 5)), ElementsAre("2.2", "2.4", "2.6", "2.8"));
}

}  // namespace
}  // namespace fusion
