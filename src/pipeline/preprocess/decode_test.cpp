#include "pipeline/preprocess/decode.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "pipeline/preprocess/picture_test_support.h"

namespace fusion {
namespace {

/// What Pillow reads from every file of the folder: make_pictures.py says how it was made.
const SafetensorsFile& expected() {
  static const auto file = SafetensorsFile::open((picture_folder() / "expected.safetensors").string());
  return *file;
}

class DecodeLikePillow : public testing::TestWithParam<std::string> {};

TEST_P(DecodeLikePillow, OwnModeAndRgbAreEqualToTheByte) {
  const std::string& name = GetParam();
  const TensorView& own = expected().at(name + ".own");
  const Picture picture = load_picture(picture_folder() / name);
  EXPECT_EQ(pillow_name(picture.mode), expected().metadata().at(name));
  EXPECT_EQ((std::vector<int64_t>{picture.height, picture.width, bytes_per_pixel(picture.mode)}), own.shape);
  EXPECT_EQ(picture.pixels, values_of(own));
  const Picture rgb = to_rgb(picture);
  EXPECT_EQ(rgb.mode, PixelMode::kRgb);
  EXPECT_EQ(rgb.pixels, values_of(expected().at(name + ".rgb")));
}

std::vector<std::string> fixture_names() {
  std::vector<std::string> names;
  for (const auto& [name, mode] : expected().metadata()) names.push_back(name);
  return names;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Files, DecodeLikePillow, testing::ValuesIn(fixture_names()), test_name);

TEST(Decode, OrientationCanBeLeftAlone) {
  for (const std::string ending : {".jpg", ".png", ".webp"}) {
    for (int n = 1; n <= 8; ++n) {
      const auto path = picture_folder() / ("turned_" + std::to_string(n) + ending);
      const Picture stored = load_picture(path, {.apply_exif_orientation = false});
      const Picture first = load_picture(picture_folder() / ("turned_1" + ending));
      EXPECT_EQ(stored.width, 21) << path;
      EXPECT_EQ(stored.pixels, first.pixels) << path;
      EXPECT_EQ(load_picture(path).width, n >= 5 ? 13 : 21) << path;
    }
  }
}

TEST(Decode, BrokenExifLeavesThePictureAsItIs) {
  for (const std::string kind : {"cut", "count_lies", "offset_lies", "nine"}) {
    const auto path = picture_folder() / ("exif_" + kind + ".jpg");
    EXPECT_EQ(load_picture(path).pixels, load_picture(picture_folder() / "turned_1.jpg").pixels) << path;
  }
}

TEST(Decode, NameComesFromTheContentNotFromTheEnding) {
  const auto png = file_bytes(picture_folder() / "rgb_8.png");
  EXPECT_EQ(decode_picture(png, "called.jpg").width, 21);
}

}  // namespace
}  // namespace fusion
