#include "workflows/synthesis/stages/run_stages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>

#include "foundation/config/test_support.h"
#include "workflows/synthesis/stages/status.h"
#include "workflows/synthesis/stages/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const RunIdentity kIdentity{.recipe = "test"};

/// Fewest captions that give `limit` kept conversations, worked out one after another.
int64_t captions_for(int64_t limit) {
  NumberedCaptions source;
  FakeWriter writer({});
  ChainJudge judge;
  Usage usage;
  int64_t id = 0;
  for (int64_t kept = 0; kept < limit; ++id) {
    Item item = *source.caption(id);
    judge.judge_caption(item);
    if (!item.dropped_by.empty()) continue;
    writer.expand(item, {.stop = {}, .usage = &usage});
    writer.ask(item, {}, {.stop = {}, .usage = &usage});
    judge.judge(item);
    kept += kept_conversations(item);
  }
  return id;
}

/// Time of the processor without that of the system, which has its own troubles with folders that tests have emptied.
double user_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec) + static_cast<double>(used.ru_utime.tv_usec) * 1e-6;
}

TEST(RunStages, MakesWhatTheLimitAsksForAndNoMore) {
  const ScratchFolder folder;
  TestRun test;
  test.options.limit = 200;
  const RunSummary summary = test.run(folder.path());
  EXPECT_EQ(summary.end, RunEnd::kLimitReached);
  EXPECT_GE(summary.counts.kept, 200);
  EXPECT_LE(summary.counts.kept, 201);
  EXPECT_EQ(summary.counts.done(), summary.counts.items());
  EXPECT_EQ(summary.counts.items(), captions_for(200));
  EXPECT_EQ(test.source.asked, captions_for(200));
  EXPECT_EQ(summary.usage.calls, summary.counts.items() - summary.counts.dropped_captions);
  SynthStore store = SynthStore::for_reading(folder.path());
  const Item item = store.read(ItemFilter::kDone, -1, 1).front().item;
  EXPECT_EQ(item.picture, "images/000/000000000.png");
  EXPECT_EQ(item.width, 40);
  EXPECT_EQ(item.descriptions.front(), "caption 0, at length");
  EXPECT_EQ(item.conversations.size(), 2);
}

TEST(RunStages, IsTheSameHoweverManyWork) {
  const ScratchFolder one;
  const ScratchFolder many;
  TestRun alone;
  alone.options.limit = 300;
  alone.options.expand.workers = alone.options.draw.workers = alone.options.ask.workers = 1;
  alone.options.max_on_their_way = 1;
  alone.run(one.path());
  TestRun crowd;
  crowd.options.limit = 300;
  crowd.options.draw.workers = crowd.options.ask.workers = 16;
  crowd.options.max_on_their_way = 500;
  crowd.run(many.path());
  EXPECT_EQ(outcome_of(one.path()), outcome_of(many.path()));
  EXPECT_EQ(alone.judge.order, crowd.judge.order);
}

TEST(RunStages, JudgesInTheOrderOfIdsWhateverComesFirst) {
  std::mutex mutex;
  std::condition_variable changed;
  std::set<int64_t> asked;
  // Of three items (ids 3k, 3k+1, 3k+2) the first is answered last.
  const OnCall on_call = [&](Stage stage, int64_t id, const CallContext&) {
    if (stage != Stage::kAsk) return;
    std::unique_lock lock(mutex);
    if (id % 3 == 0) changed.wait(lock, [&] { return asked.contains(id + 1) && asked.contains(id + 2); });
    asked.insert(id);
    changed.notify_all();
  };
  struct KeepingJudge : ChainJudge {
    void judge_caption(Item&) override {}
  };
  const ScratchFolder folder;
  TestRun test(on_call, /*captions=*/90);
  test.options.ask.workers = 90;  // one for each: those that wait cannot keep the others out
  KeepingJudge judge;
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  run_stages(store,
             {.captions = test.source, .expand = test.writer, .draw = test.painter, .ask = test.writer, .judge = judge},
             test.options);
  ASSERT_EQ(judge.order.size(), 90);
  EXPECT_TRUE(std::ranges::is_sorted(judge.order));
}

TEST(RunStages, EndsWithTheCaptions) {
  const ScratchFolder folder;
  TestRun test({}, /*captions=*/50);
  test.options.limit = 1000;
  const RunSummary summary = test.run(folder.path());
  EXPECT_EQ(summary.end, RunEnd::kSourceEnded);
  EXPECT_EQ(summary.counts.done(), 50);
  TestRun without_limit({}, /*captions=*/50);
  EXPECT_EQ(without_limit.run(folder.path()).end, RunEnd::kSourceEnded);
  EXPECT_THAT(without_limit.judge.order, IsEmpty());
}

TEST(RunStages, GoesOnWhereTheLimitGrows) {
  const ScratchFolder at_once;
  TestRun whole;
  whole.options.limit = 300;
  whole.run(at_once.path());
  const ScratchFolder folder;
  for (const int64_t limit : {0, 40, 170, 170, 300}) {
    TestRun part;
    part.options.limit = limit;
    EXPECT_EQ(part.run(folder.path()).end, RunEnd::kLimitReached);
  }
  EXPECT_EQ(outcome_of(folder.path()), outcome_of(at_once.path()));
}

TEST(RunStages, ShardsMakeTogetherWhatOneRunMakes) {
  struct KeepingJudge : ChainJudge {
    void judge_caption(Item&) override {}
    void judge(Item&) override {}
  };
  KeepingJudge judge;
  const auto ids_of = [&](const RunIdentity& identity) {
    const ScratchFolder folder;
    TestRun test;
    test.options.limit = 120;
    SynthStore store = SynthStore::for_run(folder.path(), identity);
    const Roles roles{
        .captions = test.source, .expand = test.writer, .draw = test.painter, .ask = test.writer, .judge = judge};
    EXPECT_EQ(run_stages(store, roles, test.options).end, RunEnd::kLimitReached);
    std::vector<int64_t> ids;
    for (const StoredItem& row : store.read(ItemFilter::kDone, -1, 1000)) ids.push_back(row.item.id);
    return ids;
  };
  std::vector<int64_t> together;
  for (int64_t shard = 0; shard < 3; ++shard) {
    const std::vector<int64_t> ids = ids_of({.recipe = "test", .shard = shard, .shards = 3});
    for (const int64_t id : ids) EXPECT_EQ(id % 3, shard);
    together.insert(together.end(), ids.begin(), ids.end());
  }
  std::ranges::sort(together);
  EXPECT_EQ(together, ids_of(kIdentity));
  EXPECT_EQ(shard_share(10, 0, 3), 4);
  EXPECT_EQ(shard_share(10, 1, 3) + shard_share(10, 2, 3), 6);
}

TEST(RunStages, StopsAtItsCaps) {
  const ScratchFolder folder;
  TestRun test;
  test.options.max_cost = 10.0;  // 20 calls
  RunSummary summary = test.run(folder.path());
  EXPECT_EQ(summary.end, RunEnd::kCostCap);
  EXPECT_GE(summary.usage.cost, 10.0);
  EXPECT_LE(summary.usage.calls, 20 + 40);
  // A second start spends nothing more.
  EXPECT_EQ(test.run(folder.path()).usage.cost, summary.usage.cost);
  test.options.max_cost.reset();
  test.options.max_tokens = summary.usage.output_tokens + 100;
  EXPECT_EQ(test.run(folder.path()).end, RunEnd::kTokenCap);
  test.options.max_tokens.reset();
  test.options.limit = 150;
  EXPECT_EQ(test.run(folder.path()).end, RunEnd::kLimitReached);
}

TEST(RunStages, CommitsAndLeavesWhenAskedToStop) {
  const ScratchFolder folder;
  std::stop_source stop;
  std::mutex mutex;
  // From item 60 on nobody answers: calls wait until they are told to give up.
  const OnCall on_call = [&](Stage stage, int64_t id, const CallContext& context) {
    if (stage != Stage::kAsk || id < 60) return;
    if (id == 70) stop.request_stop();
    std::condition_variable_any told;
    std::unique_lock lock(mutex);
    told.wait(lock, context.stop, [] { return false; });
    throw CallFailed({.who = "test", .expected = "an answer", .got = "none"});
  };
  TestRun test(on_call);
  test.options.stop = stop.get_token();
  test.options.ask.workers = test.options.max_on_their_way;  // one for each: those that wait cannot keep 70 out
  const RunSummary summary = test.run(folder.path());
  EXPECT_EQ(summary.end, RunEnd::kStopped);
  EXPECT_EQ(summary.counts.failed_items(), 0);
  EXPECT_GE(summary.counts.done(), 60);
  TestRun rest;
  rest.options.limit = 200;
  rest.run(folder.path());
  const ScratchFolder whole;
  TestRun uninterrupted;
  uninterrupted.options.limit = 200;
  uninterrupted.run(whole.path());
  EXPECT_EQ(outcome_of(folder.path()), outcome_of(whole.path()));
}

TEST(RunStages, DoesNothingWhenItIsStoppedAtOnce) {
  const ScratchFolder folder;
  std::stop_source stop;
  stop.request_stop();
  TestRun test;
  test.options.stop = stop.get_token();
  const RunSummary summary = test.run(folder.path());
  EXPECT_EQ(summary.end, RunEnd::kStopped);
  EXPECT_EQ(summary.counts.items(), 0);
}

TEST(RunStages, DrawsPicturesAgainThatAreGone) {
  const ScratchFolder folder;
  {
    TestRun test;
    test.options.limit = 60;
    test.run(folder.path());
  }
  const std::string before = outcome_of(folder.path());
  std::filesystem::remove(folder / "images/000/000000004.png");
  std::ofstream(folder / "images/000/000000005.png", std::ios::trunc);
  // One that is finished but for its questions lost its second half.
  {
    SynthStore store = SynthStore::for_change(folder.path());
    Item item = store.read(ItemFilter::kAll, 5, 1).front().item;
    item.conversations.clear();
    store.commit({.items = {{item, Stage::kAsk}}});
  }
  std::filesystem::resize_file(folder / "images/000/000000006.png", 20);
  std::mutex mutex;
  std::set<int64_t> drawn;
  TestRun again([&](Stage stage, int64_t id, const CallContext&) {
    const std::lock_guard lock(mutex);
    if (stage == Stage::kDraw) drawn.insert(id);
  });
  again.options.limit = 60;
  EXPECT_GE(again.run(folder.path()).counts.kept, 60);
  // What is kept of them may be less now: then there are new items behind.
  drawn.erase(drawn.upper_bound(6), drawn.end());
  EXPECT_THAT(drawn, ElementsAre(4, 5, 6));
  for (const char* name : {"000000004", "000000005", "000000006"}) {
    EXPECT_GE(std::filesystem::file_size(folder / cat("images/000/", name, ".png")), 40);
  }
}

TEST(RunStages, SaysHowFarItIs) {
  const ScratchFolder folder;
  std::vector<RunProgress> seen;
  TestRun test;
  test.options.limit = 100;
  test.options.progress = [&](const RunProgress& progress) { seen.push_back(progress); };
  const RunSummary summary = test.run(folder.path());
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().counts, summary.counts);
  EXPECT_EQ(seen.back().kept_now, summary.counts.kept);
  EXPECT_EQ(seen.back().limit, 100);
  EXPECT_LE(static_cast<double>(seen.size()), 3 + summary.seconds * 5);
}

TEST(RunStages, ChecksItsOptions) {
  const ScratchFolder folder;
  const auto error_with = [&](auto change) {
    TestRun test;
    change(test.options);
    return error_of([&] { test.run(folder.path()); });
  };
  EXPECT_THAT(error_with([](StageOptions& o) { o.draw.workers = 0; }), HasSubstr("workers of the stage draw"));
  EXPECT_THAT(error_with([](StageOptions& o) { o.ask.workers = 5000; }), HasSubstr("from 1 to 1024"));
  EXPECT_THAT(error_with([](StageOptions& o) { o.limit = -1; }), HasSubstr("limit"));
  EXPECT_THAT(error_with([](StageOptions& o) { o.max_cost = -1; }), HasSubstr("highest cost"));
}

TEST(RunStages, CostsLittleBesideItsRoles) {
  const ScratchFolder folder;
  TestRun test;
  test.options = {.limit = 1500};
  const double before = user_seconds();
  const RunSummary summary = test.run(folder.path());
  const double milliseconds = (user_seconds() - before) * 1000 / static_cast<double>(summary.counts.items());
  RecordProperty("milliseconds_an_item", cat(milliseconds));
  EXPECT_LT(milliseconds, 0.5);
}

TEST(RunStages, NoteWhichCaptionsWerePassedOver) {
  const ScratchFolder folder;
  const BrokenCaptions broken{.count = 12, .first = {"a.txt:1: \xFF is no letter", "a.txt:7: empty"}};
  const BrokenCaptions noted{.count = 12, .first = {"a.txt:1: \xEF\xBF\xBD is no letter", "a.txt:7: empty"}};
  TestRun test;
  test.options.limit = 10;
  test.source.passed_over = broken;
  EXPECT_EQ(test.run(folder.path()).broken_captions, noted);
  TestRun again;
  again.options.limit = 10;
  EXPECT_EQ(again.run(folder.path()).broken_captions, noted) << "nothing more was asked for";
  SynthStore store = SynthStore::for_reading(folder.path());
  EXPECT_EQ(read_status(store, 0).broken_captions, noted);
}

}  // namespace
}  // namespace fusion
