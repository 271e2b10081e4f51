#include "workflows/synthesis/endpoints/rate_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "workflows/synthesis/endpoints/test_support.h"

namespace fusion {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

constexpr int64_t kNoon = 1445412480;  // Wed, 21 Oct 2015 07:28:00 GMT

TEST(RateLimit, SpreadsCallsOverTheMinute) {
  const auto clock = std::make_shared<FakeClock>();
  RateLimit rate(120, clock);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(rate.wait({}));
  EXPECT_THAT(clock->waits(), ElementsAre(DoubleNear(0.5, 1e-9), DoubleNear(0.5, 1e-9), DoubleNear(0.5, 1e-9)));
}

TEST(RateLimit, WaitsForNothingWithoutALimit) {
  const auto clock = std::make_shared<FakeClock>();
  RateLimit rate(0, clock);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(rate.wait({}));
  EXPECT_TRUE(clock->waits().empty());
}

TEST(RateLimit, HoldsAllCallsBackDuringAPause) {
  const auto clock = std::make_shared<FakeClock>();
  RateLimit rate(0, clock);
  rate.pause_until(clock->now() + 30);
  rate.pause_until(clock->now() + 10);
  EXPECT_TRUE(rate.wait({}));
  EXPECT_TRUE(rate.wait({}));
  EXPECT_THAT(clock->waits(), ElementsAre(30));
}

TEST(RateLimit, GivesUpOnAStop) {
  RateLimit rate(1, real_clock());
  EXPECT_TRUE(rate.wait({}));
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_FALSE(rate.wait(stop.get_token())) << "a minute's wait would pass the test's time limit";
}

TEST(Slots, AreNoMoreThanThereAre) {
  Slots slots(2);
  auto first = slots.take({});
  auto second = slots.take({});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(slots.take(stop.get_token()), nullptr);
  second.reset();
  EXPECT_NE(slots.take({}), nullptr);
}

TEST(Slots, GoToWhoeverWaits) {
  Slots slots(1);
  auto held = slots.take({});
  bool taken = false;
  {
    std::jthread waiter([&] { taken = slots.take({}) != nullptr; });
    held.reset();
  }
  EXPECT_TRUE(taken);
}

TEST(Backoff, DoublesUpToAMinute) {
  RandomSource random(1);
  for (const auto& [attempt, longest] :
       {std::pair{1, 1.0}, {2, 2.0}, {3, 4.0}, {6, 32.0}, {7, 60.0}, {1000000, 60.0}}) {
    for (int i = 0; i < 50; ++i) {
      const double seconds = backoff_seconds(attempt, random);
      EXPECT_GE(seconds, longest / 2);
      EXPECT_LE(seconds, longest);
    }
  }
}

TEST(Backoff, IsTheSameForASeed) {
  RandomSource one(3, 4);
  RandomSource same(3, 4);
  RandomSource other(3, 5);
  EXPECT_EQ(backoff_seconds(5, one), backoff_seconds(5, same));
  EXPECT_NE(backoff_seconds(5, one), backoff_seconds(5, other));
}

TEST(RetryAfter, ReadsSecondsAndDates) {
  EXPECT_EQ(retry_after_seconds("120", 0), 120);
  EXPECT_EQ(retry_after_seconds("0", 0), 0);
  EXPECT_EQ(retry_after_seconds("Wed, 21 Oct 2015 07:28:00 GMT", kNoon - 7), 7);
  EXPECT_EQ(retry_after_seconds("Wed, 21 Oct 2015 07:28:00 GMT", kNoon + 7), 0) << "it is over";
  EXPECT_EQ(retry_after_seconds("Thu, 29 Feb 2024 00:00:00 GMT", 1709164800 - 1), 1);
}

TEST(RetryAfter, PassesOverWhatIsNeither) {
  for (const char* header :
       {"", "soon", "-5", "1.5", "99999999999", "Wed, 21 Oct 2015 07:28:00 CET", "Wed, 21 Okt 2015 07:28:00 GMT",
        "Wed, 31 Feb 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28"}) {
    EXPECT_EQ(retry_after_seconds(header, 0), std::nullopt) << header;
  }
}

}  // namespace
}  // namespace fusion
