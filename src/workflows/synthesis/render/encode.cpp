#include "workflows/synthesis/render/encode.h"

#include <spng.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

// jpeglib.h uses size_t and FILE without including what declares them.
#include <jpeglib.h>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr uint8_t kSeamGrey = 128;
/// Drawn pictures are noisy: more effort than this makes them hardly smaller.
constexpr int kPngEffort = 3;

[[noreturn]] void fail(std::string_view format, std::string_view problem) {
  throw Error({.who = cat("a picture as ", format), .expected = "to be written", .got = std::string(problem)});
}

std::vector<std::byte> bytes_of(const unsigned char* data, size_t size) {
  const auto* const begin = reinterpret_cast<const std::byte*>(data);
  return {begin, begin + size};
}

/// One compression. libjpeg reports errors by a function that must not return: a jump back into encode().
class JpegEncoder {
 public:
  JpegEncoder() {
    info_.err = jpeg_std_error(&errors_);
    info_.client_data = this;
    errors_.error_exit = [](j_common_ptr info) {
      auto& own = *static_cast<JpegEncoder*>(info->client_data);
      own.errors_.format_message(info, own.problem_.data());
      std::longjmp(own.on_error_, 1);  // NOLINT(modernize-avoid-setjmp-longjmp)
    };
    errors_.emit_message = [](j_common_ptr, int) {};
    errors_.output_message = [](j_common_ptr) {};
  }
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;
  ~JpegEncoder() {
    jpeg_destroy_compress(&info_);
    std::free(buffer_);  // NOLINT(cppcoreguidelines-no-malloc): libjpeg's own
  }

  std::vector<std::byte> encode(const Picture& rgb, int quality) {
    if (setjmp(on_error_) != 0) fail("JPEG", problem_.data());
    compress(rgb, quality);
    return bytes_of(buffer_, size_);
  }

 private:
  /// Owns nothing: a jump skips destructors.
  void compress(const Picture& rgb, int quality) {
    jpeg_create_compress(&info_);
    jpeg_mem_dest(&info_, &buffer_, &size_);
    info_.image_width = static_cast<JDIMENSION>(rgb.width);
    info_.image_height = static_cast<JDIMENSION>(rgb.height);
    info_.input_components = 3;
    info_.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info_);
    jpeg_set_quality(&info_, quality, TRUE);
    info_.comp_info[0].h_samp_factor = 1;
    info_.comp_info[0].v_samp_factor = 1;
    info_.dct_method = JDCT_ISLOW;
    jpeg_start_compress(&info_, TRUE);
    while (info_.next_scanline < info_.image_height) {
      // libjpeg's rows are not const, though it only reads them.
      auto* row = const_cast<JSAMPROW>(rgb.row(info_.next_scanline));
      jpeg_write_scanlines(&info_, &row, 1);
    }
    jpeg_finish_compress(&info_);
  }

  jpeg_compress_struct info_{};
  jpeg_error_mgr errors_{};
  unsigned char* buffer_ = nullptr;
  unsigned long size_ = 0;
  std::jmp_buf on_error_{};
  std::array<char, JMSG_LENGTH_MAX> problem_{};
};

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};

void check_png(int status) {
  if (status != SPNG_OK) fail("PNG", spng_strerror(status));
}

void paste(const Picture& from, Picture& to, int64_t left) {
  const int64_t top = (to.height - from.height) / 2;
  for (int64_t y = 0; y < from.height; ++y) {
    std::memcpy(to.row(top + y) + 3 * left, from.row(y), static_cast<size_t>(from.row_bytes()));
  }
}

}  // namespace

EncodedPicture encode_jpeg(const Picture& picture, int quality) {
  if (quality < 1 || quality > 100) {
    throw Error({.who = "the quality of a JPEG", .expected = "1 to 100", .got = cat(quality)});
  }
  check_picture(picture);
  if (picture.mode == PixelMode::kRgb) return {.bytes = JpegEncoder().encode(picture, quality), .extension = "jpg"};
  return {.bytes = JpegEncoder().encode(to_rgb(picture), quality), .extension = "jpg"};
}

EncodedPicture encode_png(const Picture& picture) {
  check_picture(picture);
  const Picture rgb = to_rgb(picture);
  const std::unique_ptr<spng_ctx, FreeContext> context(spng_ctx_new(SPNG_CTX_ENCODER));
  if (!context) fail("PNG", "no memory");
  spng_ihdr header{};
  header.width = static_cast<uint32_t>(rgb.width);
  header.height = static_cast<uint32_t>(rgb.height);
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  check_png(spng_set_ihdr(context.get(), &header));
  check_png(spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1));
  check_png(spng_set_option(context.get(), SPNG_IMG_COMPRESSION_LEVEL, kPngEffort));
  check_png(spng_encode_image(context.get(), rgb.pixels.data(), rgb.pixels.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE));
  size_t size = 0;
  int status = SPNG_OK;
  const std::unique_ptr<void, decltype(&std::free)> data(spng_get_png_buffer(context.get(), &size, &status), std::free);
  check_png(status);
  return {.bytes = bytes_of(static_cast<const unsigned char*>(data.get()), size), .extension = "png"};
}

Picture side_by_side(const Picture& left, const Picture& right) {
  check_picture(left);
  check_picture(right);
  const int64_t height = std::max(left.height, right.height);
  const int64_t seam = std::max<int64_t>(2, height / 48);
  Picture both = Picture::blank(left.width + seam + right.width, height, PixelMode::kRgb);
  std::ranges::fill(both.pixels, kSeamGrey);
  paste(to_rgb(left), both, 0);
  paste(to_rgb(right), both, left.width + seam);
  return both;
}

}  // namespace fusion
