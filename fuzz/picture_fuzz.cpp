// Any bytes are a sound picture or an Error, and a picture survives everything that is done with one. The pictures of
// tests/data/pictures are the seeds.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "foundation/core/error.h"
#include "pipeline/preprocess/decode.h"
#include "pipeline/preprocess/exif.h"
#include "pipeline/preprocess/tiles.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const int orientation = fusion::exif_orientation(bytes);
  if (orientation < 1 || orientation > 8) std::abort();
  const fusion::DecodeOptions options{.limits = {.max_pixels = 1 << 18, .max_side = 1 << 12, .max_scans = 20}};
  try {
    const fusion::Picture picture = fusion::decode_picture(bytes, "input", options);
    fusion::check_picture(picture);
    if (picture.width * picture.height > options.limits.max_pixels) std::abort();
    for (const bool convert_first : {true, false}) {
      const fusion::TileOptions tiles{.tile_size = 9,
                                      .mean = {0.5F, 0.5F, 0.5F},
                                      .std = {0.5F, 0.5F, 0.5F},
                                      .convert_rgb_first = convert_first,
                                      .resize = {.threads = 1}};
      fusion::normalise(fusion::make_tiles(picture, tiles), tiles);
    }
  } catch (const fusion::Error&) {
    return 0;
  }
  return 0;
}
