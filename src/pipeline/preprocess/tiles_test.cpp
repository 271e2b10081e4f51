#include "pipeline/preprocess/tiles.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/picture_test_support.h"

namespace fusion {
namespace {

constexpr const char* kPreprocGolden = FUSION_SOURCE_DIR "/parity/goldens/preproc/preproc";

TileOptions siglip_options() {
  return {.tile_size = 384, .mean = {0.5F, 0.5F, 0.5F}, .std = {0.5F, 0.5F, 0.5F}};
}

/// As zlib's crc32.
uint32_t crc32(const std::vector<uint8_t>& bytes) {
  uint32_t crc = 0xffffffff;
  for (const uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

/// One picture of the goldens, in one of the two ways to make tiles of it.
struct GoldenTiles {
  TileSet tiles;
  std::vector<float> normal;
};

GoldenTiles tiles_of(const Picture& picture, bool convert_rgb_first) {
  TileOptions options = siglip_options();
  options.convert_rgb_first = convert_rgb_first;
  TileSet tiles = make_tiles(picture, options);
  std::vector<float> normal = normalise(tiles, options);
  return {.tiles = std::move(tiles), .normal = std::move(normal)};
}

/// Expects every row of `golden`, (5, 3, rows, 384), to equal those rows of `all`, (5, 3, 384, 384).
template <class T>
void expect_rows(const TensorView& golden, const std::vector<T>& all, const std::vector<int64_t>& rows) {
  const T* wanted = reinterpret_cast<const T*>(golden.bytes.data());
  ASSERT_EQ(golden.bytes.size(), sizeof(T) * kTileCount * kTileChannels * rows.size() * 384);
  for (int64_t plane = 0; plane < kTileCount * kTileChannels; ++plane) {
    for (const int64_t row : rows) {
      const T* got = all.data() + (plane * 384 + row) * 384;
      ASSERT_TRUE(std::equal(got, got + 384, wanted)) << golden.name << " plane " << plane << " row " << row;
      wanted += 384;
    }
  }
}

TEST(Tiles, EqualTheGoldensToTheByte) {
  std::ifstream text(std::string(kPreprocGolden) + ".json");
  const auto golden = nlohmann::json::parse(text);
  const auto file = SafetensorsFile::open(std::string(kPreprocGolden) + ".safetensors");
  const auto rows = golden.at("rows").get<std::vector<int64_t>>();
  int compared = 0;
  for (const auto& [name, entry] : golden.at("images").items()) {
    const Picture picture = picture_of(file->at(name + ".input"));
    for (const std::string way : {"rgb_first", "raw_mode"}) {
      if (!entry.contains(way)) continue;
      const std::string stem = cat(name, ".", way);
      const auto& facts = entry.at(way);
      const auto [tiles, normal] = tiles_of(picture, way == "rgb_first");
      EXPECT_EQ(crc32(tiles.pixels), facts.at("crc32")) << stem;
      EXPECT_EQ(std::accumulate(tiles.pixels.begin(), tiles.pixels.end(), int64_t{0}), facts.at("sum")) << stem;
      expect_rows(file->at(stem + ".rows"), tiles.pixels, rows);
      expect_rows(file->at(stem + ".row0_f32"), normal, {0});
      if (facts.at("full")) {
        EXPECT_EQ(tiles.pixels, values_of(file->at(stem + ".full"))) << stem;
      }
      ++compared;
    }
  }
  EXPECT_EQ(compared, 6);
}

TEST(Tiles, AreTheQuartersRowByRowThenTheWhole) {
  // A picture of the doubled size already: nothing is resized, so each quarter keeps its colour.
  Picture picture = Picture::blank(8, 8, PixelMode::kRgb);
  for (int64_t y = 0; y < 8; ++y) {
    for (int64_t x = 0; x < 8; ++x) std::fill_n(picture.row(y) + 3 * x, 3, static_cast<uint8_t>(y / 4 * 2 + x / 4 + 1));
  }
  TileOptions options = siglip_options();
  options.tile_size = 4;
  const TileSet tiles = make_tiles(picture, options);
  ASSERT_EQ(tiles.pixels.size(), 5U * 3 * 4 * 4);
  for (size_t tile = 0; tile < 4; ++tile) {
    const auto begin = tiles.pixels.begin() + static_cast<int64_t>(tile) * 48;
    EXPECT_THAT(std::vector<uint8_t>(begin, begin + 48), testing::Each(tile + 1)) << tile;
  }
}

TEST(Tiles, SmallestPicturesWork) {
  std::mt19937 random(2);
  TileOptions options = siglip_options();
  options.tile_size = 30;
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 500}, {500, 1}}) {
    const Picture picture = random_picture(width, height, PixelMode::kRgba, random);
    for (const bool convert_first : {true, false}) {
      options.convert_rgb_first = convert_first;
      EXPECT_EQ(normalise(make_tiles(picture, options), options).size(), 5U * 3 * 30 * 30);
    }
  }
}

TEST(Tiles, NormaliseUsesEachChannelsMeanAndStd) {
  const TileOptions options{.tile_size = 1, .mean = {0.5F, 0.0F, 0.25F}, .std = {0.5F, 1.0F, 0.25F}};
  TileSet tiles{.tile_size = 1, .pixels = std::vector<uint8_t>(15, 255)};
  tiles.pixels[12] = 0;
  const std::vector<float> values = normalise(tiles, options);
  EXPECT_EQ(std::vector<float>(values.begin(), values.begin() + 3), (std::vector<float>{1.0F, 1.0F, 3.0F}));
  EXPECT_EQ(values[12], -1.0F);
}

TEST(Tiles, RefuseSizesThatMakeNoSense) {
  const Picture picture = Picture::blank(2, 2, PixelMode::kRgb);
  TileOptions options = siglip_options();
  for (const int64_t size : {int64_t{0}, int64_t{-4}, int64_t{1} << 40}) {
    options.tile_size = size;
    EXPECT_THROW(make_tiles(picture, options), Error) << size;
  }
  options.tile_size = 2;
  const TileSet tiles = make_tiles(picture, options);
  options.std[1] = 0.0F;
  EXPECT_THROW(normalise(tiles, options), Error);
  options = siglip_options();
  EXPECT_THROW(normalise(tiles, options), Error) << "tiles of another size";
}

}  // namespace
}  // namespace fusion
