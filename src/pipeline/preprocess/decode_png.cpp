// PNG through libspng, with Pillow's reading of each kind: 16-bit colours keep their high byte, 16-bit grey stays.

#include <spng.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "pipeline/preprocess/decode_formats.h"
#include "pipeline/preprocess/exif.h"

namespace fusion {

namespace {

static_assert(std::endian::native == std::endian::little, "16-bit samples come in the machine's byte order");

/// Largest chunk beside the pixels, and what all of them may take: text and colour profiles, decompressed.
constexpr size_t kMaxChunkBytes = 16U << 20;
constexpr size_t kMaxChunkCache = 64U << 20;

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, FreeContext>;

void check(int status, const EncodedBytes& encoded) {
  if (status != SPNG_OK) throw_broken(encoded, "PNG", spng_strerror(status));
}

/// The header's first chunk stands at a fixed place; reading it here refuses a size before the library sees it.
void check_header(const EncodedBytes& encoded) {
  constexpr size_t kWidthAt = 16;
  constexpr size_t kHeightAt = 20;
  if (encoded.bytes.size() < kHeightAt + 4) throw_broken(encoded, "PNG", "it ends within its header");
  const auto read = [&](size_t at) {
    int64_t value = 0;
    for (size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<int64_t>(encoded.bytes[at + i]);
    return value;
  };
  check_size(encoded, read(kWidthAt), read(kHeightAt));
}

PixelMode mode_of(const spng_ihdr& header) {
  switch (header.color_type) {
    case SPNG_COLOR_TYPE_GRAYSCALE:
      if (header.bit_depth == 1) return PixelMode::kBilevel;
      return header.bit_depth == 16 ? PixelMode::kGrey16 : PixelMode::kGrey;
    case SPNG_COLOR_TYPE_INDEXED:
      return PixelMode::kPalette;
    case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA:
      return header.bit_depth == 16 ? PixelMode::kRgba : PixelMode::kGreyAlpha;
    case SPNG_COLOR_TYPE_TRUECOLOR:
      return PixelMode::kRgb;
    default:
      return PixelMode::kRgba;
  }
}

/// Samples of 1, 2 or 4 bits to one byte each: indices as they are, grey stretched to 0..255.
void unpack_bits(const std::vector<uint8_t>& packed, const spng_ihdr& header, Picture& picture) {
  const int depth = header.bit_depth;
  const int largest = (1 << depth) - 1;
  const int scale = picture.mode == PixelMode::kPalette ? 1 : 255 / largest;
  const int per_byte = 8 / depth;
  const int64_t packed_row = (picture.width + per_byte - 1) / per_byte;
  for (int64_t y = 0; y < picture.height; ++y) {
    const uint8_t* in = packed.data() + y * packed_row;
    uint8_t* out = picture.row(y);
    for (int64_t x = 0; x < picture.width; ++x) {
      const int shift = 8 - depth - static_cast<int>(x % per_byte) * depth;
      out[x] = static_cast<uint8_t>(((in[x / per_byte] >> shift) & largest) * scale);
    }
  }
}

/// The high bytes of 16-bit samples. Grey with alpha becomes RGBA, as in Pillow.
void take_high_bytes(const std::vector<uint8_t>& samples, const spng_ihdr& header, Picture& picture) {
  if (header.color_type != SPNG_COLOR_TYPE_GRAYSCALE_ALPHA) {
    for (size_t i = 0; i < picture.pixels.size(); ++i) picture.pixels[i] = samples[2 * i + 1];
    return;
  }
  for (size_t i = 0; i < picture.pixels.size(); i += 4) {
    std::fill_n(picture.pixels.begin() + i, 3, samples[i + 1]);
    picture.pixels[i + 3] = samples[i + 3];
  }
}

void decode_pixels(spng_ctx* context, const EncodedBytes& encoded, const spng_ihdr& header, Picture& picture) {
  const auto decode_into = [&](std::vector<uint8_t>& out) {
    check(spng_decode_image(context, out.data(), out.size(), SPNG_FMT_PNG, 0), encoded);
  };
  if (header.bit_depth == 8 || picture.mode == PixelMode::kGrey16) return decode_into(picture.pixels);

  size_t size = 0;
  check(spng_decoded_image_size(context, SPNG_FMT_PNG, &size), encoded);
  std::vector<uint8_t> samples(size);
  decode_into(samples);
  if (header.bit_depth == 16) {
    take_high_bytes(samples, header, picture);
  } else {
    unpack_bits(samples, header, picture);
  }
}

void read_palette(spng_ctx* context, const EncodedBytes& encoded, Picture& picture) {
  spng_plte plte{};
  check(spng_get_plte(context, &plte), encoded);
  // An index that the file gives no colour for stays black.
  for (size_t i = 0; i < plte.n_entries; ++i) {
    picture.palette[3 * i] = plte.entries[i].red;
    picture.palette[3 * i + 1] = plte.entries[i].green;
    picture.palette[3 * i + 2] = plte.entries[i].blue;
  }
}

int orientation_of(spng_ctx* context) {
  // EXIF may follow the pixels. What is broken there does not make the picture unreadable.
  spng_decode_chunks(context);
  spng_exif exif{};
  if (spng_get_exif(context, &exif) != SPNG_OK) return 1;
  return exif_orientation({reinterpret_cast<const std::byte*>(exif.data), exif.length});
}

}  // namespace

DecodedPicture decode_png(const EncodedBytes& encoded) {
  check_header(encoded);
  const Context context(spng_ctx_new(0));
  if (!context) throw_broken(encoded, "PNG", "no memory for the decoder");
  check(spng_set_chunk_limits(context.get(), kMaxChunkBytes, kMaxChunkCache), encoded);
  check(spng_set_png_buffer(context.get(), encoded.bytes.data(), encoded.bytes.size()), encoded);
  spng_ihdr header{};
  check(spng_get_ihdr(context.get(), &header), encoded);

  Picture picture = Picture::blank(header.width, header.height, mode_of(header));
  if (picture.mode == PixelMode::kPalette) read_palette(context.get(), encoded, picture);
  decode_pixels(context.get(), encoded, header, picture);
  return {.picture = std::move(picture), .orientation = orientation_of(context.get())};
}

}  // namespace fusion
