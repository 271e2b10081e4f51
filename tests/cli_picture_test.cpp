// fusion ask about pictures: broken ones are refused, odd ones are answered.

#include "foundation/config/input_file.h"
#include "tests/cli_support.h"

namespace fusion {
namespace {

using namespace std::string_literals;

class AskAboutPicture : public ModelTest {
 protected:
  static void expect_refused(const std::string& picture, const Words& parts) {
    expect_failure(ask_about(picture, "What is it?"), parts);
  }
};

std::string big_endian(uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xff);
  return text;
}

/// A PNG that ends after its first chunk.
std::string png_header(uint32_t width, uint32_t height) {
  return "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"s + big_endian(width) + big_endian(height) + "\x08\x02\0\0\0\0\0\0\0"s;
}

TEST_F(AskAboutPicture, PathsWithoutAPicture) {
  const ScratchFolder folder;
  expect_refused(folder / "none.jpg", {folder / "none.jpg", "got no such file", "check the path"});
  expect_refused(folder.path(), {folder.path(), "got a folder"});
  expect_refused("/dev/zero", {"/dev/zero", "a regular file, got a device"});
  expect_refused(folder.put("empty.png", ""), {"empty.png", "empty"});
  expect_refused(folder.put("notes.jpg", "This is a text.\n"), {"notes.jpg", "got text that begins \"This is a text."});
}

TEST_F(AskAboutPicture, BrokenPictures) {
  const ScratchFolder folder;
  const std::string whole = read_text_file(cat_picture(), 1 << 24);
  expect_refused(folder.put("half.jpg", whole.substr(0, whole.size() / 2)), {"half.jpg", "expected", "got"});
  expect_refused(folder.put("start.jpg", whole.substr(0, 20)), {"start.jpg", "expected", "got"});
  expect_refused(folder.put("huge.png", png_header(60'000, 60'000)), {"huge.png", "100000000 pixels", "60000x60000"});
  expect_refused(folder.put("flat.png", png_header(0, 10)), {"flat.png", "0x10"});
  expect_refused(folder.put("none.png", png_header(0, 0)), {"none.png", "0x0"});
}

TEST_F(AskAboutPicture, PicturesOfOnePixelOneRowAndOneColumnAreAnswered) {
  for (const char* name : {"one_pixel.png", "one_pixel.jpg", "one_pixel.webp", "one_row.png", "one_column.png"}) {
    const nlohmann::json answer = json_of(ask_about(fixture_picture(name), "What is it?", {"--json"}));
    EXPECT_EQ(answer["new_tokens"], 4) << name;
  }
}

TEST_F(AskAboutPicture, OrientationIsAppliedUnlessSwitchedOff) {
  const Words drawn{"--temperature", "1", "--max-tokens", "16"};
  const Words ignored{"--temperature", "1", "--max-tokens", "16", "--ignore-orientation"};
  const auto answer = [](const char* picture, const Words& more) {
    return output_of(ask_about(fixture_picture(picture), "Which way is up?", more));
  };
  EXPECT_NE(answer("turned_6.png", drawn), answer("turned_6.png", ignored));
  EXPECT_EQ(answer("turned_1.png", drawn), answer("turned_1.png", ignored));
}

}  // namespace
}  // namespace fusion
