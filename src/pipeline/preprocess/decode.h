#pragma once
// JPEG, PNG and WebP files into pictures. The bytes are untrusted: sizes are read from the header and refused before a
// pixel is allocated, and whatever is broken becomes a fusion::Error that names the picture.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "pipeline/preprocess/picture.h"

namespace fusion {

/// What a picture may cost at most.
struct DecodeLimits {
  int64_t max_pixels = 100'000'000;      ///< width x height
  int64_t max_side = 32'768;             ///< of width and of height, in pixels
  int64_t max_file_bytes = 256LL << 20;  ///< of the encoded picture
  int max_scans = 100;                   ///< of a progressive JPEG: each scan costs a pass over all its pixels
};

struct DecodeOptions {
  DecodeLimits limits = {};
  bool apply_exif_orientation = true;  ///< turn the picture upright, as Pillow's `ImageOps.exif_transpose`
};

/// The picture in its own mode: equal to Pillow's `Image.open`, then `exif_transpose` unless that is switched off. Of
/// an animated WebP the first frame. `name` is what errors call the picture. Throws fusion::Error for other formats,
/// for broken or truncated data, and for a picture above a limit.
Picture decode_picture(std::span<const std::byte> bytes, const std::string& name, const DecodeOptions& options = {});

/// decode_picture() of a file. Throws fusion::Error also when the file is missing, no regular file or too large.
Picture load_picture(const std::filesystem::path& path, const DecodeOptions& options = {});

}  // namespace fusion
