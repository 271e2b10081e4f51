#include "workflows/synthesis/filters/picture_facts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <optional>

#include "pipeline/preprocess/decode.h"

namespace fusion {

namespace {

constexpr int64_t kSide = 32;        ///< of the thumbnail
constexpr size_t kFrequencies = 10;  ///< of the cosine transform, in each direction
constexpr size_t kLightBits = 48;
constexpr size_t kColorBits = 8;  ///< of each of the two colour planes

/// Sums of integers all the way, for the bits to be the same on every machine.
using Plane = std::array<int64_t, kSide * kSide>;
using Spectrum = std::array<int64_t, kFrequencies * kFrequencies>;

struct Thumbnail {
  Plane light{};  ///< means over a cell, times 16; luminance times 1,000
  Plane blue{};   ///< blue minus luminance
  Plane red{};    ///< red minus luminance
  double contrast = 0;
};

/// Sums over a cell or a part of one.
struct Sums {
  int64_t pixels = 0;
  int64_t light = 0;  ///< thousandths
  int64_t light_squared = 0;
  int64_t red = 0;
  int64_t blue = 0;
};

void add_row(const uint8_t* pixel, int64_t count, Sums& sums) {
  int64_t light = 0;
  int64_t squares = 0;
  int64_t red = 0;
  int64_t blue = 0;
  for (int64_t x = 0; x < count; ++x, pixel += 3) {
    const int32_t luminance = 299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2];
    light += luminance;
    squares += static_cast<int64_t>(luminance) * luminance;
    red += pixel[0];
    blue += pixel[2];
  }
  sums.pixels += count;
  sums.light += light;
  sums.light_squared += squares;
  sums.red += red;
  sums.blue += blue;
}

/// From where to where a cell goes. Of a side with fewer pixels than cells, each cell has one.
struct Range {
  int64_t begin;
  int64_t end;
};
Range cell_range(int64_t cell, int64_t side) {
  const int64_t begin = cell * side / kSide;
  return {.begin = begin, .end = std::max(begin + 1, (cell + 1) * side / kSide)};
}

Thumbnail thumbnail_of(const Picture& rgb) {
  Thumbnail small;
  double light = 0;
  double squares = 0;
  double pixels = 0;
  for (int64_t y = 0; y < kSide; ++y) {
    const Range rows = cell_range(y, rgb.height);
    for (int64_t x = 0; x < kSide; ++x) {
      const Range columns = cell_range(x, rgb.width);
      Sums sums;
      for (int64_t row = rows.begin; row < rows.end; ++row) {
        add_row(rgb.row(row) + 3 * columns.begin, columns.end - columns.begin, sums);
      }
      const auto cell = static_cast<size_t>(y * kSide + x);
      small.light[cell] = 16 * sums.light / sums.pixels;
      small.red[cell] = 16 * (1000 * sums.red - sums.light) / sums.pixels;
      small.blue[cell] = 16 * (1000 * sums.blue - sums.light) / sums.pixels;
      pixels += static_cast<double>(sums.pixels);
      light += static_cast<double>(sums.light);
      squares += static_cast<double>(sums.light_squared);
    }
  }
  const double mean = light / pixels;
  small.contrast = std::sqrt(std::max(0.0, squares / pixels - mean * mean)) / 1000;
  return small;
}

/// cos(pi (2 i + 1) k / 64) in 1/4096.
const std::array<std::array<int64_t, kSide>, kFrequencies>& cosines() {
  static const auto kTable = [] {
    std::array<std::array<int64_t, kSide>, kFrequencies> table{};
    for (size_t k = 0; k < kFrequencies; ++k) {
      for (size_t i = 0; i < kSide; ++i) {
        const double angle = std::numbers::pi * static_cast<double>((2 * i + 1) * k) / (2.0 * kSide);
        table[k][i] = std::lround(4096 * std::cos(angle));
      }
    }
    return table;
  }();
  return kTable;
}

/// The lowest frequencies, row by row: [vertical][horizontal].
Spectrum spectrum_of(const Plane& plane) {
  std::array<int64_t, kSide * kFrequencies> rows{};
  for (size_t y = 0; y < kSide; ++y) {
    for (size_t k = 0; k < kFrequencies; ++k) {
      int64_t sum = 0;
      for (size_t x = 0; x < kSide; ++x) sum += plane[y * kSide + x] * cosines()[k][x];
      rows[y * kFrequencies + k] = sum / 4096;
    }
  }
  Spectrum spectrum{};
  for (size_t k = 0; k < kFrequencies; ++k) {
    for (size_t x = 0; x < kFrequencies; ++x) {
      int64_t sum = 0;
      for (size_t y = 0; y < kSide; ++y) sum += rows[y * kFrequencies + x] * cosines()[k][y];
      spectrum[k * kFrequencies + x] = sum / 4096;
    }
  }
  return spectrum;
}

/// The places of the first `Count` frequencies from low to high, diagonal by diagonal, beginning with the mean.
template <size_t Count>
std::array<size_t, Count> low_frequencies() {
  std::array<size_t, Count> places{};
  size_t found = 0;
  for (size_t diagonal = 0; found < Count; ++diagonal) {
    for (size_t y = 0; y <= diagonal && found < Count; ++y) places[found++] = y * kFrequencies + (diagonal - y);
  }
  return places;
}

/// What noise and compression move a coefficient by: one below it counts as none, or they would toss its bit.
/// Of an amplitude of a twentieth of a grey level over the whole picture.
constexpr int64_t kNoise = int64_t{16} * 1000 * kSide * kSide / 20;

}  // namespace

PictureFacts inspect_picture(const Picture& picture) {
  check_picture(picture);
  std::optional<Picture> converted;
  if (picture.mode != PixelMode::kRgb) converted = to_rgb(picture);
  const Thumbnail small = thumbnail_of(converted ? *converted : picture);

  std::array<bool, 64> bits{};
  size_t next = 0;
  const Spectrum light = spectrum_of(small.light);
  const auto light_places = low_frequencies<kLightBits + 1>();
  for (size_t i = 1; i <= kLightBits; ++i) bits[next++] = light[light_places[i]] > kNoise;
  for (const Plane* plane : {&small.blue, &small.red}) {
    const Spectrum color = spectrum_of(*plane);
    for (const size_t place : low_frequencies<kColorBits>()) bits[next++] = color[place] > kNoise;
  }

  PictureFacts facts{.width = picture.width, .height = picture.height, .hash = 0, .contrast = small.contrast};
  // Spread over the hash, so that each quarter of it has its share of every sort of bit.
  for (size_t i = 0; i < bits.size(); ++i) facts.hash |= static_cast<uint64_t>(bits[i]) << (i % 4 * 16 + i / 4);
  return facts;
}

PictureFacts inspect_picture(std::span<const std::byte> bytes, const std::string& name) {
  return inspect_picture(decode_picture(bytes, name));
}

}  // namespace fusion
