#include "workflows/synthesis/store/synth_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

const RunIdentity kIdentity{.recipe = "abc", .seed = 7};

Item captioned(int64_t id) {
  Item item;
  item.id = id;
  item.kinds = {"Color"};
  item.caption = cat("caption ", id);
  return item;
}

Conversation conversation(const std::string& kind, const std::string& dropped_by) {
  Conversation out;
  out.kind = kind;
  out.rounds.emplace_back().question = "Which?";
  out.dropped_by = dropped_by;
  return out;
}

/// With a conversation that is good, and one that is not.
Item judged(int64_t id, const std::string& dropped_by = "") {
  Item item = captioned(id);
  item.picture = "images/000/000000000.jpg";
  item.conversations = {conversation("Color", ""), conversation("Count", "balance")};
  item.dropped_by = dropped_by;
  return item;
}

std::vector<int64_t> ids_of(const std::vector<StoredItem>& rows) {
  std::vector<int64_t> ids;
  for (const StoredItem& row : rows) ids.push_back(row.item.id);
  return ids;
}

TEST(SynthStore, KeepsItemsOverItsOwnEnd) {
  const ScratchFolder folder;
  {
    SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
    EXPECT_FALSE(store.last_id());
    store.commit({.items = {{captioned(0), Stage::kExpand}, {captioned(1), Stage::kAsk}, {judged(2), Stage::kDone}}});
  }
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  EXPECT_EQ(store.last_id(), 2);
  const std::vector<StoredItem> rows = store.read(ItemFilter::kAll, -1, 100);
  EXPECT_THAT(ids_of(rows), ElementsAre(0, 1, 2));
  EXPECT_EQ(rows[1].stage, Stage::kAsk);
  EXPECT_EQ(rows[1].item.caption, "caption 1");
  EXPECT_EQ(item_to_json(rows[2].item), item_to_json(judged(2)));
  EXPECT_THAT(ids_of(store.read(ItemFilter::kUnfinished, -1, 100)), ElementsAre(0, 1));
  EXPECT_THAT(ids_of(store.read(ItemFilter::kUnfinished, 0, 100)), ElementsAre(1));
  EXPECT_THAT(ids_of(store.read(ItemFilter::kDone, -1, 100)), ElementsAre(2));
}

TEST(SynthStore, LeavesScenesOutWhereNobodyAsks) {
  const ScratchFolder folder;
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  Item item = judged(0);
  item.scenes.emplace_back().setting = "beach";
  store.commit({.items = {{item, Stage::kDone}}});
  EXPECT_EQ(store.read(ItemFilter::kAll, -1, 1).front().item.scenes.front().setting, "beach");
  const Item read = store.read(ItemFilter::kAll, -1, 1, ItemParts::kWithoutScenes).front().item;
  EXPECT_EQ(item_to_json(read), item_to_json(judged(0)));
}

TEST(SynthStore, CountsWhatBecomesOfItems) {
  const ScratchFolder folder;
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  Item dropped_caption = captioned(3);
  dropped_caption.dropped_by = "length";
  store.commit({.items = {{captioned(0), Stage::kExpand},
                          {judged(1), Stage::kDone},
                          {judged(2, "blank"), Stage::kDone},
                          {dropped_caption, Stage::kDone}}});
  store.commit({.items = {{captioned(0), Stage::kDraw}}});
  const RunCounts counts = store.counts();
  EXPECT_THAT(counts.waiting, ElementsAre(0, 1, 0, 0, 3));
  EXPECT_EQ(counts.items(), 4);
  EXPECT_EQ(counts.kept, 1);
  EXPECT_EQ(counts.dropped_captions, 1);
  EXPECT_THAT(counts.kept_by_kind, ElementsAre(Pair("Color", 1)));
  EXPECT_THAT(counts.items_dropped_by, ElementsAre(Pair("blank", 1), Pair("length", 1)));
  EXPECT_THAT(counts.conversations_dropped_by, ElementsAre(Pair("balance", 2)));
  // A finished item that goes back takes its numbers along.
  store.commit({.items = {{captioned(1), Stage::kDraw}, {captioned(2), Stage::kDraw}}});
  EXPECT_EQ(store.counts().kept, 0);
  EXPECT_THAT(store.counts().conversations_dropped_by, IsEmpty());
  EXPECT_THAT(store.counts().items_dropped_by, ElementsAre(Pair("length", 1)));
}

TEST(SynthStore, SetsItemsAsideUntilTheyAreRetried) {
  const ScratchFolder folder;
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  store.commit({.items = {{captioned(0), Stage::kDraw}, {captioned(1), Stage::kAsk}, {captioned(2), Stage::kAsk}},
                .failures = {{.id = 0, .stage = Stage::kDraw, .reason = "time-out"},
                             {.id = 2, .stage = Stage::kAsk, .reason = "no JSON"}}});
  EXPECT_THAT(ids_of(store.read(ItemFilter::kUnfinished, -1, 100)), ElementsAre(1));
  EXPECT_THAT(store.counts().failed, ElementsAre(0, 1, 1, 0, 0));
  const std::vector<StageFailure> failures = store.failures(0, 10);
  ASSERT_EQ(failures.size(), 1);
  EXPECT_EQ(failures[0].id, 2);
  EXPECT_EQ(failures[0].reason, "no JSON");
  EXPECT_EQ(failures[0].attempts, 1);
  EXPECT_EQ(store.failure_groups(1).front().reason, "time-out");

  EXPECT_EQ(store.retry_failed(), 2);
  EXPECT_EQ(store.retry_failed(), 0);
  EXPECT_THAT(ids_of(store.read(ItemFilter::kUnfinished, -1, 100)), ElementsAre(0, 1, 2));
  EXPECT_THAT(store.counts().waiting, ElementsAre(0, 1, 2, 0, 0));
  store.commit({.failures = {{.id = 2, .stage = Stage::kAsk, .reason = "again"}}});
  EXPECT_EQ(store.failures(-1, 10).front().attempts, 2);
}

TEST(SynthStore, AddsUsageUpByStageAndProvider) {
  const ScratchFolder folder;
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  const UsageKey asked{Stage::kAsk, "model"};
  store.commit({.usage = {{asked, {.calls = 1, .input_tokens = 10, .seconds = 0.5, .cost = 0.25}}}});
  store.commit({.usage = {{asked, {.calls = 2, .retries = 1, .output_tokens = 5, .pictures = 3, .seconds = 1}},
                          {{Stage::kDraw, "embedded"}, {.calls = 4}}}});
  const UsageTable usage = store.usage();
  ASSERT_EQ(usage.size(), 2);
  EXPECT_EQ(usage.at(asked).calls, 3);
  EXPECT_EQ(usage.at(asked).retries, 1);
  EXPECT_EQ(usage.at(asked).input_tokens, 10);
  EXPECT_EQ(usage.at(asked).output_tokens, 5);
  EXPECT_EQ(usage.at(asked).pictures, 3);
  EXPECT_EQ(usage.at(asked).seconds, 1.5);
  EXPECT_EQ(usage.at(asked).cost, 0.25);
}

TEST(SynthStore, RemembersItsSessions) {
  const ScratchFolder folder;
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  EXPECT_FALSE(store.last_session());
  store.begin_session();
  store.commit({.items = {{judged(0), Stage::kDone}}, .passed = {1, 1, 1, 1}});
  store.commit({.passed = {2}});
  const WorkSession session = store.last_session().value();
  EXPECT_EQ(session.kept, 1);
  EXPECT_THAT(session.passed, ElementsAre(3, 1, 1, 1, 0));
  EXPECT_GE(session.updated, session.started);
  store.begin_session();
  store.commit({.passed = {5}});
  EXPECT_EQ(store.last_session()->passed[0], 5);
  EXPECT_EQ(store.last_session()->kept, 0);
}

TEST(SynthStore, RefusesAnotherIdentity) {
  const ScratchFolder folder;
  {
    SynthStore::for_run(folder.path(), kIdentity);
  }
  EXPECT_THAT(
      error_of([&] { SynthStore::for_run(folder.path(), {.recipe = "abd", .seed = 8, .shard = 1, .shards = 2}); }),
      AllOf(HasSubstr(R"(recipe: "abc" and "abd")"), HasSubstr("seed: 7 and 8"), HasSubstr("shards: 1 and 2")));
}

TEST(SynthStore, RefusesAShardThatIsNone) {
  const ScratchFolder folder;
  for (const auto& [shard, shards] : {std::pair{0, 0}, std::pair{3, 3}, std::pair{-1, 2}}) {
    EXPECT_THAT(
        error_of([&] { SynthStore::for_run(folder.path(), {.recipe = "abc", .shard = shard, .shards = shards}); }),
        HasSubstr("the number of shards less one"));
  }
  EXPECT_EQ(folder.file_count(), 0);
}

TEST(SynthStore, IsRunByOneAndReadByOthers) {
  const ScratchFolder folder;
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  EXPECT_THAT(error_of([&] { SynthStore::for_run(folder.path(), kIdentity); }), HasSubstr("another program"));
  EXPECT_THAT(error_of([&] { SynthStore::for_change(folder.path()); }), HasSubstr("another program"));
  store.commit({.items = {{captioned(4), Stage::kDraw}}});
  SynthStore reader = SynthStore::for_reading(folder.path());
  EXPECT_EQ(reader.last_id(), 4);
  EXPECT_EQ(reader.identity().seed, 7);
  store.commit({.items = {{captioned(5), Stage::kDraw}}});
  EXPECT_EQ(reader.last_id(), 5);
  EXPECT_THAT(error_of([&] { reader.commit({.items = {{captioned(6), Stage::kDraw}}}); }), HasSubstr("readonly"));
}

TEST(SynthStore, NeedsAStoreToReadOrChange) {
  const ScratchFolder folder;
  EXPECT_THAT(error_of([&] { SynthStore::for_reading(folder.path()); }), HasSubstr("no such file"));
  EXPECT_THAT(error_of([&] { SynthStore::for_change(folder / "none"); }), HasSubstr("no such file"));
  folder.put("store.sqlite", "");
  EXPECT_THAT(error_of([&] { SynthStore::for_reading(folder.path()); }), HasSubstr("the store of a synthesis run"));
  const std::string file = folder.put("file", "text");
  EXPECT_THAT(error_of([&] { SynthStore::for_run(file, kIdentity); }), HasSubstr("a folder"));
}

TEST(SynthStore, RefusesWhatIsNoStoreOfOurs) {
  const ScratchFolder folder;
  const std::string path = folder.put("store.sqlite", std::string(5000, 'x'));
  EXPECT_THAT(error_of([&] { SynthStore::for_run(folder.path(), kIdentity); }), HasSubstr("the file is no store"));
  EXPECT_EQ(std::filesystem::file_size(path), 5000) << "what was there has to stay";

  std::filesystem::remove(path);
  {
    Database other(path, Database::Open::kCreate);
    other.execute("CREATE TABLE notes(text TEXT)");
  }
  EXPECT_THAT(error_of([&] { SynthStore::for_run(folder.path(), kIdentity); }),
              HasSubstr("another program's database"));
}

TEST(SynthStore, BeginsAnewWhereItWasKilledWhileItBegan) {
  const ScratchFolder folder;
  folder.put("store.sqlite", "");
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  store.commit({.items = {{captioned(0), Stage::kDraw}}});
  EXPECT_EQ(store.last_id(), 0);
}

TEST(SynthStore, BeginsNoRunAmongOtherFiles) {
  const ScratchFolder folder;
  folder.put("recipe.yaml", "items: 3");
  EXPECT_THAT(error_of([&] { SynthStore::for_run(folder.path(), kIdentity); }),
              AllOf(HasSubstr("an empty folder"), HasSubstr("recipe.yaml")));
  EXPECT_EQ(folder.file_count(), 1);
}

TEST(SynthStore, SaysThatTheFileIsDamaged) {
  const ScratchFolder folder;
  StoreChanges changes;
  for (int64_t id = 0; id < 2000; ++id) changes.items.push_back({captioned(id), Stage::kDone});
  {
    SynthStore::for_run(folder.path(), kIdentity).commit(changes);
  }
  const std::string path = folder / "store.sqlite";
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_THAT(error_of([&] {
                SynthStore store = SynthStore::for_reading(folder.path());
                store.read(ItemFilter::kAll, -1, 2000);
              }),
              HasSubstr("the file is damaged"));
}

TEST(SynthStore, RefusesANewerVersion) {
  const ScratchFolder folder;
  {
    SynthStore::for_run(folder.path(), kIdentity);
  }
  Database(folder / "store.sqlite", Database::Open::kChange).execute("PRAGMA user_version = 9");
  EXPECT_THAT(error_of([&] { SynthStore::for_run(folder.path(), kIdentity); }),
              AllOf(HasSubstr("got version 9"), HasSubstr("a newer program wrote it")));
  EXPECT_THAT(error_of([&] { SynthStore::for_reading(folder.path()); }), HasSubstr("a newer program wrote it"));
}

TEST(SynthStore, SaysWhichItemIsDamaged) {
  const ScratchFolder folder;
  {
    SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
    store.commit({.items = {{captioned(0), Stage::kDraw}, {captioned(1), Stage::kDraw}}});
  }
  Database(folder / "store.sqlite", Database::Open::kChange)
      .execute("UPDATE items SET json = '{\"captoin\": \"x\"}' WHERE id = 1");
  SynthStore store = SynthStore::for_reading(folder.path());
  EXPECT_THAT(ids_of(store.read(ItemFilter::kAll, -1, 1)), ElementsAre(0));
  EXPECT_THAT(error_of([&] { store.read(ItemFilter::kAll, 0, 1); }), AllOf(HasSubstr("item 1"), HasSubstr("captoin")));
}

TEST(SynthStore, KeepsWhatWasCommittedWhenTheDiskIsFull) {
  const ScratchFolder folder;
  int64_t committed = 0;
  {
    SynthStore store = SynthStore::for_run(folder.path(), kIdentity, {.max_bytes = 200'000});
    const std::string message = error_of([&] {
      for (int64_t id = 0; id < 100'000; ++id) {
        store.commit({.items = {{captioned(id), Stage::kDraw}}});
        ++committed;
      }
    });
    EXPECT_THAT(message, HasSubstr("the disk is full or a size limit is set"));
    EXPECT_EQ(store.counts().items(), committed);
  }
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  EXPECT_GT(committed, 100);
  EXPECT_EQ(store.last_id(), committed - 1);
  EXPECT_EQ(store.counts().items(), committed);
  store.commit({.items = {{captioned(committed), Stage::kDraw}}});
  EXPECT_EQ(store.counts().items(), committed + 1);
}

TEST(SynthStore, KeepsWhatWasCommittedWhenAFileMayNotGrow) {
  const ScratchFolder folder;
  int64_t committed = 0;
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  {
    const FileSizeLimit limit(1'000'000);
    const std::string message = error_of([&] {
      for (int64_t id = 0; id < 100'000; ++id) {
        store.commit({.items = {{captioned(id), Stage::kDraw}}});
        ++committed;
      }
    });
    EXPECT_THAT(message, HasSubstr("the disk is full"));
  }
  EXPECT_EQ(store.counts().items(), committed);
  store.commit({.items = {{captioned(committed), Stage::kDraw}}});
  EXPECT_EQ(store.last_id(), committed);
}

TEST(SynthStore, ReplacesBrokenLetters) {
  const ScratchFolder folder;
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  Item item = captioned(0);
  item.caption = "broken \xff";
  store.commit({.items = {{item, Stage::kDraw}}});
  EXPECT_EQ(store.read(ItemFilter::kAll, -1, 1).front().item.caption, "broken \xef\xbf\xbd");
}

TEST(SynthStore, StreamsItemsInTheOrderOfIds) {
  const ScratchFolder folder;
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  StoreChanges changes;
  for (int64_t id = 999; id >= 0; --id) changes.items.push_back({captioned(id), Stage::kDone});
  store.commit(changes);
  const std::unique_ptr<ItemStream> items = store.items(ItemFilter::kDone);
  for (int64_t id = 0; id < 1000; ++id) ASSERT_EQ(items->next().value().id, id);
  EXPECT_FALSE(items->next());
  EXPECT_FALSE(items->next());
}

TEST(SynthStore, FindsUnfinishedItemsQuicklyBehindManyFinishedOnes) {
  const ScratchFolder folder;
  SynthStore store = SynthStore::for_run(folder.path(), kIdentity);
  {
    Database direct(folder / "store.sqlite", Database::Open::kChange);
    direct.execute(
        "WITH RECURSIVE n(id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM n WHERE id < 99999) "
        "INSERT INTO items(id, stage, json) SELECT id, iif(id % 10000 = 9999, 3, 5), '{\"caption\": \"x\"}' FROM n");
  }
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(store.read(ItemFilter::kUnfinished, -1, 256).size(), 10);
    EXPECT_THAT(ids_of(store.read(ItemFilter::kUnfinished, 50'000, 1)), ElementsAre(59'999));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

}  // namespace
}  // namespace fusion
