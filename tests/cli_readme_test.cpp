// The README's example of the library: its text, and the program that is made of it.

#include <cstdlib>
#include <filesystem>

#include "foundation/config/input_file.h"
#include "tests/cli_support.h"

namespace fusion {
namespace {

namespace fs = std::filesystem;

class Readme : public ModelTest {};

TEST_F(Readme, ShowsTheExampleThatIsBuilt) {
  const std::string example = read_text_file(source_path("examples/ask.cpp"), 1 << 16);
  EXPECT_THAT(read_text_file(source_path("README.md"), 1 << 20), testing::HasSubstr("\n```cpp\n" + example + "```\n"));
}

TEST_F(Readme, ItsExampleAnswers) {
  const ScratchFolder folder;
  fs::create_directory_symlink(model(), folder / "FUSION-Phi3.5-3B");
  fs::create_symlink(cat_picture(), folder / "photo.jpg");
  const std::string command = "cd '" + folder.path() + "' && '" FUSION_EXAMPLE "' >answer";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_GT(read_text_file(folder / "answer", 1 << 20).size(), 1u);
}

}  // namespace
}  // namespace fusion
