// JPEG through libjpeg-turbo, with Pillow's choices: its colour spaces, its reading of CMYK, its refusal of cut files.

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// jpeglib.h uses size_t and FILE without including what declares them.
#include <jerror.h>
#include <jpeglib.h>

#include "pipeline/preprocess/decode_formats.h"
#include "pipeline/preprocess/exif.h"

namespace fusion {

namespace {

constexpr int kExifMarker = JPEG_APP0 + 1;
/// A file of the largest allowed size may make this many passes over its pixels, a smaller one more, up to max_scans.
constexpr int64_t kFullSizeScans = 16;

/// One decompression. libjpeg reports errors by a function that must not return: a jump back into guarded().
class JpegDecoder {
 public:
  explicit JpegDecoder(const EncodedBytes& encoded) : encoded_(encoded) {
    info_.err = jpeg_std_error(&errors_);
    info_.client_data = this;
    errors_.error_exit = [](j_common_ptr info) { of(info).fail(); };
    errors_.emit_message = [](j_common_ptr, int) {};
    errors_.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = [](j_common_ptr info) { of(info).check_scans(); };
    source_.next_input_byte = reinterpret_cast<const JOCTET*>(encoded.bytes.data());
    source_.bytes_in_buffer = encoded.bytes.size();
    source_.init_source = [](j_decompress_ptr) {};
    source_.fill_input_buffer = [](j_decompress_ptr info) -> boolean {
      ERREXIT(info, JERR_INPUT_EOF);
      return FALSE;
    };
    source_.skip_input_data = [](j_decompress_ptr info, long count) {
      if (count <= 0) return;
      if (static_cast<size_t>(count) > info->src->bytes_in_buffer) ERREXIT(info, JERR_INPUT_EOF);
      info->src->next_input_byte += count;
      info->src->bytes_in_buffer -= static_cast<size_t>(count);
    };
    source_.resync_to_restart = jpeg_resync_to_restart;
    source_.term_source = [](j_decompress_ptr) {};
  }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;
  ~JpegDecoder() { jpeg_destroy_decompress(&info_); }

  DecodedPicture decode() {
    guarded([this] {
      jpeg_create_decompress(&info_);
      info_.src = &source_;
      info_.progress = &progress_;
      jpeg_save_markers(&info_, kExifMarker, 0xffff);
      jpeg_read_header(&info_, TRUE);
    });
    check_size(encoded_, info_.image_width, info_.image_height);
    const PixelMode mode = choose_mode();
    const int64_t pixels = static_cast<int64_t>(info_.image_width) * info_.image_height;
    max_scans_ = std::min<int64_t>(encoded_.limits.max_scans, kFullSizeScans * encoded_.limits.max_pixels / pixels);
    // A progressive picture keeps every coefficient, two bytes each, for up to four channels.
    info_.mem->max_memory_to_use = 12 * pixels + (64L << 20);

    Picture picture = Picture::blank(info_.image_width, info_.image_height, mode);
    guarded([this, &picture] {
      jpeg_start_decompress(&info_);
      while (info_.output_scanline < info_.output_height) {
        JSAMPROW row = picture.row(info_.output_scanline);
        jpeg_read_scanlines(&info_, &row, 1);
      }
    });
    if (mode == PixelMode::kCmyk) {
      // Adobe's programs store 255 for no ink, and no others write such files.
      for (uint8_t& value : picture.pixels) value = static_cast<uint8_t>(255 - value);
    }
    return {.picture = std::move(picture), .orientation = orientation()};
  }

 private:
  static JpegDecoder& of(j_common_ptr info) { return *static_cast<JpegDecoder*>(info->client_data); }

  [[noreturn]] void fail() {
    info_.err->format_message(reinterpret_cast<j_common_ptr>(&info_), problem_.data());
    std::longjmp(on_error_, 1);  // NOLINT(modernize-avoid-setjmp-longjmp)
  }

  void check_scans() {
    if (info_.input_scan_number <= max_scans_) return;
    std::snprintf(problem_.data(), problem_.size(), "more than %lld scans", static_cast<long long>(max_scans_));
    std::longjmp(on_error_, 1);
  }

  /// Runs steps that call libjpeg; its errors become fusion::Error. `steps` must own nothing: a jump skips destructors.
  template <class Steps>
  void guarded(Steps steps) {
    if (setjmp(on_error_) != 0) throw_broken(encoded_, "JPEG", problem_.data());
    steps();
  }

  PixelMode choose_mode() {
    switch (info_.num_components) {
      case 1:
        info_.out_color_space = JCS_GRAYSCALE;
        return PixelMode::kGrey;
      case 3:
        info_.out_color_space = JCS_RGB;
        return PixelMode::kRgb;
      case 4:
        info_.out_color_space = JCS_CMYK;
        return PixelMode::kCmyk;
      default:
        throw_broken(encoded_, "JPEG", "neither 1, 3 nor 4 channels");
    }
  }

  int orientation() const {
    constexpr size_t kPrefixBytes = 6;
    std::vector<std::byte> exif;
    for (const jpeg_marker_struct* marker = info_.marker_list; marker != nullptr; marker = marker->next) {
      if (marker->marker != kExifMarker || marker->data_length < kPrefixBytes) continue;
      if (std::memcmp(marker->data, "Exif\0\0", kPrefixBytes) != 0) continue;
      const auto* data = reinterpret_cast<const std::byte*>(marker->data);
      exif.insert(exif.end(), data + kPrefixBytes, data + marker->data_length);
    }
    return exif_orientation(exif);
  }

  const EncodedBytes& encoded_;
  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_source_mgr source_{};
  jpeg_progress_mgr progress_{};
  int64_t max_scans_ = 1;
  std::jmp_buf on_error_{};
  std::array<char, JMSG_LENGTH_MAX> problem_{};
};

}  // namespace

DecodedPicture decode_jpeg(const EncodedBytes& encoded) {
  return JpegDecoder(encoded).decode();
}

}  // namespace fusion
