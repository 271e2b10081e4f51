#pragma once
// One decoder a format, behind decode_picture(). Each reads the header, checks it against the limits, then decodes.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/preprocess/decode.h"

namespace fusion {

/// What a decoder is given.
struct EncodedBytes {
  std::span<const std::byte> bytes;
  const std::string& name;
  const DecodeLimits& limits;
};

/// What a decoder gives back: the pixels as stored, and the orientation (1 to 8) that the file asks for.
struct DecodedPicture {
  Picture picture;
  int orientation = 1;
};

DecodedPicture decode_jpeg(const EncodedBytes& encoded);
DecodedPicture decode_png(const EncodedBytes& encoded);
DecodedPicture decode_webp(const EncodedBytes& encoded);

/// Throws fusion::Error for a side of 0 and for a picture above a limit.
void check_size(const EncodedBytes& encoded, int64_t width, int64_t height);

/// Throws the fusion::Error of a file that begins like `format` and then is broken.
[[noreturn]] void throw_broken(const EncodedBytes& encoded, std::string_view format, std::string_view problem);

}  // namespace fusion
