#include "foundation/core/units.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace fusion {
namespace {

TEST(Units, BytesKeepThreeDigits) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1000), "1.00 kB");
  EXPECT_EQ(bytes_text(9'999), "10.0 kB");
  EXPECT_EQ(bytes_text(999'499), "999 kB");
  EXPECT_EQ(bytes_text(999'500), "1.00 MB");
  EXPECT_EQ(bytes_text(10'186'069'568), "10.2 GB");
  EXPECT_EQ(bytes_text(UINT64_MAX), "18.4 EB");
}

TEST(Units, Counts) {
  EXPECT_EQ(count_text(784), "784");
  EXPECT_EQ(count_text(5'093'034'784), "5.09 G");
  EXPECT_EQ(grouped_text(0), "0");
  EXPECT_EQ(grouped_text(999), "999");
  EXPECT_EQ(grouped_text(1000), "1,000");
  EXPECT_EQ(grouped_text(5'093'034'784), "5,093,034,784");
}

TEST(Units, DurationsChangeTheirUnit) {
  EXPECT_EQ(duration_text(-3), "0 s");
  EXPECT_EQ(duration_text(59.4), "59 s");
  EXPECT_EQ(duration_text(59.6), "1 min 00 s");
  EXPECT_EQ(duration_text(185), "3 min 05 s");
  EXPECT_EQ(duration_text(7'640), "2 h 07 min");
  EXPECT_EQ(duration_text(INFINITY), "more than 99 h");
  EXPECT_EQ(duration_text(NAN), "more than 99 h");
}

}  // namespace
}  // namespace fusion
