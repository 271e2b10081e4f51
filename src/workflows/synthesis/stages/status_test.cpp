#include "workflows/synthesis/stages/status.h"

#include <gtest/gtest.h>

#include <cmath>

#include "foundation/config/test_support.h"
#include "workflows/synthesis/stages/test_support.h"

namespace fusion {
namespace {

TEST(Status, SaysWhereARunStands) {
  const ScratchFolder folder;
  TestRun test([](Stage stage, int64_t id, const CallContext&) {
    if (stage == Stage::kAsk && id == 11) throw CallFailed({.who = "test", .got = "nothing"});
  });
  test.options.limit = 100;
  test.options.max_cost = 15;
  const RunSummary summary = test.run(folder.path());
  ASSERT_EQ(summary.end, RunEnd::kCostCap);
  SynthStore store = SynthStore::for_reading(folder.path());
  const double updated = store.last_session()->updated;
  const RunStatus status = read_status(store, updated + 7);
  EXPECT_EQ(status.limit, 100);
  EXPECT_EQ(status.counts, summary.counts);
  EXPECT_EQ(status.usage.cost, summary.usage.cost);
  EXPECT_NEAR(status.idle_seconds.value(), 7, 1e-3);
  const auto [expand, draw, ask, filter] = status.stages;
  EXPECT_EQ(ask.failed, 1);
  EXPECT_EQ(ask.usage.calls, summary.usage.calls);
  EXPECT_EQ(expand.passed + expand.waiting + summary.counts.dropped_captions, summary.counts.items());
  EXPECT_EQ(draw.passed + draw.waiting, expand.passed);
  EXPECT_EQ(ask.passed + ask.waiting + ask.failed, draw.passed);
  EXPECT_EQ(filter.passed, summary.counts.done() - summary.counts.dropped_captions);
  EXPECT_GT(draw.per_second, 0);
  const double kept = static_cast<double>(summary.counts.kept);
  EXPECT_NEAR(status.cost_at_limit.value(), summary.usage.cost * 100 / kept, 1e-6);
  EXPECT_EQ(status.tokens_at_limit.value(),
            std::llround(static_cast<double>(summary.usage.output_tokens) * 100 / kept));
  EXPECT_NEAR(status.seconds_left.value(), (100 - kept) / status.kept_per_second, 1e-6);
}

TEST(Status, ForecastsNothingWithoutNumbers) {
  const ScratchFolder folder;
  SynthStore store = SynthStore::for_run(folder.path(), {.recipe = "test"});
  const RunStatus status = read_status(store, 0);
  EXPECT_FALSE(status.limit);
  EXPECT_FALSE(status.seconds_left);
  EXPECT_FALSE(status.cost_at_limit);
  EXPECT_FALSE(status.idle_seconds);
  store.set_note("limit", "");
  EXPECT_FALSE(read_status(store, 0).limit);
}

TEST(Status, HasNoTimeLeftAtTheLimit) {
  const ScratchFolder folder;
  TestRun test;
  test.options.limit = 20;
  test.run(folder.path());
  SynthStore store = SynthStore::for_reading(folder.path());
  const RunStatus status = read_status(store, 0);
  EXPECT_EQ(status.seconds_left, 0);
  EXPECT_EQ(status.cost_at_limit, status.usage.cost);
}

}  // namespace
}  // namespace fusion
