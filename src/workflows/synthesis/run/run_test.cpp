// Whole runs of the embedded world in folders: the same bytes for a seed however they came about.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/run/kind_files.h"
#include "workflows/synthesis/run/run_json.h"
#include "workflows/synthesis/run/synthesis_run.h"

namespace fusion {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Files = std::map<std::string, std::string>;

constexpr int64_t kConversations = 60;

constexpr const char* kSmallRecipe = R"(
items: 60
seed: 5
kinds_per_picture: 2
render: {width: 64, height: 64}
export: {validation: 0.1, test: 0.1, webdataset: true, shard_samples: 10}
)";

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What a run has made, by path: all but the store, and the page that tells how long it took.
Files files_of(const std::string& folder) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder).generic_string();
    if (!entry.is_regular_file() || name.starts_with("store.") || name == "report.html") continue;
    files[name] = content_of(entry.path());
  }
  return files;
}

std::vector<std::string> names_in(const Files& files) {
  std::vector<std::string> names;
  for (const auto& [name, text] : files) names.push_back(name);
  return names;
}

std::vector<nlohmann::json> records_of(const std::string& folder, const std::string& part) {
  std::vector<nlohmann::json> records;
  std::istringstream lines(content_of(fs::path(folder) / "data" / (part + ".jsonl")));
  for (std::string line; std::getline(lines, line);) records.push_back(nlohmann::json::parse(line));
  return records;
}

class SmallRun : public testing::Test {
 protected:
  Recipe recipe(const std::string& more = "") {
    return read_recipe(scratch_.put("recipe.yaml", cat(kSmallRecipe, more)));
  }
  /// A folder called "run", for data cards name it.
  std::string folder(const std::string& name) { return scratch_ / name + "/run"; }
  std::string made(const std::string& name, const Recipe& recipe, int64_t shard = 0, int64_t shards = 1) {
    run_recipe(recipe, {.folder = folder(name), .shard = shard, .shards = shards, .threads = 2});
    return folder(name);
  }

  ScratchFolder scratch_;
};

/// Stops the run as soon as it has kept `kept` conversations.
RunOutcome run_until(const Recipe& recipe, const std::string& folder, int64_t kept) {
  std::stop_source stop;
  const auto look = [&](const RunProgress& progress) {
    if (progress.counts.kept >= kept) stop.request_stop();
  };
  return run_recipe(recipe, {.folder = folder, .threads = 1}, {.on_progress = look, .stop = stop.get_token()});
}

TEST_F(SmallRun, IsTheSameToTheByteWithAnyNumberOfThreads) {
  run_recipe(recipe(), {.folder = folder("one"), .threads = 1});
  run_recipe(recipe(), {.folder = folder("four"), .threads = 4});
  const Files files = files_of(folder("one"));
  EXPECT_EQ(names_in(files), names_in(files_of(folder("four"))));
  EXPECT_TRUE(files == files_of(folder("four")));
  for (const char* name : {"README.md", "mixture.yaml", "recipe.json", "data/train.jsonl", "images/000/000000000.jpg",
                           "webdataset/train-000000.tar"}) {
    EXPECT_TRUE(files.contains(name)) << name;
  }
}

TEST_F(SmallRun, SaysHowManyConversationsItsDataSetHas) {
  bool some_over = false;
  for (int64_t items = 20; items < 24; ++items) {  // pictures have two, so about every other limit is passed by one
    Recipe few = recipe();
    few.items = items;
    const std::string run = folder(cat("few", items));
    const RunOutcome outcome = run_recipe(few, {.folder = run, .threads = 1});
    some_over |= outcome.stages.counts.kept > items;
    EXPECT_EQ(outcome.kept(), items);
    EXPECT_EQ(status_to_json(run_status(run)).at("kept"), items);
  }
  EXPECT_TRUE(some_over);
  RunOutcome unwritten;
  unwritten.stages.counts.kept = 7;
  EXPECT_EQ(unwritten.kept(), 7);
}

TEST_F(SmallRun, SaysHowFarItHasReadTheBenchmarks) {
  fs::create_directories(scratch_ / "bench");
  scratch_.put("bench/a.txt", "Nothing of this is asked.");
  scratch_.put("bench/b.jsonl", "{}");
  Recipe few = recipe("filters: {leakage: {benchmarks: [bench]}}\n");
  few.items = 4;
  std::vector<std::pair<uint64_t, uint64_t>> seen;
  const RunListener listener{.on_benchmarks = [&](uint64_t done, uint64_t total) { seen.emplace_back(done, total); }};
  const RunOutcome outcome = run_recipe(few, {.folder = folder("benchmarks"), .threads = 1}, listener);
  EXPECT_THAT(seen, testing::ElementsAre(testing::Pair(1, 2), testing::Pair(2, 2)));
  EXPECT_EQ(outcome.benchmarks.text_files, 2);
}

TEST_F(SmallRun, IsTheSameAfterItWasStoppedAndWentOn) {
  Recipe longer = recipe();
  longer.items = 1000;
  const RunOutcome stopped = run_until(longer, folder("stopped"), 1);
  EXPECT_EQ(stopped.stages.end, RunEnd::kStopped);
  EXPECT_FALSE(stopped.exported);
  EXPECT_GT(stopped.stages.counts.kept, 0);
  EXPECT_LT(stopped.stages.counts.kept, 1000);
  EXPECT_FALSE(fs::exists(folder("stopped") + "/data"));
  made("stopped", longer);
  made("straight", longer);
  EXPECT_TRUE(files_of(folder("stopped")) == files_of(folder("straight")));
}

TEST_F(SmallRun, GoesOnToAHigherLimitAsIfItHadBeenMeantFromTheBeginning) {
  Recipe longer = recipe();
  longer.items = 2 * kConversations;
  made("raised", recipe());
  made("raised", longer);
  made("straight", longer);
  EXPECT_TRUE(files_of(folder("raised")) == files_of(folder("straight")));
}

TEST_F(SmallRun, AnotherSeedMakesAnotherDataSet) {
  Recipe other = recipe();
  other.seed = 6;
  const Files a = files_of(made("a", recipe()));
  const Files b = files_of(made("b", other));
  EXPECT_NE(a.at("data/train.jsonl"), b.at("data/train.jsonl"));
  EXPECT_NE(a.at("images/000/000000001.jpg"), b.at("images/000/000000001.jpg"));
}

TEST_F(SmallRun, KeepsExactlyTheLimitInPartsThatShareNoCaption) {
  const std::string run = made("run", recipe());
  int64_t records = 0;
  std::map<std::string, std::string> part_of;  // by picture: one to a caption
  std::set<std::string> ids;
  for (const std::string part : {"train", "validation", "test"}) {
    for (const nlohmann::json& record : records_of(run, part)) {
      const std::string picture = record.at("image");
      EXPECT_TRUE(fs::is_regular_file(fs::path(run) / picture)) << picture;
      EXPECT_EQ(part_of.emplace(picture, part).first->second, part) << picture;
      EXPECT_TRUE(ids.insert(record.at("id")).second) << record.at("id");
      ++records;
    }
    EXPECT_THAT(records_of(run, part), Not(IsEmpty())) << part;
  }
  EXPECT_EQ(records, kConversations);
  std::map<std::string, std::string> part_of_caption;
  const auto store = SynthStore::for_reading(run).read(ItemFilter::kDone, -1, 1000);
  for (const StoredItem& each : store) {
    const auto found = part_of.find(each.item.picture);
    if (found == part_of.end()) continue;
    EXPECT_EQ(part_of_caption.emplace(each.item.caption, found->second).first->second, found->second);
  }
}

TEST_F(SmallRun, ShardsMergeIntoOneDataSetWithNothingTwice) {
  const std::string first = made("first", recipe(), 0, 2);
  const std::string second = made("second", recipe(), 1, 2);
  const ExportSummary merged = merge_runs({second, first}, folder("merged"));
  std::set<std::string> ids;
  int64_t records = 0;
  for (const std::string part : {"train", "validation", "test"}) {
    for (const nlohmann::json& record : records_of(folder("merged"), part)) {
      EXPECT_TRUE(ids.insert(record.at("id")).second) << record.at("id");
      EXPECT_TRUE(fs::is_regular_file(fs::path(folder("merged")) / record.at("image").get<std::string>()));
      ++records;
    }
  }
  EXPECT_LE(records, kConversations);
  EXPECT_GT(records, kConversations * 8 / 10);
  EXPECT_EQ(merged.statistics.funnel.conversations_kept, records);
  EXPECT_TRUE(fs::exists(folder("merged") + "/report.html"));

  merge_runs({first, second}, folder("again"));
  const Files files = files_of(folder("merged"));
  EXPECT_TRUE(files == files_of(folder("again"))) << "the order of the folders does not matter";
}

TEST_F(SmallRun, WhatTwoShardsBothMadeIsInTheMergedDataOnce) {
  // So few different pictures that the shards cannot but make the same ones.
  Recipe narrow = recipe(
      "kinds: [Count]\nworld: {max_count: 2, max_groups: 2, settings: [beach]}\nobjects: {objects: [shapes]}\n"
      "filters: {duplicate_caption: {similarity: 0.7, shingle: 1}}\n");
  narrow.items = 200;
  const std::string first = made("first", narrow, 0, 2);
  const std::string second = made("second", narrow, 1, 2);
  const ExportSummary merged = merge_runs({first, second}, folder("merged"));
  const auto dropped = [](const ExportSummary& summary) {
    const auto found = summary.statistics.filters.find("duplicate_caption");
    return found == summary.statistics.filters.end() ? 0 : found->second.items + found->second.conversations;
  };
  const int64_t across = dropped(merged) - dropped(export_run(first)) - dropped(export_run(second));
  EXPECT_GT(across, 0);
  EXPECT_EQ(merged.statistics.funnel.conversations_kept, narrow.items - across);
}

TEST_F(SmallRun, MergingRefusesWhatDoesNotBelongTogether) {
  const std::string first = made("first", recipe(), 0, 2);
  Recipe other_seed = recipe();
  other_seed.seed = 6;
  const std::string foreign = made("foreign", other_seed, 1, 2);
  const std::string other_recipe = made("other", recipe("world: {charts: 0.5}\n"), 1, 2);
  const auto refusal = [&](const std::vector<std::string>& folders, const std::string& out) {
    return error_of([&] { merge_runs(folders, out); });
  };
  EXPECT_THAT(refusal({}, folder("out")), HasSubstr("none"));
  EXPECT_THAT(refusal({first, foreign}, folder("out")), AllOf(HasSubstr("the same run"), HasSubstr("seed")));
  EXPECT_THAT(refusal({first, other_recipe}, folder("out")), AllOf(HasSubstr("the same run"), HasSubstr("recipe")));
  EXPECT_THAT(refusal({first, first}, folder("out")), HasSubstr("each shard once"));
  EXPECT_THAT(refusal({first}, first), HasSubstr("the folder of a run"));
  EXPECT_THAT(refusal({first, scratch_ / "nowhere"}, folder("out")), HasSubstr("nowhere"));

  Recipe longer = recipe();
  longer.items = 100'000;
  run_until(longer, folder("unfinished"), 1);
  EXPECT_THAT(refusal({folder("unfinished")}, folder("out")),
              AllOf(HasSubstr("a run at its end"), HasSubstr("run the shard again")));
  EXPECT_FALSE(fs::exists(folder("out"))) << "nothing is written of what is refused";
}

TEST_F(SmallRun, MergingNeedsEveryShardAtItsEnd) {
  const std::string first = made("first", recipe(), 0, 2);
  const auto refusal = [&](const std::vector<std::string>& folders) {
    return error_of([&] { merge_runs(folders, folder("out")); });
  };
  EXPECT_THAT(refusal({first}), AllOf(HasSubstr("all 2 shards"), HasSubstr("no shard 1;")));

  std::stop_source stop;
  stop.request_stop();
  const SynthPlace second{.folder = folder("second"), .shard = 1, .shards = 2, .threads = 1};
  run_recipe(recipe(), second, {.stop = stop.get_token()});
  EXPECT_THAT(refusal({first, second.folder}), AllOf(HasSubstr(second.folder), HasSubstr("a run at its end")));
  run_recipe(recipe(), second);
  EXPECT_NO_THROW(merge_runs({first, second.folder}, folder("out")));
}

TEST_F(SmallRun, TakesNoFolderThatHoldsOtherFiles) {
  const std::string run = made("run", recipe());
  const std::string path = scratch_ / "recipe.yaml";
  const Files before = files_of(scratch_.path());
  const auto refused = AllOf(HasSubstr("an empty folder"), HasSubstr("recipe.yaml"));
  EXPECT_THAT(error_of([&] { run_recipe(read_recipe(path), {.folder = scratch_.path()}); }), refused);
  EXPECT_THAT(error_of([&] { merge_runs({run}, scratch_.path()); }), refused);
  EXPECT_TRUE(files_of(scratch_.path()) == before);
}

TEST_F(SmallRun, AFolderThatIsNoRunIsRefusedByWhatReadsOne) {
  fs::create_directories(scratch_ / "empty");
  for (const std::string& folder : {scratch_ / "empty", scratch_ / "missing"}) {
    EXPECT_THAT(error_of([&] { run_status(folder); }), HasSubstr(folder));
    EXPECT_THAT(error_of([&] { export_run(folder); }), HasSubstr(folder));
    EXPECT_THAT(error_of([&] { write_report(folder); }), HasSubstr(folder));
    EXPECT_THAT(error_of([&] { retry_failed_items(folder); }), HasSubstr(folder));
    EXPECT_THAT(error_of([&] { failed_items(folder, 10); }), HasSubstr(folder));
  }
  EXPECT_EQ(scratch_.file_count(), 1) << "nothing was made";
  EXPECT_TRUE(fs::is_empty(scratch_ / "empty"));
}

TEST_F(SmallRun, WritesItsDataAndReportAgainFromItsFolderAlone) {
  const std::string run = made("run", recipe());
  fs::remove(scratch_ / "recipe.yaml");
  const Files before = files_of(run);
  fs::remove_all(run + "/data");
  fs::remove(run + "/README.md");
  fs::remove(run + "/report.html");
  EXPECT_EQ(export_run(run).statistics.funnel.conversations_kept, kConversations);
  const Files after = files_of(run);
  EXPECT_EQ(after.at("data/train.jsonl"), before.at("data/train.jsonl"));
  EXPECT_EQ(names_in(after), names_in(before));
  fs::remove(run + "/report.html");
  EXPECT_EQ(write_report(run), run + "/report.html");
  EXPECT_THAT(content_of(run + "/report.html"), HasSubstr("MultiChoice"));
  EXPECT_GE(run_status(run).status.counts.kept, kConversations);
  EXPECT_EQ(retry_failed_items(run), 0);
  EXPECT_THAT(failed_items(run, 10), IsEmpty());
}

TEST_F(SmallRun, KeepsItsKindFilesSoThatItGoesOnWithoutThem) {
  write_kind_files(scratch_ / "kinds");
  const std::string file = scratch_ / "kinds/color.yaml";
  std::string text = content_of(file);
  text.replace(text.find("name: Color"), 11, "name: MyColor");
  scratch_.put("mine.yaml", text);
  const Recipe own = recipe("kind_files: [mine.yaml]\nkinds: [MyColor]\n");
  const std::string run = made("run", own);
  EXPECT_EQ(content_of(run + "/kinds/0-mine.yaml"), text);
  fs::remove(scratch_ / "mine.yaml");
  EXPECT_EQ(export_run(run).statistics.kinds.at("MyColor").kept, kConversations);
  const Recipe kept = read_recipe(run + "/recipe.json");
  EXPECT_EQ(recipe_digest(kept), SynthStore::for_reading(run).identity().recipe) << "the kept recipe is the run's";
  EXPECT_THAT(error_of([&] { write_kind_files(scratch_ / "kinds"); }), HasSubstr("color.yaml"));
}

TEST_F(SmallRun, ARecipeThatChangedUnderARunIsRefused) {
  const std::string run = made("run", recipe());
  const Files before = files_of(run);
  Recipe other_seed = recipe();
  other_seed.seed = 6;
  const auto refusal = [&](const Recipe& changed, int64_t shards) {
    return error_of([&] { run_recipe(changed, {.folder = run, .shards = shards}); });
  };
  EXPECT_THAT(refusal(recipe("world: {charts: 0.5}\nkinds: [Color]\n"), 1),
              AllOf(HasSubstr(run), HasSubstr("recipe differs in kinds.Color, world.charts;")));
  EXPECT_THAT(refusal(other_seed, 1), AllOf(HasSubstr("seed"), HasSubstr("5"), HasSubstr("6")));
  EXPECT_THAT(refusal(recipe(), 2), HasSubstr("shards"));
  EXPECT_TRUE(files_of(run) == before);
}

}  // namespace
}  // namespace fusion
