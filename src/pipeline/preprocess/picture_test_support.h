#pragma once
// What the tests of pictures share.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "foundation/checkpoint/safetensors.h"
#include "foundation/config/test_support.h"
#include "pipeline/preprocess/picture.h"

namespace fusion {

inline std::filesystem::path picture_folder() {
  return std::filesystem::path(FUSION_SOURCE_DIR) / "tests" / "data" / "pictures";
}

inline std::vector<std::byte> file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::vector<uint8_t> values_of(const TensorView& tensor) {
  const auto* begin = reinterpret_cast<const uint8_t*>(tensor.bytes.data());
  return {begin, begin + tensor.bytes.size()};
}

/// A uint8 tensor (height, width[, channels]) as a picture: L, RGB or RGBA by its channels.
inline Picture picture_of(const TensorView& tensor) {
  const int64_t channels = tensor.shape.size() == 2 ? 1 : tensor.shape[2];
  const PixelMode mode = channels == 1 ? PixelMode::kGrey : channels == 3 ? PixelMode::kRgb : PixelMode::kRgba;
  return {.width = tensor.shape[1], .height = tensor.shape[0], .mode = mode, .pixels = values_of(tensor)};
}

inline Picture random_picture(int64_t width, int64_t height, PixelMode mode, std::mt19937& random) {
  Picture picture = Picture::blank(width, height, mode);
  for (uint8_t& value : picture.pixels) value = static_cast<uint8_t>(random());
  for (uint8_t& value : picture.palette) value = static_cast<uint8_t>(random());
  return picture;
}

}  // namespace fusion
