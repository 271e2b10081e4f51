#include "workflows/synthesis/export/tar_shards.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>

#include "workflows/synthesis/export/export.h"
#include "workflows/synthesis/export/test_support.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct ReadBack {
  std::string name;
  std::string bytes;
  int64_t time = 0;
  int64_t owner = 0;
};

std::vector<ReadBack> read_tar(const std::string& path) {
  std::vector<ReadBack> members;
  archive* tar = archive_read_new();
  archive_read_support_format_tar(tar);
  EXPECT_EQ(archive_read_open_filename(tar, path.c_str(), 10240), ARCHIVE_OK) << path;
  archive_entry* entry = nullptr;
  while (archive_read_next_header(tar, &entry) == ARCHIVE_OK) {
    std::string bytes(static_cast<size_t>(archive_entry_size(entry)), '\0');
    EXPECT_EQ(archive_read_data(tar, bytes.data(), bytes.size()), static_cast<la_ssize_t>(bytes.size()));
    members.push_back({.name = archive_entry_pathname(entry),
                       .bytes = bytes,
                       .time = archive_entry_mtime(entry),
                       .owner = archive_entry_uid(entry)});
  }
  EXPECT_STREQ(archive_error_string(tar), nullptr);
  archive_read_free(tar);
  return members;
}

void add_sample(TarShards& shards, std::string_view key, const std::string& picture) {
  const TarMember members[] = {{.extension = ".jpg", .bytes = std::as_bytes(std::span(picture))},
                               {.extension = ".json", .bytes = std::as_bytes(std::span(picture).first(0))}};
  shards.add(key, members);
}

TEST(TarShards, AreReadBackAsTheyWereWritten) {
  const ScratchFolder folder;
  TarShards shards(folder.path(), "train", {.max_samples = 2});
  for (const std::string key : {"0000001", "0000002", "0000003"}) add_sample(shards, key, std::string(1000, key[6]));
  shards.finish();
  EXPECT_EQ(shards.shards(), 2);
  const auto first = read_tar(folder / "train-000000.tar");
  ASSERT_EQ(first.size(), 4U);
  EXPECT_EQ(first[0].name, "0000001.jpg");
  EXPECT_EQ(first[1].name, "0000001.json");
  EXPECT_EQ(first[2].bytes, std::string(1000, '2'));
  EXPECT_EQ(first[0].time, 0);
  EXPECT_EQ(first[0].owner, 0);
  EXPECT_EQ(read_tar(folder / "train-000001.tar").size(), 2U);
}

TEST(TarShards, AFileEndsWhereItIsFull) {
  const ScratchFolder folder;
  TarShards shards(folder.path(), "t", {.max_bytes = 50'000});
  for (int i = 0; i < 20; ++i) add_sample(shards, cat(i), std::string(20'000, 'x'));
  shards.finish();
  EXPECT_GE(shards.shards(), 5);
  EXPECT_LE(shards.shards(), 10);
  EXPECT_EQ(folder.file_count(), static_cast<size_t>(shards.shards()));
}

TEST(TarShards, AFullDiskIsAnErrorAndLeavesNoHalfOfAFile) {
  const ScratchFolder folder;
  const FileSizeLimit full(50'000);
  TarShards shards(folder.path(), "t", {});
  EXPECT_THAT(error_of([&] {
                for (int i = 0; i < 20; ++i) add_sample(shards, cat(i), std::string(20'000, 'x'));
                shards.finish();
              }),
              HasSubstr("the disk is full"));
  EXPECT_EQ(folder.file_count(), 0U);
}

TEST(TarShards, NothingWrittenIsNoFile) {
  const ScratchFolder folder;
  TarShards shards(folder.path(), "t", {});
  shards.finish();
  EXPECT_EQ(folder.file_count(), 0U);
}

TEST(TarShards, AnExportsSampleIsItsPictureAndItsRecords) {
  const OutputFolder folder;
  MadeStream items(21);
  const ExportSummary summary =
      export_items(items, folder.path(), {.validation = 0, .test = 0, .webdataset = true}, {});
  EXPECT_EQ(summary.tar_files, 1);
  const auto members = read_tar(folder / "webdataset/train-000000.tar");
  ASSERT_EQ(members.size(), 36U);
  EXPECT_EQ(members[0].name, "0000001.png");
  EXPECT_EQ(members[0].bytes, folder.text("images/000/picture.png"));
  const auto sample = nlohmann::json::parse(members[1].bytes);
  EXPECT_EQ(sample["caption"], example_item(1).caption);
  ASSERT_EQ(sample["records"].size(), 2U);
  EXPECT_EQ(sample["records"][0]["id"], "0000001-Color");
  EXPECT_FALSE(sample["records"][0].contains("image"));
}

}  // namespace
}  // namespace fusion
