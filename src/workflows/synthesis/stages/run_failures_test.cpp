// What stops a run, what does not, and what is left in the store.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"
#include "foundation/core/random_source.h"
#include "workflows/synthesis/stages/run_stages.h"
#include "workflows/synthesis/stages/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

ErrorParts no_answer() {
  return {.who = "endpoint", .expected = "an answer", .got = "500"};
}

TEST(RunFailures, SetsItemsAsideAndRetriesThem) {
  const ScratchFolder folder;
  std::atomic<bool> failing = true;
  // Each stage fails for a fifth of the items.
  const OnCall on_call = [&](Stage stage, int64_t id, const CallContext& context) {
    ++context.usage->retries;
    if (failing && RandomSource(static_cast<uint64_t>(id), static_cast<uint64_t>(stage)).chance(0.2)) {
      throw CallFailed(no_answer());
    }
  };
  TestRun test(on_call, /*captions=*/400);
  const RunSummary first = test.run(folder.path());
  EXPECT_EQ(first.end, RunEnd::kSourceEnded);
  EXPECT_EQ(first.counts.items(), 400);
  EXPECT_GT(first.counts.failed_items(), 100);
  EXPECT_EQ(first.counts.failed_items() + first.counts.done(), 400);
  {
    SynthStore store = SynthStore::for_change(folder.path());
    const StageFailure failure = store.failures(-1, 1).front();
    EXPECT_THAT(failure.reason, HasSubstr("expected an answer, got 500"));
    EXPECT_EQ(store.usage().at({Stage::kExpand, "embedded"}).retries, 400 - first.counts.dropped_captions)
        << "what failed was paid for, too";
    EXPECT_EQ(store.retry_failed(), first.counts.failed_items());
  }
  failing = false;
  const RunSummary second = test.run(folder.path());
  EXPECT_EQ(second.counts.failed_items(), 0);
  EXPECT_EQ(second.counts.done(), 400);
  SynthStore store = SynthStore::for_reading(folder.path());
  for (const StoredItem& row : store.read(ItemFilter::kAll, -1, 1000)) {
    if (row.item.picture.empty()) continue;
    EXPECT_EQ(row.item.descriptions.size(), 1);
    EXPECT_EQ(row.item.conversations.size(), 2);
  }
}

TEST(RunFailures, FillsUpForWhatFailed) {
  const ScratchFolder folder;
  TestRun test([](Stage stage, int64_t id, const CallContext&) {
    if (stage == Stage::kDraw && id % 2 == 0) throw CallFailed(no_answer());
  });
  test.options.limit = 100;
  const RunSummary summary = test.run(folder.path());
  EXPECT_EQ(summary.end, RunEnd::kLimitReached);
  EXPECT_GE(summary.counts.kept, 100);
  EXPECT_GT(summary.counts.failed_items(), 20);
}

TEST(RunFailures, StopsInOrderWhereAProviderIsUnusable) {
  const ScratchFolder folder;
  std::atomic<bool> usable = false;
  const OnCall on_call = [&](Stage stage, int64_t id, const CallContext&) {
    if (!usable && stage == Stage::kAsk && id >= 30) throw ProviderUnusable({.who = "endpoint", .got = "401"});
  };
  TestRun test(on_call);
  test.options.limit = 120;
  EXPECT_THROW(test.run(folder.path()), ProviderUnusable);
  {
    SynthStore store = SynthStore::for_reading(folder.path());
    EXPECT_EQ(store.counts().failed_items(), 0) << "nothing is held against the items";
    EXPECT_GE(store.counts().items(), 30);
  }
  usable = true;
  TestRun rest(on_call);
  rest.options.limit = 120;
  EXPECT_EQ(rest.run(folder.path()).end, RunEnd::kLimitReached);
  const ScratchFolder whole;
  TestRun uninterrupted;
  uninterrupted.options.limit = 120;
  uninterrupted.run(whole.path());
  EXPECT_EQ(outcome_of(folder.path()), outcome_of(whole.path()));
}

TEST(RunFailures, GivesUpOnAStageThatOnlyFails) {
  const ScratchFolder folder;
  TestRun test([](Stage stage, int64_t, const CallContext&) {
    if (stage == Stage::kExpand) throw CallFailed(no_answer());
  });
  test.options.limit = 100;
  test.options.give_up_after_failures = 25;
  EXPECT_THAT(error_of([&] { test.run(folder.path()); }),
              AllOf(HasSubstr("the stage expand"), HasSubstr("25 failures in a row"), HasSubstr("got 500")));
  EXPECT_GE(SynthStore::for_reading(folder.path()).counts().failed_items(), 25);
}

TEST(RunFailures, GivesUpOnAJudgeThatKeepsNothing) {
  struct DroppingJudge : ChainJudge {
    explicit DroppingJudge(bool at_once) : drops_captions(at_once) {}
    void judge_caption(Item& item) override {
      if (drops_captions) item.dropped_by = "everything";
    }
    void judge(Item& item) override { item.dropped_by = "everything"; }
    bool drops_captions;
  };
  for (const bool at_once : {true, false}) {
    const ScratchFolder folder;
    TestRun test;
    DroppingJudge judge(at_once);
    test.options.limit = 10;
    test.options.give_up_after_items = test.options.give_up_after_captions = 50;
    SynthStore store = SynthStore::for_run(folder.path(), {.recipe = "test"});
    EXPECT_THAT(error_of([&] {
                  run_stages(store,
                             {.captions = test.source,
                              .expand = test.writer,
                              .draw = test.painter,
                              .ask = test.writer,
                              .judge = judge},
                             test.options);
                }),
                AllOf(HasSubstr("50 items in a row dropped"), HasSubstr("everything")));
    EXPECT_GE(store.counts().items(), 49);
  }
}

TEST(RunFailures, SetsAsideWhatIsNoPicture) {
  struct OddPainter : Painter {
    EncodedPicture draw(const Item& item, const CallContext&) override {
      if (item.id % 3 == 0) return {.bytes = {}, .extension = "png"};
      if (item.id % 3 == 1) return {.bytes = bytes_of("x"), .extension = "../../etc/passwd"};
      return {.bytes = bytes_of("x"), .extension = "png"};
    }
  };
  const ScratchFolder folder;
  TestRun test({}, /*captions=*/30);
  OddPainter painter;
  SynthStore store = SynthStore::for_run(folder.path(), {.recipe = "test"});
  const RunSummary summary = run_stages(
      store, {.captions = test.source, .expand = test.writer, .draw = painter, .ask = test.writer, .judge = test.judge},
      test.options);
  // Of the 30 four captions are dropped, and nine of the others get a picture.
  EXPECT_EQ(summary.counts.failed[stage_index(Stage::kDraw)], 17);
  EXPECT_THAT(store.failures(-1, 1).front().reason, HasSubstr("no bytes"));
}

TEST(RunFailures, StopsWhereThePicturesDoNotFitAndGoesOn) {
  const ScratchFolder folder;
  {
    const FileSizeLimit limit(2'000'000);
    TestRun test;
    test.painter.picture_bytes = 3'000'000;
    test.options.limit = 10;
    EXPECT_THAT(error_of([&] { test.run(folder.path()); }),
                AllOf(HasSubstr("images/000/"), HasSubstr("the disk is full or a size limit is set")));
  }
  EXPECT_GT(SynthStore::for_reading(folder.path()).counts().items(), 0);
  TestRun rest;
  rest.options.limit = 10;
  EXPECT_GE(rest.run(folder.path()).counts.kept, 10);
  EXPECT_EQ(SynthStore::for_reading(folder.path()).counts().failed_items(), 0);
}

TEST(RunFailures, StopsWhereTheStoreIsFullAndGoesOn) {
  const ScratchFolder folder;
  const RunIdentity identity{.recipe = "test"};
  {
    SynthStore store = SynthStore::for_run(folder.path(), identity, {.max_bytes = 150'000});
    TestRun test;
    EXPECT_THAT(error_of([&] { test.run(store); }), HasSubstr("the disk is full or a size limit is set"));
    EXPECT_GT(store.counts().done(), 20);
  }
  TestRun rest;
  rest.options.limit = 600;
  rest.run(folder.path());
  const ScratchFolder whole;
  TestRun uninterrupted;
  uninterrupted.options.limit = 600;
  uninterrupted.run(whole.path());
  EXPECT_EQ(outcome_of(folder.path()), outcome_of(whole.path()));
}

TEST(RunFailures, NeedsAFolderForThePictures) {
  const ScratchFolder folder;
  SynthStore store = SynthStore::for_run(folder.path(), {.recipe = "test"});
  folder.put("images", "in the way");
  TestRun test;
  test.options.limit = 10;
  EXPECT_THAT(error_of([&] { test.run(store); }), HasSubstr("images/000/"));
}

}  // namespace
}  // namespace fusion
