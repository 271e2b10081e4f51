#include "pipeline/preprocess/decode.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "foundation/config/input_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/decode_formats.h"
#include "pipeline/preprocess/exif.h"

namespace fusion {

namespace {

using namespace std::string_view_literals;

constexpr const char* kWanted = "a JPEG, PNG or WebP picture";

/// The first bytes of files that people take for pictures we can read.
struct Magic {
  size_t offset;
  std::string_view bytes;
  std::string_view what;
};

constexpr std::array kForeignFormats = {
    Magic{0, "GIF8"sv, "a GIF picture"},
    Magic{0, "BM"sv, "a BMP picture"},
    Magic{0, "II*\0"sv, "a TIFF picture"},
    Magic{0, "MM\0*"sv, "a TIFF picture"},
    Magic{4, "ftypavif"sv, "an AVIF picture"},
    Magic{4, "ftypavis"sv, "an AVIF picture"},
    Magic{4, "ftyphei"sv, "a HEIC picture"},
    Magic{4, "ftyphev"sv, "a HEIC picture"},
    Magic{4, "ftypmif1"sv, "a HEIC picture"},
    Magic{4, "ftypmsf1"sv, "a HEIC picture"},
    Magic{4, "ftyp"sv, "a video"},
    Magic{0, "\xff\x0a"sv, "a JPEG XL picture"},
    Magic{0, "\0\0\0\x0cJXL "sv, "a JPEG XL picture"},
    Magic{0, "\0\0\0\x0cjP  "sv, "a JPEG 2000 picture"},
    Magic{0, "\0\0\1\0"sv, "an icon (ICO)"},
    Magic{0, "8BPS"sv, "a Photoshop file"},
    Magic{0, "%PDF"sv, "a PDF document"},
    Magic{0, "PK\3\4"sv, "a ZIP archive"},
    Magic{0, "\x1f\x8b"sv, "gzip data"},
    Magic{0, "<svg"sv, "an SVG drawing"},
};

bool begins(std::string_view data, std::string_view magic, size_t offset = 0) {
  return data.size() >= offset + magic.size() && data.substr(offset, magic.size()) == magic;
}

bool is_text(std::string_view data) {
  const auto sample = data.substr(0, 512);
  return std::none_of(sample.begin(), sample.end(),
                      [](unsigned char c) { return c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f'; });
}

[[noreturn]] void throw_foreign(std::string_view data, const std::string& name) {
  if (data.empty()) throw Error({.who = name, .expected = kWanted, .got = "an empty file", .hint = "check the path"});
  for (const Magic& magic : kForeignFormats) {
    if (begins(data, magic.bytes, magic.offset)) {
      throw Error(
          {.who = name, .expected = kWanted, .got = std::string(magic.what), .hint = "convert it to PNG or JPEG"});
    }
  }
  if (is_text(data)) {
    throw Error({.who = name,
                 .expected = kWanted,
                 .got = "text that begins \"" + printable(data, 20) + "\"",
                 .hint = "check the path: a file's name does not make it a picture"});
  }
  throw Error({.who = name,
               .expected = kWanted,
               .got = "data of an unknown kind",
               .hint = "check the path, or convert the picture to PNG"});
}

void check_file_bytes(uint64_t size, const std::string& name, const DecodeLimits& limits) {
  if (size > static_cast<uint64_t>(limits.max_file_bytes)) {
    throw Error({.who = name,
                 .expected = cat("a picture file of at most ", limits.max_file_bytes, " bytes"),
                 .got = cat(size, " bytes"),
                 .hint = "scale the picture down"});
  }
}

/// The frequent mistakes, in plainer words than those for any file.
void refuse_wrong_path(const std::filesystem::path& path) {
  std::error_code code;
  const auto type = std::filesystem::status(path, code).type();
  if (type == std::filesystem::file_type::not_found) {
    throw Error({.who = path.string(), .expected = kWanted, .got = "no such file", .hint = "check the path"});
  }
  if (type == std::filesystem::file_type::directory) {
    throw Error({.who = path.string(), .expected = kWanted, .got = "a folder", .hint = "name one picture file"});
  }
}

std::string read_picture_file(const std::filesystem::path& path, const DecodeLimits& limits) {
  refuse_wrong_path(path);
  std::error_code code;
  const auto size = std::filesystem::file_size(path, code);
  if (!code) check_file_bytes(size, path.string(), limits);
  return read_text_file(path.string(), static_cast<uint64_t>(limits.max_file_bytes));
}

}  // namespace

void check_size(const EncodedBytes& encoded, int64_t width, int64_t height) {
  const DecodeLimits& limits = encoded.limits;
  if (width < 1 || height < 1) {
    throw Error({.who = encoded.name,
                 .expected = "a picture of at least 1x1 pixels",
                 .got = cat(width, "x", height),
                 .cause = "a broken header"});
  }
  // Sides are compared first, which keeps their product from overflowing.
  if (width > limits.max_side || height > limits.max_side || width * height > limits.max_pixels) {
    throw Error({.who = encoded.name,
                 .expected = cat("at most ", limits.max_pixels, " pixels and no side above ", limits.max_side),
                 .got = cat(width, "x", height),
                 .hint = "scale the picture down"});
  }
}

void throw_broken(const EncodedBytes& encoded, std::string_view format, std::string_view problem) {
  throw Error({.who = encoded.name,
               .expected = cat("a whole ", format, " picture"),
               .got = "broken data",
               .cause = printable(problem, 200),
               .hint = "copy or download it again"});
}

Picture decode_picture(std::span<const std::byte> bytes, const std::string& name, const DecodeOptions& options) {
  check_file_bytes(bytes.size(), name, options.limits);
  const std::string_view data(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const EncodedBytes encoded{.bytes = bytes, .name = name, .limits = options.limits};
  DecodedPicture decoded;
  if (begins(data, "\xff\xd8\xff"sv)) {
    decoded = decode_jpeg(encoded);
  } else if (begins(data, "\x89PNG\r\n\x1a\n"sv)) {
    decoded = decode_png(encoded);
  } else if (begins(data, "RIFF"sv) && begins(data, "WEBP"sv, 8)) {
    decoded = decode_webp(encoded);
  } else {
    throw_foreign(data, name);
  }
  if (!options.apply_exif_orientation) return std::move(decoded.picture);
  return apply_orientation(std::move(decoded.picture), decoded.orientation);
}

Picture load_picture(const std::filesystem::path& path, const DecodeOptions& options) {
  const std::string bytes = read_picture_file(path, options.limits);
  return decode_picture(std::as_bytes(std::span(bytes)), path.string(), options);
}

}  // namespace fusion
