#include "workflows/synthesis/export/export.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <set>
#include <sstream>

#include "foundation/config/yaml_file.h"
#include "workflows/synthesis/export/test_support.h"
#include "workflows/synthesis/report/limited_stream.h"

namespace fusion {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const ExportOptions kTenths = {.validation = 0.1, .test = 0.1};

ExportSummary export_example(const OutputFolder& folder, int64_t count, const ExportOptions& options = kTenths) {
  MadeStream items(count);
  return export_items(items, folder.path(), options, {.name = "example"});
}

TEST(Export, WritesWhatTheTrainerReads) {
  const OutputFolder folder;
  const ExportSummary summary = export_example(folder, 300);
  int64_t records = 0;
  for (const std::string part : {"train", "validation", "test"}) {
    const std::string mixture = part == "train" ? "mixture.yaml" : part + ".yaml";
    const nlohmann::json yaml = read_yaml_file(folder / mixture);
    ASSERT_EQ(yaml["datasets"].size(), 1U);
    EXPECT_EQ(yaml["datasets"][0]["json_path"], "data/" + part + ".jsonl");
    EXPECT_EQ(yaml["datasets"][0]["image_folder"], ".");
    for (const nlohmann::json& record : folder.records("data/" + part + ".jsonl")) {
      ++records;
      EXPECT_TRUE(folder.has(record["image"].get<std::string>()));
      EXPECT_EQ(record["conversations"][0]["from"], "human");
      EXPECT_THAT(record["conversations"][0]["value"].get<std::string>(), testing::StartsWith("<image>\n"));
      EXPECT_EQ(record["conversations"][1]["from"], "gpt");
    }
  }
  EXPECT_EQ(records, 540);
  EXPECT_EQ(summary.splits[0].records + summary.splits[1].records + summary.splits[2].records, 540);
  EXPECT_EQ(summary.statistics.funnel.conversations_kept, 540);
  EXPECT_TRUE(folder.has("README.md"));
  EXPECT_FALSE(folder.has("webdataset"));
}

TEST(Export, EqualItemsGiveEqualBytes) {
  const OutputFolder one;
  const OutputFolder two;
  const ExportOptions options = {.validation = 0.1, .test = 0.1, .webdataset = true, .shard_samples = 40};
  export_example(one, 200, options);
  export_example(two, 10);  // what was there before leaves no trace
  export_example(two, 200, options);
  size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(one.path())) {
    if (!entry.is_regular_file()) continue;
    const std::string name = fs::relative(entry.path(), one.path()).string();
    EXPECT_EQ(one.text(name), two.text(name)) << name;
    ++files;
  }
  EXPECT_GE(files, 11U);
}

TEST(Export, ExactlyTheLimitIsWritten) {
  const OutputFolder folder;
  MadeStream items(1000);
  LimitedStream limited(items, 101);
  export_items(limited, folder.path(), {.validation = 0, .test = 0}, {});
  const auto records = folder.records("data/train.jsonl");
  ASSERT_EQ(records.size(), 101U);
  EXPECT_EQ(records[0]["id"], "0000001-Color");
  EXPECT_EQ(records[1]["id"], "0000001-Count");
  EXPECT_EQ(records[100]["id"], "0000056-Color");
}

TEST(Export, PartsShareNoCaptionAndHaveTheirShares) {
  const OutputFolder folder;
  // Two items a caption.
  MadeStream items(20'000, [](int64_t id) {
    Item item = example_item(id / 2 * 2 + 1);
    item.id = id;
    item.conversations.resize(1);
    return item;
  });
  const ExportSummary summary = export_items(items, folder.path(), kTenths, {});
  std::map<int64_t, std::set<std::string>> parts_of;  // by pair of items, which is by caption
  for (const std::string part : {"train", "validation", "test"}) {
    std::istringstream lines(folder.text("data/" + part + ".jsonl"));
    for (std::string line; std::getline(lines, line);) {
      parts_of[std::stoll(line.substr(std::string_view("{\"id\":\"").size())) / 2].insert(part);
    }
  }
  EXPECT_EQ(parts_of.size(), 10'000U);
  for (const auto& [caption, parts] : parts_of) EXPECT_EQ(parts.size(), 1U) << caption;
  EXPECT_NEAR(static_cast<double>(summary.splits[1].pictures) / 20'000, 0.1, 0.01);
  EXPECT_NEAR(static_cast<double>(summary.splits[2].pictures) / 20'000, 0.1, 0.01);
}

TEST(Export, APartWithoutRecordsHasNoFiles) {
  const OutputFolder folder;
  export_example(folder, 300);
  EXPECT_TRUE(folder.has("validation.yaml"));
  export_example(folder, 300, {.validation = 0, .test = 0});
  EXPECT_FALSE(folder.has("validation.yaml"));
  EXPECT_FALSE(folder.has("data/validation.jsonl"));
  EXPECT_TRUE(folder.has("mixture.yaml"));
  const ExportSummary none = export_example(folder, 0);
  EXPECT_FALSE(folder.has("mixture.yaml"));
  EXPECT_EQ(none.splits[0].records, 0);
}

/// Fails at some item, as a store that breaks does.
class BreakingStream : public ItemStream {
 public:
  std::optional<Item> next() override {
    if (at_ == 1500) throw Error({.who = "store", .expected = "an item", .got = "none"});
    return example_item(at_++);
  }

 private:
  int64_t at_ = 0;
};

TEST(Export, AFailureLeavesTheFilesOfTheOneBefore) {
  const OutputFolder folder;
  const ExportOptions options = {.validation = 0.1, .test = 0.1, .webdataset = true};
  export_example(folder, 50, options);
  const std::string records = folder.text("data/train.jsonl");
  const std::string card = folder.text("README.md");
  const size_t files = folder.file_count();
  const auto expect_untouched = [&] {
    EXPECT_EQ(folder.text("data/train.jsonl"), records);
    EXPECT_EQ(folder.text("README.md"), card);
    EXPECT_EQ(folder.file_count(), files);
    EXPECT_TRUE(folder.has("webdataset/train-000000.tar"));
  };

  BreakingStream breaking;
  EXPECT_THAT(error_of([&] { export_items(breaking, folder.path(), options, {}); }), HasSubstr("store"));
  expect_untouched();
  {
    const FileSizeLimit full(100'000);
    EXPECT_THAT(error_of([&] { export_example(folder, 1500, options); }), HasSubstr("the disk is full"));
    EXPECT_THAT(error_of([&] { export_example(folder, 1500, kTenths); }), HasSubstr("the disk is full"));
  }
  expect_untouched();
  // A killed one cleans nothing up; the next one does.
  fs::create_directories(folder / "webdataset.unfinished/x");
  export_example(folder, 50, options);
  expect_untouched();
}

/// Says when it is far into the run, and then waits for ever.
class StuckStream : public ItemStream {
 public:
  explicit StuckStream(int pipe) : pipe_(pipe) {}
  std::optional<Item> next() override {
    if (at_ == 1500) {
      if (::write(pipe_, "!", 1) == 1) ::pause();
      ::_exit(1);
    }
    return example_item(at_++);
  }

 private:
  int64_t at_ = 0;
  int pipe_;
};

TEST(Export, AKillLeavesTheFilesOfTheOneBefore) {
  const OutputFolder folder;
  const ExportOptions options = {.validation = 0.1, .test = 0.1, .webdataset = true, .shard_samples = 100};
  export_example(folder, 50, options);
  const std::string records = folder.text("data/train.jsonl");
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    StuckStream stuck(ends[1]);
    export_items(stuck, folder.path(), options, {});
    ::_exit(0);
  }
  char said = 0;
  ASSERT_EQ(::read(ends[0], &said, 1), 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_EQ(folder.text("data/train.jsonl"), records);
  EXPECT_FALSE(folder.has("webdataset/train-000001.tar"));
  export_example(folder, 300, options);
  EXPECT_TRUE(folder.has("webdataset/train-000001.tar"));
  EXPECT_FALSE(folder.has("webdataset.unfinished"));
}

TEST(Export, RemovesTheTarFilesOfTheOneBeforeWhereNoneAreAskedFor) {
  const OutputFolder folder;
  const ExportOptions tars = {.validation = 0.1, .test = 0.1, .webdataset = true, .shard_samples = 20};
  export_example(folder, 100, tars);
  ASSERT_TRUE(folder.has("webdataset/train-000001.tar"));
  export_example(folder, 100, {.validation = 0.1, .test = 0.1});
  EXPECT_FALSE(folder.has("webdataset"));

  export_example(folder, 100, tars);
  for (const char* name : {"mine.tar", "train-000000.tar.gz", "train-1.tar", "trains-000000.tar"}) {
    folder.put(cat("webdataset/", name), "x");
  }
  export_example(folder, 100, {.validation = 0.1, .test = 0.1});
  EXPECT_FALSE(folder.has("webdataset/train-000000.tar"));
  for (const char* name : {"mine.tar", "train-000000.tar.gz", "train-1.tar", "trains-000000.tar"}) {
    EXPECT_TRUE(folder.has(cat("webdataset/", name))) << name << " is not ours";
  }
}

TEST(Export, AMissingPictureIsAnError) {
  const OutputFolder folder;
  fs::remove(folder / "images/000/picture.png");
  EXPECT_THAT(error_of([&] { export_example(folder, 20); }), HasSubstr("the picture of item 1"));
  EXPECT_FALSE(folder.has("mixture.yaml"));
}

TEST(Export, OptionsOutOfRangeAreRefused) {
  const OutputFolder folder;
  EXPECT_THAT(error_of([&] { export_example(folder, 1, {.validation = 0.5, .test = 0.5}); }),
              HasSubstr("leave something for training"));
  EXPECT_THAT(error_of([&] { export_example(folder, 1, {.validation = -1}); }), HasSubstr("shares"));
  EXPECT_THAT(error_of([&] { export_example(folder, 1, {.shard_samples = 0}); }), HasSubstr("shard_samples"));
  EXPECT_THAT(error_of([&] { export_example(folder, 1, {.shard_megabytes = 0}); }), HasSubstr("shard_megabytes"));
}

TEST(Export, AFolderThatCannotBeWrittenIsAnError) {
  const ScratchFolder scratch;
  scratch.put("file", "");
  MadeStream items(1);
  EXPECT_THAT(error_of([&] { export_items(items, scratch / "file", {}, {}); }), HasSubstr("to make a folder"));
}

}  // namespace
}  // namespace fusion
