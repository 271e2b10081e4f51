#pragma once
// What the picture filters need to know of a picture.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "pipeline/preprocess/picture.h"

namespace fusion {

struct PictureFacts {
  int64_t width = 0;  ///< upright, in pixels
  int64_t height = 0;
  /// Perceptual: 48 bits of light and dark, 16 of colour, each from the low frequencies of a 32 x 32 thumbnail (DCT, as
  /// the well-known pHash). A picture that was resized or compressed again differs in few bits, one with the same
  /// things in other colours in several. Equal on every machine.
  uint64_t hash = 0;
  double contrast = 0;  ///< standard deviation of the luminance, 0 to 127.5
};

/// Of an encoded JPEG, PNG or WebP. Throws Error, which names it `name`, where it cannot be decoded.
PictureFacts inspect_picture(std::span<const std::byte> bytes, const std::string& name);

PictureFacts inspect_picture(const Picture& picture);

}  // namespace fusion
