#include "workflows/inference/picture_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(PictureFiles, AFolderStandsForThePicturesInItByName) {
  const ScratchFolder folder;
  for (const char* name : {"b.PNG", "a.jpeg", "notes.txt", "c.webp", "d.jpg.part"}) folder.put(name, "");
  const std::vector<std::string> paths{folder / "notes.txt", folder.path()};
  EXPECT_THAT(picture_files(paths),
              ElementsAre(folder / "notes.txt", folder / "a.jpeg", folder / "b.PNG", folder / "c.webp"));
}

TEST(PictureFiles, RefusesWhatIsNotThereAndFoldersWithoutPictures) {
  const ScratchFolder folder;
  const std::vector<std::string> missing{folder / "x.jpg"};
  EXPECT_THAT(error_of([&] { picture_files(missing); }), HasSubstr("in quotes"));
  const std::vector<std::string> empty{folder.path()};
  EXPECT_THAT(error_of([&] { picture_files(empty); }), HasSubstr("none of them"));
}

}  // namespace
}  // namespace fusion
