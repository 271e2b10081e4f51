#include "workflows/synthesis/store/empty_folder.h"

#include <gmock/gmock.h>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(EmptyFolder, MayHaveALockAndMayBeMissing) {
  const ScratchFolder folder;
  EXPECT_NO_THROW(require_empty_folder(folder / "missing"));
  EXPECT_NO_THROW(require_empty_folder(folder.path()));
  folder.put(".lock", "");
  EXPECT_NO_THROW(require_empty_folder(folder.path()));
}

TEST(EmptyFolder, NamesTheFirstOfWhatIsThere) {
  const ScratchFolder folder;
  for (const char* name : {"d.txt", "b.txt", "README.md", "a\n.txt", "c.txt"}) folder.put(name, "mine");
  EXPECT_THAT(error_of([&] { require_empty_folder(folder.path()); }),
              AllOf(HasSubstr(folder.path()), HasSubstr("README.md, "), HasSubstr("b.txt and 2 more"),
                    HasSubstr("name an empty folder"), Not(HasSubstr("c.txt")), Not(HasSubstr("\n.txt"))));
  EXPECT_THAT(error_of([&] { require_empty_folder(folder / "b.txt"); }), HasSubstr("can be listed"));
}

}  // namespace
}  // namespace fusion
