// Every thing that is drawn in a colour, as somebody sees it who counts areas of colour.

#include "workflows/synthesis/render/drawn_looks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/render/test_support.h"

namespace fusion {

namespace {

using testing::HasSubstr;

std::vector<std::string> drawn_looks() {
  std::vector<std::string> ids;
  for (const std::string_view noun : kShapeNouns) ids.push_back(cat("shape/", noun));
  for (const std::string_view noun : kDrawingNouns) ids.push_back(cat("drawing/", noun));
  return ids;
}

/// A backdrop that no drawn colour is near to.
std::string backdrop_for(std::string_view color) {
  return color == "white" || color == "yellow" || color == "gray" || color == "pink" ? "blue" : "white";
}

TEST(DrawnLooks, EachIsOneAreaOfItsColour) {
  const Renderer renderer(small_catalogue(), {.width = 96, .height = 96});
  uint64_t seed = 0;
  for (const std::string& look : drawn_looks()) {
    for (const NamedColor& color : palette()) {
      Scene scene = plain_scene(backdrop_for(color.name), ++seed);
      scene.groups = {group_of(look, std::string(color.name), {{.side = 0.6}})};
      EXPECT_EQ(areas_of(renderer.render(scene), color, 40).size(), 1) << look << " in " << color.name;
    }
  }
}

TEST(DrawnLooks, EachStaysOneAreaWhereItIsSmall) {
  const Renderer renderer(small_catalogue(), {.width = 128, .height = 128});
  for (const std::string& look : drawn_looks()) {
    Scene scene = plain_scene("white", 5);
    scene.groups = {group_of(look, "purple", {{.x = 0.3, .side = 0.16}, {.x = 0.7, .side = 0.16}})};
    EXPECT_EQ(areas_of(renderer.render(scene), palette_color("purple"), 10).size(), 2) << look;
  }
}

TEST(DrawnLooks, EachIsMostlyOfItsColour) {
  const Renderer renderer(small_catalogue(), {.width = 192, .height = 192});
  const Picture empty = renderer.render(plain_scene());
  for (const std::string& look : drawn_looks()) {
    Scene scene = plain_scene();
    scene.groups = {group_of(look, "red", {{.side = 0.8}})};
    const Picture picture = renderer.render(scene);
    const std::vector<int64_t> areas = areas_of(picture, palette_color("red"), 1);
    int64_t covered = 0;
    for (int64_t i = 0; i < picture.width * picture.height; ++i) {
      const uint8_t* const before = empty.pixels.data() + 3 * i;
      // Beyond what a shadow does to white.
      if (distance_squared(picture.pixels.data() + 3 * i, {before[0], before[1], before[2]}) > 70 * 70) ++covered;
    }
    EXPECT_GT(std::accumulate(areas.begin(), areas.end(), int64_t{0}), covered * 6 / 10) << look;
  }
}

TEST(DrawnLooks, EachFillsItsSquareAndStaysInside) {
  for (const std::string& look : drawn_looks()) {
    const SurfacePointer surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 120, 120));
    const ContextPointer context(cairo_create(surface.get()));
    cairo_translate(context.get(), 10, 10);
    Pen pen(context.get());
    draw_look(pen, look, {.color = palette_tone("blue"), .outline = 2});
    cairo_surface_flush(surface.get());
    const uint8_t* const data = cairo_image_surface_get_data(surface.get());
    int longest = 0;
    int low = 120, high = 0, left = 120, right = 0;
    for (int y = 0; y < 120; ++y) {
      for (int x = 0; x < 120; ++x) {
        if (data[y * cairo_image_surface_get_stride(surface.get()) + 4 * x + 3] < 128) continue;
        low = std::min(low, y), high = std::max(high, y), left = std::min(left, x), right = std::max(right, x);
      }
    }
    longest = std::max(high - low, right - left) + 1;
    EXPECT_GE(longest, 80) << look;
    EXPECT_GE(std::min(low, left), 8) << look;
    EXPECT_LE(std::max(high, right), 112) << look;
  }
}

TEST(DrawnLooks, RefusesWhatItCannotDraw) {
  const SurfacePointer surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 8, 8));
  const ContextPointer context(cairo_create(surface.get()));
  Pen pen(context.get());
  EXPECT_THAT(error_of([&] { draw_look(pen, "drawing/elephant", {}); }), HasSubstr("look 'drawing/elephant'"));
  EXPECT_THAT(error_of([&] { draw_look(pen, "circle", {}); }), HasSubstr("an unknown one"));
}

}  // namespace

}  // namespace fusion
