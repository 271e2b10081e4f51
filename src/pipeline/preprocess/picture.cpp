#include "pipeline/preprocess/picture.h"

#include <algorithm>
#include <utility>

#include "foundation/core/checked.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/alpha.h"

namespace fusion {

namespace {

constexpr size_t kPaletteBytes = 768;  // 256 colours of 3 bytes

void grey_pixel(uint8_t value, uint8_t* out) {
  out[0] = out[1] = out[2] = value;
}

void cmyk_pixel(const uint8_t* in, uint8_t* out) {
  const int light = 255 - in[3];
  for (int c = 0; c < 3; ++c) out[c] = static_cast<uint8_t>(std::max(0, light - scale_255(in[c], light)));
}

/// Calls convert(in, out) for every pixel of `from` and the same pixel of `to`.
template <class Convert>
void each_pixel(const Picture& from, Picture& to, Convert convert) {
  const int64_t step_in = bytes_per_pixel(from.mode);
  const int64_t step_out = bytes_per_pixel(to.mode);
  const uint8_t* in = from.pixels.data();
  uint8_t* out = to.pixels.data();
  for (int64_t left = from.width * from.height; left > 0; --left, in += step_in, out += step_out) convert(in, out);
}

}  // namespace

int64_t bytes_per_pixel(PixelMode mode) {
  switch (mode) {
    case PixelMode::kBilevel:
    case PixelMode::kGrey:
    case PixelMode::kPalette:
      return 1;
    case PixelMode::kGreyAlpha:
    case PixelMode::kGrey16:
      return 2;
    case PixelMode::kRgb:
      return 3;
    case PixelMode::kRgba:
    case PixelMode::kCmyk:
      return 4;
  }
  throw Error({.who = "bytes_per_pixel", .expected = "a pixel mode", .got = cat(static_cast<int>(mode))});
}

std::string pillow_name(PixelMode mode) {
  switch (mode) {
    case PixelMode::kBilevel:
      return "1";
    case PixelMode::kGrey:
      return "L";
    case PixelMode::kPalette:
      return "P";
    case PixelMode::kGreyAlpha:
      return "LA";
    case PixelMode::kGrey16:
      return "I;16";
    case PixelMode::kRgb:
      return "RGB";
    case PixelMode::kRgba:
      return "RGBA";
    case PixelMode::kCmyk:
      return "CMYK";
  }
  throw Error({.who = "pillow_name", .expected = "a pixel mode", .got = cat(static_cast<int>(mode))});
}

Picture Picture::blank(int64_t width, int64_t height, PixelMode mode) {
  const bool positive = width >= 1 && height >= 1;
  const auto area = checked_mul(static_cast<uint64_t>(width), static_cast<uint64_t>(height));
  const auto bytes = area ? checked_mul(*area, static_cast<uint64_t>(bytes_per_pixel(mode))) : std::nullopt;
  if (!positive || !bytes || *bytes > static_cast<uint64_t>(PTRDIFF_MAX)) {
    throw Error({.who = "picture", .expected = "sides of at least 1 pixel", .got = cat(width, "x", height)});
  }
  Picture picture{.width = width, .height = height, .mode = mode, .pixels = std::vector<uint8_t>(*bytes)};
  if (mode == PixelMode::kPalette) picture.palette.resize(kPaletteBytes);
  return picture;
}

void check_picture(const Picture& picture) {
  const auto area = checked_mul(static_cast<uint64_t>(picture.width), static_cast<uint64_t>(picture.height));
  const auto bytes = area ? checked_mul(*area, static_cast<uint64_t>(bytes_per_pixel(picture.mode))) : std::nullopt;
  if (picture.width < 1 || picture.height < 1 || bytes != picture.pixels.size()) {
    throw Error({.who = "picture",
                 .expected = "width x height pixels of mode " + pillow_name(picture.mode),
                 .got = cat(picture.width, "x", picture.height, " with ", picture.pixels.size(), " bytes")});
  }
  if (picture.mode == PixelMode::kPalette && picture.palette.size() != kPaletteBytes) {
    throw Error({.who = "picture", .expected = "a palette of 768 bytes", .got = cat(picture.palette.size(), " bytes")});
  }
}

Picture to_rgb(const Picture& picture) {
  check_picture(picture);
  if (picture.mode == PixelMode::kRgb) return picture;
  Picture rgb = Picture::blank(picture.width, picture.height, PixelMode::kRgb);
  switch (picture.mode) {
    case PixelMode::kBilevel:
    case PixelMode::kGrey:
    case PixelMode::kGreyAlpha:
      each_pixel(picture, rgb, [](const uint8_t* in, uint8_t* out) { grey_pixel(in[0], out); });
      break;
    case PixelMode::kGrey16:
      each_pixel(picture, rgb, [](const uint8_t* in, uint8_t* out) { grey_pixel(in[1] == 0 ? in[0] : 255, out); });
      break;
    case PixelMode::kPalette:
      each_pixel(picture, rgb, [&](const uint8_t* in, uint8_t* out) {
        std::copy_n(picture.palette.begin() + ptrdiff_t{3} * in[0], 3, out);
      });
      break;
    case PixelMode::kRgba:
      each_pixel(picture, rgb, [](const uint8_t* in, uint8_t* out) { std::copy_n(in, 3, out); });
      break;
    case PixelMode::kCmyk:
      each_pixel(picture, rgb, cmyk_pixel);
      break;
    case PixelMode::kRgb:
      break;
  }
  return rgb;
}

}  // namespace fusion
