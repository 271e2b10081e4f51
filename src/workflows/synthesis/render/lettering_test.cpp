#include "workflows/synthesis/render/lettering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "foundation/config/test_support.h"
#include "workflows/synthesis/render/panels.h"
#include "workflows/synthesis/render/test_support.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

using testing::HasSubstr;

/// Corners of what is drawn on an empty page of 200 by 200.
struct Marks {
  int left = 200, top = 200, right = -1, bottom = -1;
};

Marks marks_of(std::string_view text, const Frame& frame, const Lettering& lettering) {
  const SurfacePointer surface(cairo_image_surface_create(CAIRO_FORMAT_A8, 200, 200));
  const ContextPointer context(cairo_create(surface.get()));
  draw_words(Pen(context.get()), text, frame, lettering);
  cairo_surface_flush(surface.get());
  const uint8_t* const data = cairo_image_surface_get_data(surface.get());
  Marks marks;
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 200; ++x) {
      if (data[y * cairo_image_surface_get_stride(surface.get()) + x] < 100) continue;
      marks.left = std::min(marks.left, x);
      marks.right = std::max(marks.right, x);
      marks.top = std::min(marks.top, y);
      marks.bottom = std::max(marks.bottom, y);
    }
  }
  return marks;
}

TEST(Lettering, FillsItsFrameAndStaysInside) {
  const Frame frame{20, 30, 150, 60};
  for (const Typeface face :
       {Typeface::kSans, Typeface::kSansBold, Typeface::kSerifBold, Typeface::kCondensedBold, Typeface::kMonoBold}) {
    for (const std::string text : {"OPEN", "i", "OBSERVATORY", "NO\nPARKING", "Felix's\nFlowers", "$3.50"}) {
      const Marks marks = marks_of(text, frame, {.face = face});
      EXPECT_GE(marks.left, 19) << text;
      EXPECT_GE(marks.top, 29) << text;
      EXPECT_LE(marks.right, 170) << text;
      EXPECT_LE(marks.bottom, 90) << text;
      EXPECT_TRUE(marks.right - marks.left > 140 || marks.bottom - marks.top > 54) << text;
    }
  }
}

TEST(Lettering, KeepsToTheLargestSizeAndToTheLeft) {
  const Marks marks = marks_of("E", {20, 30, 150, 60}, {.largest = 20, .to_left = true});
  EXPECT_LE(marks.bottom - marks.top, 16);
  EXPECT_GE(marks.bottom - marks.top, 11);
  EXPECT_NEAR(marks.left, 20, 2);
}

TEST(Lettering, DrawsNothingForNoWordsAndReplacesBrokenOnes) {
  EXPECT_EQ(marks_of("", {0, 0, 100, 100}, {}).right, -1);
  EXPECT_EQ(marks_of(" \n ", {0, 0, 100, 100}, {}).right, -1);
  EXPECT_GT(marks_of("a\xff\xc3", {0, 0, 100, 100}, {}).right, 0);
}

TEST(Lettering, RefusesABook) {
  EXPECT_THAT(error_of([] { marks_of(std::string(2000, 'x'), {0, 0, 100, 100}, {}); }), HasSubstr("1000 bytes"));
}

TEST(Signs, WordsLieWithinEverySurface) {
  const Renderer renderer(small_catalogue(), {.width = 256, .height = 256, .light = 0});
  for (const std::string surface : {"sign", "poster", "banner", "label", "whatever"}) {
    Scene scene = plain_scene("gray");
    scene.signs = {{.surface = surface, .text = "OPEN\nNOW", .ink = "red", .paper = "yellow", .place = {.side = 0.6}}};
    const Picture picture = renderer.render(scene);
    const Extent extent = fusion::extent(scene.signs[0]);
    int64_t inside = 0;
    for (int64_t y = 0; y < picture.height; ++y) {
      for (int64_t x = 0; x < picture.width; ++x) {
        if (!has_color(picture.row(y) + 3 * x, palette_color("red"))) continue;
        ++inside;
        EXPECT_GE(x, extent.left * 256 - 1) << surface;
        EXPECT_LE(x, extent.right * 256 + 1) << surface;
        EXPECT_GE(y, extent.top * 256 - 1) << surface;
        EXPECT_LE(y, extent.bottom * 256 + 1) << surface;
      }
    }
    EXPECT_GT(inside, 600) << surface;
    EXPECT_GT(areas_of(picture, palette_color("yellow"), 200).size(), 0) << surface;
  }
}

TEST(Signs, SpacedLettersLieEachInASquareOfItsOwn) {
  const Renderer renderer(small_catalogue(), {.width = 256, .height = 256, .light = 0, .jitter = 0});
  Scene scene = plain_scene("gray");
  // Two and a half letters wide, one and a half high: squares of 64 pixels.
  scene.signs = {
      {.surface = "sign", .text = "MI", .ink = "red", .paper = "yellow", .place = {.side = 0.625}, .spaced = true}};
  const Picture picture = renderer.render(scene);
  std::array<Marks, 2> letters = {};
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      if (!has_color(picture.row(y) + 3 * x, palette_color("red"))) continue;
      Marks& letter = letters[x < 128 ? 0 : 1];
      letter = {.left = std::min(letter.left, x),
                .top = std::min(letter.top, y),
                .right = std::max(letter.right, x),
                .bottom = std::max(letter.bottom, y)};
    }
  }
  for (size_t i = 0; i < 2; ++i) {
    const auto left = static_cast<double>(64 + 64 * i);
    EXPECT_NEAR(static_cast<double>(letters[i].left + letters[i].right) / 2, left + 32, 2) << i;
    EXPECT_GE(letters[i].left, left) << i;
    EXPECT_LE(letters[i].right, left + 64) << i;
  }
  // Of one size, though one is much wider.
  EXPECT_NEAR(static_cast<double>(letters[0].bottom - letters[0].top),
              static_cast<double>(letters[1].bottom - letters[1].top), 1.5);
  EXPECT_NEAR(static_cast<double>(letters[0].top + letters[0].bottom) / 2, 128, 2);
}

}  // namespace

}  // namespace fusion
