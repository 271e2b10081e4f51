#include "workflows/synthesis/stages/picture_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"
#include "workflows/synthesis/stages/test_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

TEST(PictureFile, HasAFolderForAThousand) {
  EXPECT_EQ(picture_path(0, "jpg"), "images/000/000000000.jpg");
  EXPECT_EQ(picture_path(123'456, "png"), "images/123/000123456.png");
  EXPECT_EQ(picture_path(9'999'999, "webp"), "images/9999/009999999.webp");
}

TEST(PictureFile, IsReadAsItWasWritten) {
  const ScratchFolder folder;
  const EncodedPicture picture{.bytes = bytes_of("bytes"), .extension = "jpg"};
  const std::string path = picture_path(1001, picture.extension);
  write_picture(folder.path(), path, picture);
  write_picture(folder.path(), path, picture);
  const EncodedPicture read = read_picture(folder.path(), path);
  EXPECT_EQ(read.bytes, picture.bytes);
  EXPECT_EQ(read.extension, "jpg");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "images/001"), {}), 1) << "no temporary file";
}

TEST(PictureFile, IsMissedWhereItIsGoneOrEmpty) {
  const ScratchFolder folder;
  Item item;
  EXPECT_FALSE(has_picture(folder.path(), item)) << "an item without one";
  item.picture = "a.jpg";
  EXPECT_FALSE(has_picture(folder.path(), item));
  EXPECT_THAT(error_of([&] { read_picture(folder.path(), item.picture); }), HasSubstr("No such file"));
  folder.put("a.jpg", "");
  EXPECT_FALSE(has_picture(folder.path(), item));
  EXPECT_THAT(error_of([&] { read_picture(folder.path(), item.picture); }), HasSubstr("an empty file"));
  folder.put("a.jpg", "12345");
  EXPECT_TRUE(has_picture(folder.path(), item));
}

TEST(PictureFile, IsComparedWithWhatWasSeen) {
  const ScratchFolder folder;
  folder.put("a.jpg", "12345");
  Item item;
  item.picture = "a.jpg";
  EXPECT_TRUE(has_its_picture(folder.path(), item, nullptr));
  EXPECT_FALSE(has_its_picture(folder.path(), item, inspect_by_size));
  inspect_by_size(item, read_picture(folder.path(), item.picture));
  EXPECT_TRUE(has_its_picture(folder.path(), item, inspect_by_size));
  const auto refuse = [](Item&, const EncodedPicture&) { throw Error({.who = "picture", .got = "half of one"}); };
  EXPECT_FALSE(has_its_picture(folder.path(), item, refuse));
}

TEST(PictureFile, LeavesNothingWhereTheDiskIsFull) {
  const ScratchFolder folder;
  const FileSizeLimit limit(1000);
  const EncodedPicture picture{.bytes = std::vector<std::byte>(2000), .extension = "jpg"};
  EXPECT_THROW(write_picture(folder.path(), "images/000/a.jpg", picture), PictureNotWritten);
  EXPECT_TRUE(std::filesystem::is_empty(folder / "images/000"));
}

}  // namespace
}  // namespace fusion
