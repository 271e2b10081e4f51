#include "pipeline/preprocess/resize.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/picture_test_support.h"
#include "pipeline/preprocess/resize_kernels.h"

namespace fusion {
namespace {

constexpr PixelMode kAllModes[] = {PixelMode::kBilevel, PixelMode::kGrey, PixelMode::kGreyAlpha, PixelMode::kPalette,
                                   PixelMode::kRgb,     PixelMode::kRgba, PixelMode::kCmyk,      PixelMode::kGrey16};

std::string said(const Picture& picture, int64_t width, int64_t height) {
  return cat(pillow_name(picture.mode), " ", picture.width, "x", picture.height, " to ", width, "x", height);
}

PixelMode mode_named(const std::string& name) {
  const auto* mode = std::ranges::find(kAllModes, name, pillow_name);
  if (mode == std::end(kAllModes)) throw Error({.who = "mode_named", .got = name});
  return *mode;
}

TEST(ResizeBicubic, EqualsTheGoldensToTheByte) {
  const auto file = SafetensorsFile::open(FUSION_SOURCE_DIR "/parity/goldens/preproc/preproc.safetensors");
  size_t compared = 0;
  for (const TensorView& result : file->tensors()) {
    if (!result.name.starts_with("resize.") || result.name.ends_with(".input")) continue;
    const Picture input = picture_of(file->at(result.name.substr(0, result.name.rfind('.')) + ".input"));
    const Picture resized = resize_bicubic(input, result.shape[1], result.shape[0]);
    EXPECT_EQ(resized.pixels, values_of(result)) << result.name;
    ++compared;
  }
  EXPECT_EQ(compared, 18U);
}

TEST(ResizeBicubic, EqualsPillow13ToTheByte) {
  const auto file = SafetensorsFile::open((picture_folder() / "resized.safetensors").string());
  const auto cases = nlohmann::json::parse(file->metadata().at("cases"));
  ASSERT_EQ(cases.size(), 96U);
  for (const auto& one : cases) {
    const std::string name = one.at("name");
    const TensorView& input = file->at(name + ".input");
    const TensorView& result = file->at(name + ".result");
    Picture picture = Picture::blank(input.shape[1], input.shape[0], mode_named(one.at("mode")));
    picture.pixels = values_of(input);
    const auto order = one.at("across_first") ? PassOrder::kAcrossFirst : PassOrder::kPillow13;
    const Picture resized = resize_bicubic(picture, result.shape[1], result.shape[0], {.order = order});
    EXPECT_EQ(resized.pixels, values_of(result)) << said(picture, result.shape[1], result.shape[0]);
  }
}

TEST(ResizeBicubic, SameSizeIsTheSamePicture) {
  std::mt19937 random(5);
  for (const PixelMode mode : kAllModes) {
    const Picture picture = random_picture(17, 9, mode, random);
    EXPECT_EQ(resize_bicubic(picture, 17, 9).pixels, picture.pixels) << pillow_name(mode);
  }
}

TEST(ResizeBicubic, OneColourStaysOneColour) {
  std::mt19937 random(6);
  for (int round = 0; round < 40; ++round) {
    Picture picture = random_picture(1 + random() % 90, 1 + random() % 90, PixelMode::kRgb, random);
    const uint8_t value = picture.pixels[0];
    std::fill(picture.pixels.begin(), picture.pixels.end(), value);
    const Picture resized = resize_bicubic(picture, 1 + random() % 90, 1 + random() % 90);
    EXPECT_THAT(resized.pixels, testing::Each(value)) << said(picture, resized.width, resized.height);
  }
}

TEST(ResizeBicubic, ThreadsChangeNothing) {
  std::mt19937 random(7);
  for (const PixelMode mode : kAllModes) {
    const Picture picture = random_picture(1200, 700, mode, random);
    for (const auto& [width, height] : {std::pair{384, 384}, {1500, 300}, {1200, 90}, {301, 700}}) {
      const Picture alone = resize_bicubic(picture, width, height, {.threads = 1});
      for (const int threads : {0, 2, 5}) {
        const Picture together = resize_bicubic(picture, width, height, {.threads = threads});
        EXPECT_EQ(together.pixels, alone.pixels) << said(picture, width, height) << " with " << threads << " threads";
      }
    }
  }
}

TEST(ResizeBicubic, SidesOfOnePixelWork) {
  std::mt19937 random(8);
  for (const PixelMode mode : kAllModes) {
    for (const auto& [width, height] : {std::pair{1, 1}, {1, 50}, {50, 1}}) {
      const Picture picture = random_picture(width, height, mode, random);
      for (const auto& [to_width, to_height] : {std::pair{1, 1}, {384, 384}, {1, 7}, {7, 1}}) {
        const Picture resized = resize_bicubic(picture, to_width, to_height);
        EXPECT_EQ(resized.width, to_width);
        EXPECT_EQ(resized.height, to_height);
        check_picture(resized);
      }
    }
  }
}

TEST(ResizeBicubic, RefusesWhatItCannotDo) {
  const Picture picture = Picture::blank(4, 4, PixelMode::kRgb);
  EXPECT_THROW(resize_bicubic(picture, 0, 4), Error);
  EXPECT_THROW(resize_bicubic(picture, 4, -1), Error);
  EXPECT_THROW(resize_bicubic(picture, 1 << 20, 4), Error);
  Picture short_of_pixels = picture;
  short_of_pixels.pixels.pop_back();
  EXPECT_EQ(error_of([&] { resize_bicubic(short_of_pixels, 2, 2); }),
            "picture: expected width x height pixels of mode RGB, got 4x4 with 47 bytes");
  EXPECT_THROW(Picture::blank(0, 1, PixelMode::kGrey), Error);
  EXPECT_THROW(Picture::blank(INT64_MAX, 3, PixelMode::kGrey), Error);
}

TEST(ResizeKernels, FastLoopsEqualThePlainOnes) {
  if (best_kernel() == Kernel::kPlain) GTEST_SKIP() << "this machine has no AVX2";
  std::mt19937 random(9);
  for (int round = 0; round < 300; ++round) {
    const int channels = 1 + static_cast<int>(random() % 4);
    const int64_t from = 1 + random() % 400;
    const int64_t to = 1 + random() % 200;
    const FilterBank bank = bicubic_bank(from, to);
    std::vector<uint8_t> row(from * channels + AcrossFilter::kReadAhead);
    for (uint8_t& value : row) value = random() % 2 == 0 ? 255 : static_cast<uint8_t>(random());
    std::vector<uint8_t> plain(to * channels);
    std::vector<uint8_t> fast(to * channels);
    AcrossFilter(bank, channels, Kernel::kPlain)(row.data(), plain.data());
    AcrossFilter(bank, channels, Kernel::kAvx2)(row.data(), fast.data());
    EXPECT_EQ(fast, plain) << "across " << from << " to " << to << ", " << channels << " channels";

    const int64_t bytes = 1 + random() % 100;
    std::vector<uint8_t> column(from * bytes);
    for (uint8_t& value : column) value = random() % 2 == 0 ? 255 : static_cast<uint8_t>(random());
    plain.assign(bytes, 0);
    fast.assign(bytes, 0);
    const int64_t out_row = random() % to;
    DownFilter(bank, Kernel::kPlain)(column.data(), bytes, out_row, plain.data());
    DownFilter(bank, Kernel::kAvx2)(column.data(), bytes, out_row, fast.data());
    EXPECT_EQ(fast, plain) << "down " << from << " to " << to << ", " << bytes << " bytes";
  }
}

}  // namespace
}  // namespace fusion
