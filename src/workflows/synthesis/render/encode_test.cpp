#include "workflows/synthesis/render/encode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/synthesis/render/test_support.h"

namespace fusion {

namespace {

using testing::HasSubstr;

/// A red left half and a blue right half.
Picture two_halves(int64_t width, int64_t height) {
  Picture picture = Picture::blank(width, height, PixelMode::kRgb);
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) picture.row(y)[3 * x + (x < width / 2 ? 0 : 2)] = 255;
  }
  return picture;
}

TEST(Encode, APngDecodesToTheSamePixels) {
  const Picture picture = two_halves(65, 31);
  const EncodedPicture file = encode_png(picture);
  EXPECT_EQ(file.extension, "png");
  const Picture back = decode_picture(file.bytes, "picture");
  EXPECT_EQ(back.mode, PixelMode::kRgb);
  EXPECT_EQ(back.width, 65);
  EXPECT_EQ(back.pixels, picture.pixels);
}

TEST(Encode, AJpegKeepsColourUpToTheBorderOfTwo) {
  const EncodedPicture file = encode_jpeg(two_halves(64, 32), 90);
  EXPECT_EQ(file.extension, "jpg");
  const Picture back = decode_picture(file.bytes, "picture");
  ASSERT_EQ(back.width, 64);
  ASSERT_EQ(back.height, 32);
  // With colours at half the resolution, these would be purple.
  EXPECT_LT(distance_squared(back.row(16) + 3 * 31, {255, 0, 0}), 30 * 30);
  EXPECT_LT(distance_squared(back.row(16) + 3 * 32, {0, 0, 255}), 30 * 30);
}

TEST(Encode, HigherQualityTakesMoreBytes) {
  const Picture picture = Renderer(small_catalogue(), {.width = 96, .height = 96}).render(plain_scene("green"));
  EXPECT_GT(encode_jpeg(picture, 95).bytes.size(), encode_jpeg(picture, 50).bytes.size());
}

TEST(Encode, RefusesAQualityThatIsNone) {
  const Picture picture = two_halves(8, 8);
  EXPECT_THAT(error_of([&] { encode_jpeg(picture, 0); }), HasSubstr("1 to 100"));
  EXPECT_THAT(error_of([&] { encode_jpeg(picture, 101); }), HasSubstr("got 101"));
}

TEST(Encode, RefusesASideThatJpegCannotHave) {
  const Picture wide = Picture::blank(70'000, 1, PixelMode::kRgb);
  EXPECT_THAT(error_of([&] { encode_jpeg(wide, 90); }), HasSubstr("a picture as JPEG"));
}

TEST(Encode, TakesPicturesOfOtherModes) {
  const Picture grey = Picture::blank(16, 16, PixelMode::kGrey);
  EXPECT_EQ(decode_picture(encode_png(grey).bytes, "grey").width, 16);
  EXPECT_EQ(decode_picture(encode_jpeg(grey, 80).bytes, "grey").width, 16);
}

TEST(SideBySide, KeepsBothAndASeam) {
  const Picture left = two_halves(96, 96);
  const Picture right = two_halves(50, 60);
  const Picture both = side_by_side(left, right);
  ASSERT_EQ(both.width, 96 + 2 + 50);
  ASSERT_EQ(both.height, 96);
  EXPECT_EQ(distance_squared(both.row(40), {255, 0, 0}), 0);
  EXPECT_EQ(distance_squared(both.row(40) + 3 * 96, {128, 128, 128}), 0);
  EXPECT_EQ(distance_squared(both.row(40) + 3 * 98, {255, 0, 0}), 0);
  EXPECT_EQ(distance_squared(both.row(40) + 3 * 147, {0, 0, 255}), 0);
  EXPECT_EQ(distance_squared(both.row(5) + 3 * 98, {128, 128, 128}), 0) << "above the lower picture";
}

}  // namespace

}  // namespace fusion
