#include "workflows/synthesis/filters/picture_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "foundation/config/test_support.h"
#include "foundation/core/random_source.h"
#include "pipeline/preprocess/decode.h"
#include "pipeline/preprocess/resize.h"
#include "workflows/synthesis/render/encode.h"

namespace fusion {
namespace {

struct Disc {
  double x;  ///< shares of the side
  double y;
  double radius;
  uint8_t red;
  uint8_t green;
  uint8_t blue;
};

/// Discs on a ground that gets darker from the top to the bottom.
Picture discs(int64_t side, const std::vector<Disc>& all, uint8_t ground = 230) {
  Picture picture = Picture::blank(side, side, PixelMode::kRgb);
  for (int64_t y = 0; y < side; ++y) {
    for (int64_t x = 0; x < side; ++x) {
      uint8_t* pixel = picture.row(y) + 3 * x;
      pixel[0] = pixel[1] = pixel[2] = static_cast<uint8_t>(ground - 60 * y / side);
      for (const Disc& disc : all) {
        const double dx = static_cast<double>(x) / static_cast<double>(side) - disc.x;
        const double dy = static_cast<double>(y) / static_cast<double>(side) - disc.y;
        if (dx * dx + dy * dy > disc.radius * disc.radius) continue;
        pixel[0] = disc.red;
        pixel[1] = disc.green;
        pixel[2] = disc.blue;
      }
    }
  }
  return picture;
}

std::vector<Disc> random_discs(RandomSource& random) {
  std::vector<Disc> all;
  const auto shade = [&random] { return static_cast<uint8_t>(random.below(256)); };
  for (int i = 0; i < 5; ++i) {
    all.push_back({.x = random.uniform(0.1, 0.9),
                   .y = random.uniform(0.1, 0.9),
                   .radius = random.uniform(0.05, 0.2),
                   .red = shade(),
                   .green = shade(),
                   .blue = shade()});
  }
  return all;
}

uint64_t picture_hash_of(const Picture& picture) {
  return inspect_picture(picture).hash;
}

int distance(const Picture& a, const Picture& b) {
  return std::popcount(picture_hash_of(a) ^ picture_hash_of(b));
}

Picture compressed(const Picture& picture, int quality) {
  return decode_picture(encode_jpeg(picture, quality).bytes, "test");
}

TEST(PictureFacts, HashOutlivesCompressionAndResizing) {
  RandomSource random(1);
  int changed = 0;
  constexpr int kPictures = 40;
  for (int i = 0; i < kPictures; ++i) {
    const Picture picture = discs(192, random_discs(random));
    const int by_compression = distance(picture, compressed(picture, 60));
    const int by_resizing = distance(picture, resize_bicubic(picture, 170, 170));
    EXPECT_LE(by_compression, 3);
    EXPECT_LE(by_resizing, 3);
    changed += by_compression + by_resizing;
  }
  EXPECT_LT(changed, 2 * kPictures);  // half a bit each time, three of 64 at the most
}

TEST(PictureFacts, HashTellsPicturesApart) {
  RandomSource random(2);
  std::vector<Picture> pictures;
  for (int i = 0; i < 30; ++i) pictures.push_back(discs(96, random_discs(random)));
  for (size_t a = 0; a < pictures.size(); ++a) {
    for (size_t b = 0; b < a; ++b) EXPECT_GT(distance(pictures[a], pictures[b]), 5) << a << " and " << b;
  }
}

TEST(PictureFacts, HashTellsColorsApart) {
  const Disc disc{.x = 0.4, .y = 0.5, .radius = 0.2, .red = 220, .green = 40, .blue = 40};
  Disc blue = disc;
  std::swap(blue.red, blue.blue);
  EXPECT_GE(distance(discs(96, {disc}), discs(96, {blue})), 4);
}

TEST(PictureFacts, ContrastIsTheDeviationOfTheLuminance) {
  Picture halves = Picture::blank(100, 80, PixelMode::kGrey);
  for (int64_t y = 0; y < 80; ++y) {
    for (int64_t x = 50; x < 100; ++x) halves.row(y)[x] = 200;
  }
  const PictureFacts facts = inspect_picture(halves);
  EXPECT_NEAR(facts.contrast, 100, 1e-9);
  EXPECT_EQ(facts.width, 100);
  EXPECT_EQ(facts.height, 80);
  EXPECT_EQ(inspect_picture(Picture::blank(64, 64, PixelMode::kRgb)).contrast, 0);
  EXPECT_EQ(inspect_picture(Picture::blank(64, 64, PixelMode::kRgb)).hash, 0U);
}

TEST(PictureFacts, TakesPicturesOfAnySize) {
  for (const int64_t side : {1, 2, 31, 33, 65}) {
    const PictureFacts facts = inspect_picture(discs(side, {}));
    EXPECT_EQ(facts.width, side);
    EXPECT_TRUE(std::isfinite(facts.contrast));
  }
  EXPECT_EQ(inspect_picture(Picture::blank(5000, 1, PixelMode::kGrey)).height, 1);
}

TEST(PictureFacts, RefuseABrokenPictureByItsName) {
  const std::vector<std::byte> bytes(100);
  EXPECT_THAT(error_of([&] { (void)inspect_picture(bytes, "item 7"); }), testing::HasSubstr("item 7"));
}

}  // namespace
}  // namespace fusion
