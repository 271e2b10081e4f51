#include "pipeline/preprocess/exif.h"

#include <gtest/gtest.h>

#include <string>

#include "foundation/core/error.h"
#include "pipeline/preprocess/picture_test_support.h"

namespace fusion {
namespace {

using namespace std::string_literals;

/// A TIFF block of one entry: tag, type, count and value given as bytes of a little-endian file.
std::string block(const std::string& entry) {
  return "II*\0\x08\0\0\0\x01\0"s + entry + "\0\0\0\0"s;
}

int orientation_of(const std::string& exif) {
  return exif_orientation(as_bytes(exif));
}

TEST(ExifOrientation, ReadsEveryIntegerType) {
  EXPECT_EQ(orientation_of(block("\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s)), 6);
  EXPECT_EQ(orientation_of(block("\x12\x01\x04\0\x01\0\0\0\x08\0\0\0"s)), 8);
  EXPECT_EQ(orientation_of(block("\x12\x01\x01\0\x01\0\0\0\x03\0\0\0"s)), 3);
  EXPECT_EQ(orientation_of("Exif\0\0"s + block("\x12\x01\x03\0\x01\0\0\0\x05\0\0\0"s)), 5);
  EXPECT_EQ(orientation_of("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x07\0\0\0\0\0\0"s), 7);
}

TEST(ExifOrientation, IsUprightWhenTheBlockMakesNoSense) {
  EXPECT_EQ(orientation_of(""), 1);
  EXPECT_EQ(orientation_of("Exif\0\0"s), 1);
  EXPECT_EQ(orientation_of("PNG rather than TIFF"), 1);
  EXPECT_EQ(orientation_of("II*\0\xff\xff\xff\xff"s), 1);
  EXPECT_EQ(orientation_of(block("\x12\x01\x03\0\x01\0\0\0\x09\0\0\0"s)), 1) << "9 is no orientation";
  EXPECT_EQ(orientation_of(block("\x12\x01\x03\0\x01\0\0\0\0\0\0\0"s)), 1);
  EXPECT_EQ(orientation_of(block("\x12\x01\x04\0\x01\0\0\0\x06\0\0\x01"s)), 1);
  EXPECT_EQ(orientation_of(block("\x12\x01\x03\0\x02\0\0\0\x06\0\x06\0"s)), 1) << "two values";
  EXPECT_EQ(orientation_of(block("\x12\x01\x05\0\x01\0\0\0\x06\0\0\0"s)), 1) << "a fraction";
  EXPECT_EQ(orientation_of(block("\x13\x01\x03\0\x01\0\0\0\x06\0\0\0"s)), 1) << "another tag";
}

TEST(ExifOrientation, EveryCutIsSafe) {
  const std::string whole = block("\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s);
  for (size_t size = 0; size <= whole.size(); ++size) {
    const int orientation = orientation_of(whole.substr(0, size));
    EXPECT_EQ(orientation, size >= 20 ? 6 : 1) << size;
  }
}

/// Two rows of three pixels with the values 1 to 6.
Picture numbered() {
  return {.width = 3, .height = 2, .mode = PixelMode::kGrey, .pixels = {1, 2, 3, 4, 5, 6}};
}

TEST(ApplyOrientation, TurnsAndMirrors) {
  const std::vector<std::vector<uint8_t>> upright = {{1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1},
                                                     {4, 5, 6, 1, 2, 3}, {1, 4, 2, 5, 3, 6}, {4, 1, 5, 2, 6, 3},
                                                     {6, 3, 5, 2, 4, 1}, {3, 6, 2, 5, 1, 4}};
  for (int n = 1; n <= 8; ++n) {
    const Picture turned = apply_orientation(numbered(), n);
    EXPECT_EQ(turned.pixels, upright[n - 1]) << n;
    EXPECT_EQ(turned.width, n >= 5 ? 2 : 3) << n;
  }
  EXPECT_THROW(apply_orientation(numbered(), 0), Error);
  EXPECT_THROW(apply_orientation(numbered(), 9), Error);
}

TEST(ApplyOrientation, UndoesItselfForEveryPixelSize) {
  std::mt19937 random(1);
  for (const PixelMode mode : {PixelMode::kPalette, PixelMode::kGrey16, PixelMode::kRgb, PixelMode::kCmyk}) {
    const Picture picture = random_picture(67, 41, mode, random);
    for (const auto& [turn, back] : {std::pair{2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 8}, {7, 7}, {8, 6}}) {
      const Picture again = apply_orientation(apply_orientation(picture, turn), back);
      EXPECT_EQ(again.pixels, picture.pixels) << turn;
      EXPECT_EQ(again.palette, picture.palette);
    }
  }
}

}  // namespace
}  // namespace fusion
