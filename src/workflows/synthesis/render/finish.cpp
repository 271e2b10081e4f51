#include "workflows/synthesis/render/finish.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace fusion {

namespace {

constexpr size_t kTileSide = 256;
constexpr size_t kTileMask = kTileSide - 1;
using Tile = std::vector<int8_t>;

/// Independent numbers, nearly normal, with a standard deviation of 32.
Tile make_grain() {
  RandomSource random(1, 7001);
  Tile tile(kTileSide * kTileSide);
  for (int8_t& value : tile) {
    int sum = 0;
    for (int i = 0; i < 4; ++i) sum += static_cast<int>(random.below(111)) - 55;
    value = static_cast<int8_t>(std::clamp(sum / 2, -127, 127));
  }
  return tile;
}

/// Smooth spots of several sizes, which go on at the tile's borders.
Tile make_texture() {
  RandomSource random(1, 7002);
  std::vector<int> sums(kTileSide * kTileSide);
  for (const size_t cells : {8, 16, 32, 64}) {
    std::vector<int> lattice(cells * cells);
    for (int& value : lattice) value = static_cast<int>(random.between(-100, 100));
    const size_t step = kTileSide / cells;
    for (size_t y = 0; y < kTileSide; ++y) {
      for (size_t x = 0; x < kTileSide; ++x) {
        const auto at = [&](size_t dx, size_t dy) {
          return lattice[((y / step + dy) % cells) * cells + (x / step + dx) % cells];
        };
        const int u = static_cast<int>(x % step);
        const int v = static_cast<int>(y % step);
        const int side = static_cast<int>(step);
        const int above = at(0, 0) * (side - u) + at(1, 0) * u;
        const int below = at(0, 1) * (side - u) + at(1, 1) * u;
        sums[y * kTileSide + x] += (above * (side - v) + below * v) / (side * side);
      }
    }
  }
  Tile tile(sums.size());
  for (size_t i = 0; i < sums.size(); ++i) tile[i] = static_cast<int8_t>(std::clamp(sums[i] / 3, -127, 127));
  return tile;
}

const Tile& grain_tile() {
  static const Tile tile = make_grain();
  return tile;
}
const Tile& texture_tile() {
  static const Tile tile = make_texture();
  return tile;
}

/// What is added to the pixels of a row, from -60 to 60.
void fill_relief(std::vector<int16_t>& relief, size_t y, const Finish& finish) {
  const size_t row = ((y + (finish.offset >> 8)) & kTileMask) * kTileSide;
  // The tile of grain begins elsewhere in each of its rounds, so that no pattern is seen.
  const size_t grain_shift = finish.offset + 89 * (y / kTileSide);
  const int8_t* const grain = grain_tile().data() + row;
  const int8_t* const texture = texture_tile().data() + row;
  for (size_t x = 0; x < relief.size(); ++x) {
    const int value =
        grain[(x + grain_shift) & kTileMask] * finish.grain + texture[(x + finish.offset) & kTileMask] * finish.texture;
    relief[x] = static_cast<int16_t>(value >> 8);
  }
}

void light_row(const uint32_t* pixels, uint8_t* out, const std::vector<int16_t>& relief,
               const std::array<int32_t, 3>& gains, int32_t step) {
  for (size_t x = 0; x < relief.size(); ++x) {
    const int32_t along = step * static_cast<int32_t>(x);
    for (size_t c = 0; c < 3; ++c) {
      const auto value = static_cast<int32_t>(pixels[x] >> (16 - 8 * c) & 0xff);
      out[3 * x + c] = static_cast<uint8_t>(std::clamp((value * ((gains[c] + along) >> 4) >> 12) + relief[x], 0, 255));
    }
  }
}

/// (a + 2b + c) / 4 of all four bytes at once.
uint32_t blend(uint32_t a, uint32_t b, uint32_t c) {
  constexpr uint32_t kOdd = 0x00ff00ff;
  const uint32_t low = (a & kOdd) + 2 * (b & kOdd) + (c & kOdd) + 0x00020002;
  const uint32_t high = (a >> 8 & kOdd) + 2 * (b >> 8 & kOdd) + (c >> 8 & kOdd) + 0x00020002;
  return (low >> 2 & kOdd) | ((high >> 2 & kOdd) << 8);
}

std::vector<uint32_t> softened(std::span<const uint32_t> pixels, size_t width, size_t height) {
  std::vector<uint32_t> across(pixels.begin(), pixels.end());
  for (size_t y = 0; y < height; ++y) {
    const uint32_t* const in = pixels.data() + y * width;
    uint32_t* const out = across.data() + y * width;
    for (size_t x = 1; x + 1 < width; ++x) out[x] = blend(in[x - 1], in[x], in[x + 1]);
  }
  std::vector<uint32_t> both = across;
  for (size_t y = 1; y + 1 < height; ++y) {
    const uint32_t* const in = across.data() + y * width;
    for (size_t x = 0; x < width; ++x) both[y * width + x] = blend(in[x - width], in[x], in[x + width]);
  }
  return both;
}

}  // namespace

Finish draw_finish(const FinishOptions& options, RandomSource& random) {
  constexpr double kOne = 1 << 16;
  const auto part = [&](double share) { return static_cast<int32_t>(std::lround(kOne * share)); };
  const double angle = random.uniform(0, 2 * std::numbers::pi);
  const double slope = options.light * random.uniform(0.3, 1) * 0.05;
  Finish finish;
  finish.gain = part(1 + options.light * random.uniform(-0.025, 0.015));
  finish.gain_x = part(slope * std::cos(angle));
  finish.gain_y = part(slope * std::sin(angle));
  for (int32_t& tint : finish.tint) tint = part(options.light * random.uniform(-0.015, 0.015));
  finish.grain = static_cast<int>(options.noise * random.uniform(0.2, 1) * 56);
  finish.texture = static_cast<int>(options.texture * random.uniform(0, 1) * 24);
  finish.offset = static_cast<uint32_t>(random.below(1U << 16));
  finish.soft = random.chance(0.4 * options.texture);
  return finish;
}

Picture finished(std::span<const uint32_t> pixels, int64_t width, int64_t height, const Finish& finish) {
  std::vector<uint32_t> soft;
  if (finish.soft) {
    soft = softened(pixels, static_cast<size_t>(width), static_cast<size_t>(height));
    pixels = soft;
  }
  Picture picture = Picture::blank(width, height, PixelMode::kRgb);
  std::vector<int16_t> relief(static_cast<size_t>(width));
  for (int64_t y = 0; y < height; ++y) {
    fill_relief(relief, static_cast<size_t>(y), finish);
    std::array<int32_t, 3> gains{};
    for (size_t c = 0; c < 3; ++c) {
      gains[c] = finish.gain + finish.tint[c] - finish.gain_x +
                 static_cast<int32_t>(int64_t{finish.gain_y} * (2 * y - height) / height);
    }
    light_row(pixels.data() + y * width, picture.row(y), relief, gains,
              static_cast<int32_t>(2 * finish.gain_x / width));
  }
  return picture;
}

}  // namespace fusion
