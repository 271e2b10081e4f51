#include "pipeline/preprocess/tiles.h"

#include <algorithm>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

void check_tile_size(int64_t size) {
  if (size < 1 || size > kMaxTileSize) {
    throw Error({.who = "tiles", .expected = cat("a tile size of 1 to ", kMaxTileSize), .got = cat(size)});
  }
}

size_t tile_set_values(int64_t size) {
  return static_cast<size_t>(kTileCount * kTileChannels * size * size);
}

/// Copies the square of `size` pixels at (left, top) of an RGB picture to `out`, channel by channel.
void cut_tile(const Picture& rgb, int64_t left, int64_t top, int64_t size, uint8_t* out) {
  for (int64_t y = 0; y < size; ++y) {
    const uint8_t* in = rgb.row(top + y) + left * kTileChannels;
    for (int64_t x = 0; x < size; ++x) {
      for (int64_t c = 0; c < kTileChannels; ++c) out[(c * size + y) * size + x] = in[x * kTileChannels + c];
    }
  }
}

}  // namespace

TileSet make_tiles(const Picture& picture, const TileOptions& options) {
  check_picture(picture);
  const int64_t size = options.tile_size;
  check_tile_size(size);
  if (options.convert_rgb_first && picture.mode != PixelMode::kRgb) return make_tiles(to_rgb(picture), options);

  TileSet tiles{.tile_size = size, .pixels = std::vector<uint8_t>(tile_set_values(size))};
  const int64_t tile_bytes = kTileChannels * size * size;
  const Picture whole = to_rgb(resize_bicubic(picture, size, size, options.resize));
  const Picture twice = to_rgb(resize_bicubic(picture, 2 * size, 2 * size, options.resize));
  for (int64_t quarter = 0; quarter < 4; ++quarter) {
    cut_tile(twice, quarter % 2 * size, quarter / 2 * size, size, tiles.pixels.data() + quarter * tile_bytes);
  }
  cut_tile(whole, 0, 0, size, tiles.pixels.data() + 4 * tile_bytes);
  return tiles;
}

std::vector<float> normalise(const TileSet& tiles, const TileOptions& options) {
  check_tile_size(options.tile_size);
  if (tiles.tile_size != options.tile_size || tiles.pixels.size() != tile_set_values(tiles.tile_size)) {
    throw Error({.who = "normalise",
                 .expected = cat("tiles of ", options.tile_size, " pixels"),
                 .got = cat(tiles.pixels.size(), " bytes of tile size ", tiles.tile_size)});
  }
  const size_t plane = static_cast<size_t>(tiles.tile_size * tiles.tile_size);
  std::vector<float> values(tiles.pixels.size());
  for (size_t c = 0; c < kTileChannels; ++c) {
    if (!(options.std[c] > 0.0F)) {
      throw Error({.who = "normalise", .expected = "a std above 0", .got = cat(options.std[c])});
    }
    std::array<float, 256> table;
    for (size_t value = 0; value < table.size(); ++value) {
      const auto scaled = static_cast<float>(static_cast<double>(value) * (1.0 / 255.0));
      table[value] = (scaled - options.mean[c]) / options.std[c];
    }
    for (size_t tile = 0; tile < kTileCount; ++tile) {
      const size_t start = (tile * kTileChannels + c) * plane;
      std::transform(tiles.pixels.begin() + start, tiles.pixels.begin() + start + plane, values.begin() + start,
                     [&](uint8_t value) { return table[value]; });
    }
  }
  return values;
}

}  // namespace fusion
