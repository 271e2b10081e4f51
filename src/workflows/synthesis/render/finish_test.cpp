#include "workflows/synthesis/render/finish.h"

#include <gtest/gtest.h>

#include <cmath>

#include "workflows/synthesis/render/test_support.h"

namespace fusion {

namespace {

constexpr int64_t kSide = 48;

std::vector<uint32_t> filled(const NamedColor& color) {
  const uint32_t pixel = uint32_t{color.rgb[0]} << 16 | uint32_t{color.rgb[1]} << 8 | color.rgb[2];
  return std::vector<uint32_t>(kSide * kSide, pixel);
}

TEST(Finish, LeavesEveryColourOfThePaletteNearestToItself) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    RandomSource random(seed);
    const Finish finish = draw_finish({.light = 1, .texture = 1, .noise = 1}, random);
    for (const NamedColor& color : palette()) {
      const Picture picture = finished(filled(color), kSide, kSide, finish);
      // A corner has the most and the least light.
      for (const auto& [x, y] :
           {std::pair{int64_t{0}, int64_t{0}}, {kSide - 12, int64_t{0}}, {kSide - 12, kSide - 12}}) {
        std::array<int, 3> sums{};
        for (int64_t at = 0; at < 144; ++at) {
          const uint8_t* const pixel = picture.row(y + at / 12) + 3 * (x + at % 12);
          for (size_t c = 0; c < 3; ++c) sums[c] += pixel[c];
        }
        std::array<uint8_t, 3> mean{};
        for (size_t c = 0; c < 3; ++c) mean[c] = static_cast<uint8_t>(sums[c] / 144);
        EXPECT_TRUE(has_color(mean.data(), color)) << color.name << ", seed " << seed;
        EXPECT_LT(distance_squared(mean.data(), color.rgb), 40 * 40) << color.name << ", seed " << seed;
      }
    }
  }
}

TEST(Finish, WithoutStrengthKeepsEveryPixel) {
  RandomSource random(3);
  const Finish finish = draw_finish({.light = 0, .texture = 0, .noise = 0}, random);
  const NamedColor& color = palette_color("orange");
  const Picture picture = finished(filled(color), kSide, kSide, finish);
  for (int64_t i = 0; i < kSide * kSide; ++i) ASSERT_EQ(distance_squared(picture.pixels.data() + 3 * i, color.rgb), 0);
}

TEST(Finish, GrainDiffersFromPixelToPixel) {
  RandomSource random(3);
  const Finish finish = draw_finish({.light = 0, .texture = 0, .noise = 1}, random);
  const Picture picture = finished(filled(palette_color("gray")), kSide, kSide, finish);
  double sum = 0;
  double squares = 0;
  for (int64_t i = 0; i < kSide * kSide; ++i) {
    const double value = picture.pixels[static_cast<size_t>(3 * i)];
    sum += value;
    squares += value * value;
  }
  const double count = kSide * kSide;
  const double deviation = std::sqrt(squares / count - sum / count * (sum / count));
  EXPECT_GT(deviation, 0.8);
  EXPECT_LT(deviation, 9);
}

TEST(Finish, SofteningKeepsAFlatAreaAndBlendsABorder) {
  std::vector<uint32_t> pixels = filled(palette_color("blue"));
  for (size_t i = 0; i < pixels.size(); ++i) {
    if (i % kSide < kSide / 2) pixels[i] = 0xff0000;
  }
  const Picture picture = finished(pixels, kSide, kSide, {.soft = true});
  EXPECT_EQ(distance_squared(picture.row(20) + 3 * 40, palette_color("blue").rgb), 0);
  EXPECT_EQ(distance_squared(picture.row(20) + 3 * 5, {255, 0, 0}), 0);
  const uint8_t* const border = picture.row(20) + 3 * (kSide / 2);
  EXPECT_GT(border[0], 60);
  EXPECT_LT(border[2], 200);
}

}  // namespace

}  // namespace fusion
