#pragma once
// A decoded picture in memory, in the modes that Pillow knows, and its conversion to RGB.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fusion {

/// How the bytes of a pixel are to be read. Pillow's name stands behind each; all pixels are of 8 bits but kGrey16's.
enum class PixelMode {
  kBilevel,    ///< "1": one byte, 0 or 255
  kGrey,       ///< "L"
  kGreyAlpha,  ///< "LA"
  kPalette,    ///< "P": one byte, an index into Picture::palette
  kRgb,        ///< "RGB"
  kRgba,       ///< "RGBA", alpha not multiplied in
  kCmyk,       ///< "CMYK", 255 = full ink
  kGrey16,     ///< "I;16": two bytes, the low one first
};

/// Bytes of one pixel: 1 to 4.
int64_t bytes_per_pixel(PixelMode mode);

/// The name that Pillow has for the mode: "L", "RGBA", ...
std::string pillow_name(PixelMode mode);

/// Pixels row by row from the top left, channels together, no padding: uint8 (height, width, bytes_per_pixel).
struct Picture {
  int64_t width = 0;
  int64_t height = 0;
  PixelMode mode = PixelMode::kRgb;
  std::vector<uint8_t> pixels;
  std::vector<uint8_t> palette = {};  ///< kPalette only: 256 colours of 3 bytes, RGB

  /// A picture of zero bytes. Throws fusion::Error when a side is below 1 or the buffer would not be addressable.
  static Picture blank(int64_t width, int64_t height, PixelMode mode);

  int64_t row_bytes() const { return width * bytes_per_pixel(mode); }
  const uint8_t* row(int64_t y) const { return pixels.data() + y * row_bytes(); }
  uint8_t* row(int64_t y) { return pixels.data() + y * row_bytes(); }
};

/// Throws fusion::Error unless sides, pixel buffer and palette fit together. Every function that takes a Picture asks.
void check_picture(const Picture& picture);

/// What Pillow's `Image.convert("RGB")` gives, byte for byte: alpha is dropped, not blended; a 16-bit grey value above
/// 255 becomes white.
Picture to_rgb(const Picture& picture);

}  // namespace fusion
