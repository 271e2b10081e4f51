#pragma once
// A picture as the five tiles that the model sees (paper: section 3, dynamic high resolution "static_hd").

#include <array>
#include <cstdint>
#include <vector>

#include "pipeline/preprocess/picture.h"
#include "pipeline/preprocess/resize.h"

namespace fusion {

inline constexpr int64_t kTileCount = 5;
inline constexpr int64_t kTileChannels = 3;
inline constexpr int64_t kMaxTileSize = 2048;  ///< five tiles of floats are then 252 MB

/// How a picture becomes tiles.
struct TileOptions {
  int64_t tile_size;              ///< S: pixels of a tile's side, the image size of the vision tower
  std::array<float, 3> mean;      ///< taken off each channel of the pixels scaled to 0..1
  std::array<float, 3> std;       ///< what the rest is divided by
  bool convert_rgb_first = true;  ///< false: resize in the picture's own mode, then convert, as some benchmark tools do
  ResizeOptions resize = {};
};

/// The tiles before normalisation.
struct TileSet {
  int64_t tile_size = 0;
  /// uint8 (5, 3, S, S). Tiles 0..3: the quarters (top left, top right, bottom left, bottom right) of the picture
  /// resized to 2S x 2S, whatever its aspect; tile 4: the picture resized to S x S.
  std::vector<uint8_t> pixels;
};

/// Throws fusion::Error for a tile size below 1 or above kMaxTileSize and for an unsound picture.
TileSet make_tiles(const Picture& picture, const TileOptions& options);

/// float32 (5, 3, S, S): float32(pixel * (1/255) in double), minus mean, over std, each rounded to float32. Throws
/// fusion::Error when the tiles are not of options.tile_size or a std is not above 0.
std::vector<float> normalise(const TileSet& tiles, const TileOptions& options);

}  // namespace fusion
