#include "pipeline/preprocess/exif.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr uint64_t kOrientationTag = 0x0112;
constexpr uint64_t kEntryBytes = 12;

/// Reads integers of a TIFF block in its byte order; nothing beyond the end.
class TiffReader {
 public:
  static std::optional<TiffReader> open(std::span<const std::byte> data) {
    constexpr std::array<std::byte, 4> kLittle{std::byte{'I'}, std::byte{'I'}, std::byte{42}, std::byte{0}};
    constexpr std::array<std::byte, 4> kBig{std::byte{'M'}, std::byte{'M'}, std::byte{0}, std::byte{42}};
    if (data.size() < 8) return std::nullopt;
    const auto head = data.first(4);
    if (std::equal(head.begin(), head.end(), kLittle.begin())) return TiffReader(data, /*big_endian=*/false);
    if (std::equal(head.begin(), head.end(), kBig.begin())) return TiffReader(data, /*big_endian=*/true);
    return std::nullopt;
  }

  /// The unsigned integer of `width` bytes at `offset`.
  std::optional<uint64_t> read(uint64_t offset, uint64_t width) const {
    if (offset > data_.size() || data_.size() - offset < width) return std::nullopt;
    uint64_t value = 0;
    for (uint64_t i = 0; i < width; ++i) {
      const uint64_t place = big_endian_ ? width - 1 - i : i;
      value |= std::to_integer<uint64_t>(data_[offset + i]) << (8 * place);
    }
    return value;
  }

 private:
  TiffReader(std::span<const std::byte> data, bool big_endian) : data_(data), big_endian_(big_endian) {}

  std::span<const std::byte> data_;
  bool big_endian_;
};

/// Bytes of an integer of a TIFF field type, or 0 for the types an orientation cannot have.
uint64_t integer_width(uint64_t field_type) {
  switch (field_type) {
    case 1:  // BYTE
      return 1;
    case 3:  // SHORT
      return 2;
    case 4:  // LONG
      return 4;
    default:
      return 0;
  }
}

/// Where the pixel that ends up first lies in the old picture, and how far a step right or down moves there, in pixels.
struct Walk {
  int64_t start;
  int64_t step_right;
  int64_t step_down;
};

Walk walk_of(int orientation, int64_t width, int64_t height) {
  const int64_t top_right = width - 1;
  const int64_t bottom_left = (height - 1) * width;
  const int64_t bottom_right = height * width - 1;
  switch (orientation) {
    case 2:
      return {top_right, -1, width};
    case 3:
      return {bottom_right, -1, -width};
    case 4:
      return {bottom_left, 1, -width};
    case 5:
      return {0, width, 1};
    case 6:
      return {bottom_left, -width, 1};
    case 7:
      return {bottom_right, -width, -1};
    default:
      return {top_right, width, -1};
  }
}

template <int kBytes>
void copy_walking(const Picture& from, const Walk& walk, Picture& to) {
  // Blocks, because a quarter turn reads a column for every row it writes.
  constexpr int64_t kBlock = 32;
  for (int64_t top = 0; top < to.height; top += kBlock) {
    const int64_t bottom = std::min(top + kBlock, to.height);
    for (int64_t left = 0; left < to.width; left += kBlock) {
      const int64_t right = std::min(left + kBlock, to.width);
      for (int64_t y = top; y < bottom; ++y) {
        for (int64_t x = left; x < right; ++x) {
          const int64_t source = walk.start + y * walk.step_down + x * walk.step_right;
          std::memcpy(to.pixels.data() + (y * to.width + x) * kBytes, from.pixels.data() + source * kBytes, kBytes);
        }
      }
    }
  }
}

}  // namespace

int exif_orientation(std::span<const std::byte> exif) {
  constexpr size_t kPrefixBytes = 6;
  if (exif.size() >= kPrefixBytes && std::memcmp(exif.data(), "Exif\0\0", kPrefixBytes) == 0) {
    exif = exif.subspan(kPrefixBytes);
  }
  const auto tiff = TiffReader::open(exif);
  if (!tiff) return 1;
  const auto directory = tiff->read(4, 4);
  const auto entries = directory ? tiff->read(*directory, 2) : std::nullopt;
  if (!entries) return 1;
  uint64_t orientation = 1;
  for (uint64_t i = 0; i < *entries; ++i) {
    const uint64_t entry = *directory + 2 + i * kEntryBytes;
    const auto tag = tiff->read(entry, 2);
    const auto field_type = tiff->read(entry + 2, 2);
    const auto count = tiff->read(entry + 4, 4);
    if (!tag || !field_type || !count) break;
    const uint64_t width = integer_width(*field_type);
    if (*tag != kOrientationTag || *count != 1 || width == 0) continue;
    orientation = tiff->read(entry + 8, width).value_or(1);
  }
  return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
}

Picture apply_orientation(Picture picture, int orientation) {
  check_picture(picture);
  if (orientation < 1 || orientation > 8) {
    throw Error({.who = "apply_orientation", .expected = "an orientation of 1 to 8", .got = cat(orientation)});
  }
  if (orientation == 1) return picture;
  const bool turned = orientation >= 5;
  Picture upright =
      Picture::blank(turned ? picture.height : picture.width, turned ? picture.width : picture.height, picture.mode);
  const Walk walk = walk_of(orientation, picture.width, picture.height);
  switch (bytes_per_pixel(picture.mode)) {
    case 1:
      copy_walking<1>(picture, walk, upright);
      break;
    case 2:
      copy_walking<2>(picture, walk, upright);
      break;
    case 3:
      copy_walking<3>(picture, walk, upright);
      break;
    default:
      copy_walking<4>(picture, walk, upright);
      break;
  }
  upright.palette = std::move(picture.palette);
  return upright;
}

}  // namespace fusion
