// Files that are no picture, no whole picture, or too large a picture.

#include <gmock/gmock.h>

#include <cstddef>

#include "foundation/core/error.h"
#include "pipeline/preprocess/decode.h"
#include "pipeline/preprocess/picture_test_support.h"

namespace fusion {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string decode_error(std::span<const std::byte> bytes, const DecodeOptions& options = {}) {
  return error_of([&] { decode_picture(bytes, "cat.jpg", options); });
}

std::string decode_error(std::string_view text) {
  return decode_error(as_bytes(text));
}

std::string big_endian(uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xff);
  return text;
}

std::string png_header(uint32_t width, uint32_t height) {
  return "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"s + big_endian(width, 4) + big_endian(height, 4) + "\x08\x02\0\0\0"s +
         "\0\0\0\0"s + std::string(64, '\0');
}

std::string jpeg_header(uint32_t width, uint32_t height) {
  return "\xff\xd8\xff\xc0\0\x0b\x08"s + big_endian(height, 2) + big_endian(width, 2) + "\x01\x01\x11\0"s +
         "\xff\xda\0\x08\x01\x01\0\0\x3f\0"s;
}

std::string webp_header(uint32_t width, uint32_t height) {
  const uint32_t bits = (width - 1) | (height - 1) << 14;
  std::string sizes;
  for (int i = 0; i < 4; ++i) sizes += static_cast<char>(bits >> 8 * i & 0xff);
  return "RIFF\x40\0\0\0WEBPVP8L\x34\0\0\0\x2f"s + sizes + std::string(47, '\0');
}

TEST(DecodeBroken, OtherFormatsAreNamed) {
  EXPECT_EQ(decode_error("GIF89a\1\0\1\0"sv),
            "cat.jpg: expected a JPEG, PNG or WebP picture, got a GIF picture; convert it to PNG or JPEG");
  EXPECT_THAT(decode_error("BM\x46\0\0\0"sv), HasSubstr("got a BMP picture"));
  EXPECT_THAT(decode_error("II*\0\x08\0\0\0"sv), HasSubstr("got a TIFF picture"));
  EXPECT_THAT(decode_error("\0\0\0\x18"
                           "ftypheic\0\0\0\0"sv),
              HasSubstr("got a HEIC picture"));
  EXPECT_THAT(decode_error("\0\0\0\x18"
                           "ftypavif\0\0\0\0"sv),
              HasSubstr("got an AVIF picture"));
  EXPECT_THAT(decode_error("%PDF-1.7\n"), HasSubstr("got a PDF document"));
  EXPECT_THAT(decode_error("RIFF\0\0\0\0WAVEfmt "sv), HasSubstr("got data of an unknown kind"));
}

TEST(DecodeBroken, TextAndNothingAreNamed) {
  EXPECT_THAT(decode_error("<html>\n404 not found"), HasSubstr("got text that begins \"<html>?404 not found\""));
  EXPECT_THAT(decode_error(""), HasSubstr("got an empty file"));
  EXPECT_THAT(decode_error("\xff\xd8"), StartsWith("cat.jpg: expected a JPEG, PNG or WebP picture"));
}

TEST(DecodeBroken, HeadersAboveTheLimitAreRefusedWithoutPixels) {
  // The files end behind their headers: any later check would have found them cut first.
  for (const std::string& header : {png_header(60'000, 60'000), jpeg_header(60'000, 60'000)}) {
    EXPECT_EQ(decode_error(header),
              "cat.jpg: expected at most 100000000 pixels and no side above 32768, got 60000x60000; scale the picture "
              "down");
  }
  EXPECT_THAT(decode_error(png_header(0x7fffffff, 0x7fffffff)), HasSubstr("no side above 32768"));
  EXPECT_THAT(decode_error(png_header(0xffffffff, 1)), HasSubstr("got 4294967295x1;"));
  EXPECT_THAT(decode_error(png_header(20'000, 20'000)), HasSubstr("got 20000x20000;"));
  EXPECT_THAT(decode_error(webp_header(16'383, 16'383)), HasSubstr("got 16383x16383;"));
}

TEST(DecodeBroken, NoSideMayBeZero) {
  EXPECT_THAT(decode_error(png_header(0, 0)), HasSubstr("expected a picture of at least 1x1 pixels, got 0x0"));
  EXPECT_THAT(decode_error(png_header(5, 0)), HasSubstr("got 5x0"));
  EXPECT_THAT(decode_error(jpeg_header(0, 0)), HasSubstr("cat.jpg: expected a whole JPEG picture"));
}

TEST(DecodeBroken, LimitsAreOptions) {
  const auto png = file_bytes(picture_folder() / "rgb_8.png");
  EXPECT_NO_THROW(decode_picture(png, "cat.jpg", {.limits = {.max_pixels = 273}}));
  EXPECT_THAT(decode_error(png, {.limits = {.max_pixels = 272}}), HasSubstr("at most 272 pixels"));
  EXPECT_THAT(decode_error(png, {.limits = {.max_side = 20}}), HasSubstr("no side above 20, got 21x13"));
  EXPECT_THAT(decode_error(png, {.limits = {.max_file_bytes = 100}}), HasSubstr("at most 100 bytes"));
  const auto progressive = file_bytes(picture_folder() / "progressive.jpg");
  EXPECT_THAT(decode_error(progressive, {.limits = {.max_scans = 3}}), HasSubstr("more than 3 scans"));
}

class CutFile : public testing::TestWithParam<std::string> {};

TEST_P(CutFile, IsAnErrorWhereverTheCutIs) {
  const auto whole = file_bytes(picture_folder() / GetParam());
  // A PNG's pixels may be whole when its closing chunk, and the check sum before that, are not.
  const size_t spare = GetParam().ends_with(".png") ? 20 : 0;
  ASSERT_NO_THROW(decode_picture(whole, "cat.jpg"));
  for (size_t size = 12; size + spare < whole.size(); ++size) {
    const auto error = decode_error(std::span(whole).first(size));
    EXPECT_THAT(error, AllOf(StartsWith("cat.jpg: expected a whole "), Not(HasSubstr("\n")))) << "cut at " << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, CutFile,
                         testing::Values("baseline_420.jpg", "progressive.jpg", "restarts.jpg", "cmyk.jpg", "rgb_8.png",
                                         "rgba_16_interlaced.png", "palette_4.png", "lossy.webp", "lossy_alpha.webp",
                                         "lossless_alpha.webp", "animated.webp"));

TEST(DecodeBroken, FlippedBytesNeverCrash) {
  std::mt19937 random(3);
  for (const char* name : {"progressive.jpg", "ycck.jpg", "rgba_16_interlaced.png", "palette_4.png", "lossy_alpha.webp",
                           "animated.webp", "turned_6.jpg", "turned_6.png", "turned_6.webp"}) {
    const auto whole = file_bytes(picture_folder() / name);
    for (int round = 0; round < 60; ++round) {
      auto changed = whole;
      for (int i = 0; i < 3; ++i) changed[random() % changed.size()] = static_cast<std::byte>(random());
      try {
        check_picture(decode_picture(changed, name));
      } catch (const Error& error) {
        EXPECT_EQ(error.parts().who, name);
      }
    }
  }
}

TEST(LoadPicture, SaysWhatIsWrongWithThePath) {
  const auto error = [](const std::string& path) { return error_of([&] { load_picture(path); }); };
  EXPECT_EQ(error("no/such.png"),
            "no/such.png: expected a JPEG, PNG or WebP picture, got no such file; check the path");
  EXPECT_THAT(error(FUSION_SOURCE_DIR), HasSubstr("got a folder; name one picture file"));
  EXPECT_THAT(error("/dev/zero"), HasSubstr("expected a regular file, got a device"));
  EXPECT_THAT(error(std::string(300, 'x')), HasSubstr("got File name too long"));
  EXPECT_THAT(error(FUSION_SOURCE_DIR "/CMakeLists.txt"), HasSubstr("got text that begins"));
}

}  // namespace
}  // namespace fusion
