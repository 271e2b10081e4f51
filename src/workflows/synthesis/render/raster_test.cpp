#include "workflows/synthesis/render/raster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spng.h>

#include <cstdlib>
#include <memory>
#include <thread>

#include "foundation/config/test_support.h"
#include "workflows/synthesis/render/encode.h"
#include "workflows/synthesis/render/raster_cache.h"
#include "workflows/synthesis/render/test_support.h"

namespace fusion {

namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Looks whose files a test writes itself.
class RasterFiles : public testing::Test {
 protected:
  Look look_of(const std::string& name, std::string_view content, LookFormat format = LookFormat::kSvg) {
    Look look;
    look.id = "openclipart/" + name;
    look.source = LookSource::kOpenclipart;
    look.format = format;
    look.file = folder_.put(name, content);
    return look;
  }
  Raster drawn(const Look& look, int side = 64) { return rasterize(*small_catalogue(), look, side); }
  std::string refusal(const Look& look) {
    return error_of([&] { check_look(*small_catalogue(), look); });
  }

  ScratchFolder folder_;
};

constexpr std::string_view kCorner =
    "<svg xmlns='http://www.w3.org/2000/svg' width='100' height='100'>"
    "<rect x='70' y='80' width='20' height='10' fill='#ff0000'/></svg>";

TEST_F(RasterFiles, ADrawingIsCutToWhatCanBeSeen) {
  const Raster raster = drawn(look_of("corner.svg", kCorner));
  ASSERT_EQ(raster.side, 64);
  EXPECT_EQ(raster.pixels[64 * 32 + 32], 0xffff0000);
  EXPECT_EQ(raster.pixels[64 * 32 + 3], 0xffff0000) << "as wide as the square";
  EXPECT_EQ(raster.pixels[64 * 8 + 32], 0) << "half as high";
}

TEST_F(RasterFiles, BrokenDrawingsAreErrorsWithTheirName) {
  EXPECT_THAT(refusal(look_of("text.svg", "not a drawing")), HasSubstr("look 'openclipart/text.svg'"));
  EXPECT_THAT(refusal(look_of("empty.svg", "")), HasSubstr("look 'openclipart/empty.svg'"));
  EXPECT_THAT(refusal(look_of("cut.svg", kCorner.substr(0, 100))), HasSubstr("look 'openclipart/cut.svg'"));
}

TEST_F(RasterFiles, ADrawingOfNothingIsAnError) {
  EXPECT_THAT(refusal(look_of("blank.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")),
              AllOf(HasSubstr("blank.svg"), HasSubstr("nothing can be seen")));
}

TEST_F(RasterFiles, NothingOutsideOfADrawingIsRead) {
  const EncodedPicture secret = encode_png(Renderer(small_catalogue(), {}).render(plain_scene("red")));
  const std::string path =
      folder_.put("secret.png", {reinterpret_cast<const char*>(secret.bytes.data()), secret.bytes.size()});
  for (const std::string& reference : {path, "file://" + path, std::string("secret.png")}) {
    const std::string text =
        "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' "
        "width='90' height='90'><image width='90' height='90' xlink:href='" +
        reference + "'/></svg>";
    EXPECT_THAT(refusal(look_of("reference.svg", text)), HasSubstr("nothing can be seen"));
  }
  const std::string entity =
      "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><svg xmlns='http://www.w3.org/2000/svg' width='90' "
      "height='90'><text y='50'>&x;</text></svg>";
  EXPECT_THAT(refusal(look_of("entity.svg", entity)), HasSubstr("entity.svg"));
}

TEST_F(RasterFiles, EntitiesThatMultiplyAreRefused) {
  std::string text = "<!DOCTYPE svg [<!ENTITY a0 'xxxxxxxxxx'>";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "&a" + std::to_string(i - 1) + ";";
    text += "<!ENTITY a" + std::to_string(i) + " '";
    for (int k = 0; k < 10; ++k) text += before;
    text += "'>";
  }
  text += "]><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text>&a11;</text></svg>";
  EXPECT_THAT(refusal(look_of("laughs.svg", text)), HasSubstr("laughs.svg"));
}

TEST_F(RasterFiles, APhotographIsDrawnWithItsTransparency) {
  Picture picture = Picture::blank(40, 20, PixelMode::kRgb);
  for (int64_t i = 0; i < 800; ++i) picture.pixels[static_cast<size_t>(3 * i + 1)] = 200;
  const EncodedPicture file = encode_png(picture);
  const std::string bytes(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
  const Raster raster = drawn(look_of("stamp.png", bytes, LookFormat::kPng));
  EXPECT_EQ(raster.pixels[64 * 32 + 32], 0xff00c800);
  EXPECT_EQ(raster.pixels[64 * 8 + 32], 0);
  EXPECT_THAT(refusal(look_of("broken.png", bytes.substr(0, 60), LookFormat::kPng)), HasSubstr("broken.png"));
}

/// A palette of red and of green that is not there, a column each.
std::string palette_png() {
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> context(spng_ctx_new(SPNG_CTX_ENCODER), spng_ctx_free);
  constexpr uint32_t kPaletteSide = 16;
  spng_ihdr header{};
  header.width = header.height = kPaletteSide;
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_INDEXED;
  spng_plte palette{};
  palette.n_entries = 2;
  palette.entries[0] = {.red = 255, .green = 0, .blue = 0, .alpha = 0};
  palette.entries[1] = {.red = 0, .green = 255, .blue = 0, .alpha = 0};
  spng_trns transparency{};
  transparency.n_type3_entries = 2;
  transparency.type3_alpha[0] = 255;
  std::string pixels(kPaletteSide * kPaletteSide, '\0');
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<char>(i % kPaletteSide / (kPaletteSide / 2));
  spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1);
  spng_set_ihdr(context.get(), &header);
  spng_set_plte(context.get(), &palette);
  spng_set_trns(context.get(), &transparency);
  spng_encode_image(context.get(), pixels.data(), pixels.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  size_t size = 0;
  int status = SPNG_OK;
  const std::unique_ptr<void, decltype(&std::free)> data(spng_get_png_buffer(context.get(), &size, &status), std::free);
  return {static_cast<const char*>(data.get()), size};
}

TEST_F(RasterFiles, ColoursOfAPaletteThatAreNotThereAreNotDrawn) {
  const Raster raster = drawn(look_of("palette.png", palette_png(), LookFormat::kPng));
  int red = 0;
  for (const uint32_t pixel : raster.pixels) {
    const bool opaque_red = pixel == 0xffff0000;
    red += opaque_red;
    EXPECT_TRUE(opaque_red || (pixel & 0xff00) < 0x1000) << std::hex << pixel;
  }
  EXPECT_GT(red, 1000);
}

TEST(Rasters, EveryCommittedLookCanBeDrawn) {
  for (const Look& look : small_catalogue()->looks()) {
    EXPECT_NO_THROW(check_look(*small_catalogue(), look)) << look.id;
  }
}

const Look& some_clipart() {
  for (const Look& look : small_catalogue()->looks()) {
    if (look.format == LookFormat::kSvg) return look;
  }
  throw Error({.who = "the catalogue", .expected = "some clip art", .got = "none"});
}

TEST(RasterCache, GivesTheSameAgainWithinItsBytes) {
  RasterCache cache(100'000);
  const Look& look = some_clipart();
  const auto first = cache.get(*small_catalogue(), look, 60);
  EXPECT_EQ(first->side, 64);
  EXPECT_EQ(cache.get(*small_catalogue(), look, 50), first);
  EXPECT_EQ(cache.bytes(), first->bytes());
  EXPECT_EQ(cache.get(*small_catalogue(), look, 130)->side, 192);
  EXPECT_EQ(cache.bytes(), first->bytes()) << "192 squared is more than it may keep";
  cache.get(*small_catalogue(), look, 120);
  EXPECT_LE(cache.bytes(), 100'000);
  const auto again = cache.get(*small_catalogue(), look, 60);
  EXPECT_EQ(again->pixels, first->pixels);
}

TEST(RasterCache, ServesManyThreads) {
  RasterCache cache(60'000);
  const Look& look = some_clipart();
  const Raster wanted = rasterize(*small_catalogue(), look, 64);
  std::vector<std::jthread> threads;
  std::array<int, 4> wrong{};
  for (int& each : wrong) {
    threads.emplace_back([&cache, &look, &wanted, &each] {
      for (int i = 0; i < 20; ++i) {
        if (cache.get(*small_catalogue(), look, i % 2 == 0 ? 64 : 96)->side == 64 && i % 2 == 1) ++each;
        if (cache.get(*small_catalogue(), look, 64)->pixels != wanted.pixels) ++each;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, (std::array<int, 4>{}));
  EXPECT_LE(cache.bytes(), 60'000);
}

}  // namespace

}  // namespace fusion
