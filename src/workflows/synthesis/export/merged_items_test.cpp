#include "workflows/synthesis/export/merged_items.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>

#include "workflows/synthesis/export/test_support.h"

namespace fusion {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::unique_ptr<ItemStream> stream_of(const std::vector<int64_t>& ids) {
  std::vector<Item> items;
  for (const int64_t id : ids) items.push_back(example_item(id));
  return std::make_unique<ListStream>(std::move(items));
}

MergedItems merged(const std::vector<std::vector<int64_t>>& ids) {
  std::vector<ShardItems> shards;
  for (size_t i = 0; i < ids.size(); ++i) shards.push_back({.folder = cat("shard", i), .items = stream_of(ids[i])});
  return MergedItems(std::move(shards));
}

std::vector<std::string> all_of(MergedItems items) {
  std::vector<std::string> out;
  while (const auto item = items.next()) out.push_back(cat(item->id, "@", items.folder()));
  return out;
}

TEST(MergedItems, ComeInTheOrderOfIdsFromTheirFolders) {
  EXPECT_THAT(all_of(merged({{0, 3, 6}, {}, {1, 2, 9}})),
              ElementsAre("0@shard0", "1@shard2", "2@shard2", "3@shard0", "6@shard0", "9@shard2"));
  EXPECT_THAT(all_of(merged({})), ElementsAre());
}

TEST(MergedItems, AnItemOfTwoShardsIsAnError) {
  EXPECT_THAT(error_of([] { all_of(merged({{0, 2}, {1, 2}})); }),
              AllOf(HasSubstr("item 2"), HasSubstr("shard0"), HasSubstr("shard1")));
}

TEST(MergedItems, IdsThatFallAreAnError) {
  EXPECT_THAT(error_of([] { all_of(merged({{5, 4}})); }), HasSubstr("item 4 behind item 5"));
}

TEST(BringPicture, LinksOrCopiesWhole) {
  const OutputFolder from;
  const ScratchFolder to;
  bring_picture("images/000/picture.png", from.path(), to.path());
  EXPECT_TRUE(fs::equivalent(from / "images/000/picture.png", to / "images/000/picture.png"));
  bring_picture("images/000/picture.png", from.path(), to.path());  // once more changes nothing
  EXPECT_EQ(fs::file_size(to / "images/000/picture.png"), fs::file_size(from / "images/000/picture.png"));
}

TEST(BringPicture, TakesThePlaceOfAnotherRunsPicture) {
  const OutputFolder from;
  const ScratchFolder to;
  fs::create_directories(to / "images/000");
  to.put("images/000/picture.png", "of another run");
  bring_picture("images/000/picture.png", from.path(), to.path());
  EXPECT_TRUE(fs::equivalent(from / "images/000/picture.png", to / "images/000/picture.png"));
}

TEST(BringPicture, CopiesToAnotherFileSystem) {
  if (::access("/dev/shm", W_OK) != 0) GTEST_SKIP() << "no /dev/shm here";
  const OutputFolder from;
  std::string to = "/dev/shm/fusion-test-XXXXXX";
  ASSERT_NE(::mkdtemp(to.data()), nullptr);
  bring_picture("images/000/picture.png", from.path(), to);
  EXPECT_EQ(fs::file_size(fs::path(to) / "images/000/picture.png"), fs::file_size(from / "images/000/picture.png"));
  fs::remove_all(to);
}

TEST(BringPicture, WhatIsMissingOrLeadsOutIsAnError) {
  const OutputFolder from;
  const ScratchFolder to;
  EXPECT_THAT(error_of([&] { bring_picture("images/none.png", from.path(), to.path()); }),
              HasSubstr("images/none.png"));
  for (const char* path : {"../x.png", "/etc/passwd", "a/../../x", ""}) {
    EXPECT_THAT(error_of([&] { bring_picture(path, from.path(), to.path()); }), HasSubstr("inside")) << path;
  }
}

}  // namespace
}  // namespace fusion
