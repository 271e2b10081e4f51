#include "workflows/synthesis/render/renderer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <thread>

#include "foundation/config/test_support.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/synthesis/render/painter.h"
#include "workflows/synthesis/render/test_support.h"
#include "workflows/synthesis/world/settings.h"

namespace fusion {

namespace {

using testing::AllOf;
using testing::HasSubstr;

/// A bit of everything: drawn things, clip art, a sign.
Scene busy_scene(uint64_t look_seed) {
  Scene scene;
  scene.setting = "park";
  scene.look_seed = look_seed;
  scene.groups = {
      group_of("drawing/balloon", "red", {{.x = 0.2, .y = 0.2}, {.x = 0.5, .y = 0.25}, {.x = 0.8, .y = 0.2}})};
  for (const Look& look : small_catalogue()->looks()) {
    if (look.format != LookFormat::kSvg || scene.groups.size() == 4) continue;
    const double x = 0.25 * static_cast<double>(scene.groups.size());
    scene.groups.push_back(group_of(look.id, "", {{.x = x, .y = 0.75, .turn = 20, .mirrored = true}}));
  }
  scene.signs = {{.surface = "sign", .text = "OPEN", .ink = "blue", .paper = "white", .place = {.side = 0.3}}};
  return scene;
}

Chart some_chart(std::string form) {
  return {.form = std::move(form),
          .title = "Apples sold",
          .labels = {"Monday", "Tuesday"},
          .values = {3, 7},
          .colors = {"red", "purple"},
          .place = {.side = 0.9}};
}

/// For each colour of the palette, its pixels among eight others of it: none in a line.
std::vector<int64_t> solid_pixels(const Picture& picture) {
  std::vector<int> names(static_cast<size_t>(picture.width * picture.height), -1);
  for (size_t i = 0; i < names.size(); ++i) {
    for (size_t c = 0; c < palette().size() && names[i] < 0; ++c) {
      if (has_color(picture.pixels.data() + 3 * i, palette()[c])) names[i] = static_cast<int>(c);
    }
  }
  std::vector<int64_t> counts(palette().size());
  for (int64_t y = 1; y + 1 < picture.height; ++y) {
    for (int64_t x = 1; x + 1 < picture.width; ++x) {
      const int name = names[static_cast<size_t>(y * picture.width + x)];
      bool solid = name >= 0;
      for (int64_t at = 0; at < 9 && solid; ++at) {
        solid = names[static_cast<size_t>((y + at / 3 - 1) * picture.width + x + at % 3 - 1)] == name;
      }
      if (solid) ++counts[static_cast<size_t>(name)];
    }
  }
  return counts;
}

TEST(Renderer, DrawsTheSameAgainAndOnEveryThread) {
  const Renderer renderer(small_catalogue(), {.width = 160, .height = 120});
  const std::vector<uint8_t> first = renderer.render(busy_scene(1)).pixels;
  const Renderer fresh(small_catalogue(), {.width = 160, .height = 120});
  fresh.render(busy_scene(9));
  std::array<bool, 4> equal{};
  {
    std::vector<std::jthread> threads;
    for (bool& each : equal) {
      threads.emplace_back([&fresh, &first, &each] { each = fresh.render(busy_scene(1)).pixels == first; });
    }
  }
  EXPECT_EQ(equal, (std::array{true, true, true, true}));
}

TEST(Renderer, AnotherLookSeedDrawsTheSameThingsDifferently) {
  const Renderer renderer(small_catalogue(), {.width = 160, .height = 160});
  const NamedColor& red = palette_color("red");
  std::set<std::vector<uint8_t>> seen;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    const Picture picture = renderer.render(busy_scene(seed));
    seen.insert(picture.pixels);
    Scene balloons = busy_scene(seed);
    balloons.groups.resize(1);
    EXPECT_EQ(areas_of(renderer.render(balloons), red, 60).size(), 3) << seed;
  }
  EXPECT_EQ(seen.size(), 8);
}

TEST(Renderer, ThingsStandWhereTheSceneSays) {
  const Renderer renderer(small_catalogue(), {.width = 200, .height = 100, .jitter = 0});
  Scene scene = plain_scene();
  scene.groups = {group_of("shape/square", "blue", {{.x = 0.25, .y = 0.5, .side = 0.4}})};
  const Picture picture = renderer.render(scene);
  const NamedColor& blue = palette_color("blue");
  EXPECT_TRUE(has_color(picture.row(50) + 3 * 50, blue));
  EXPECT_TRUE(has_color(picture.row(50) + 3 * 64, blue));
  EXPECT_FALSE(has_color(picture.row(50) + 3 * 72, blue));
  EXPECT_FALSE(has_color(picture.row(20) + 3 * 50, blue));
}

TEST(Renderer, MirrorsAndTurns) {
  const Renderer renderer(small_catalogue(), {.width = 100, .height = 100, .jitter = 0});
  const auto at_left = [&](const Placement& place) {
    Scene scene = plain_scene();
    scene.groups = {group_of("shape/arrow", "blue", {place})};
    const Picture picture = renderer.render(scene);
    // Only the arrow's head is this far from its axis.
    return has_color(picture.row(30) + 3 * 42, palette_color("blue"));
  };
  EXPECT_FALSE(at_left({.side = 0.8}));
  EXPECT_TRUE(at_left({.side = 0.8, .mirrored = true}));
  EXPECT_TRUE(at_left({.side = 0.8, .turn = 180}));
}

TEST(Renderer, DrawsEverySettingOfTheWorldAndEachInItsOwnWay) {
  const Renderer renderer(small_catalogue(), {.width = 96, .height = 64});
  std::set<std::vector<uint8_t>> seen;
  for (const SettingFacts& facts : settings()) {
    Scene scene = plain_scene("orange");
    scene.setting = facts.id;
    seen.insert(renderer.render(scene).pixels);
  }
  EXPECT_EQ(seen.size(), settings().size());
}

TEST(Renderer, BackgroundsAreNotMistakenForColouredThings) {
  const Renderer renderer(small_catalogue(), {.width = 128, .height = 128});
  for (const SettingFacts& facts : settings()) {
    if (facts.id == "plain") continue;
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      Scene scene = plain_scene("", seed);
      scene.setting = facts.id;
      const std::vector<int64_t> counts = solid_pixels(renderer.render(scene));
      for (size_t c = 0; c < counts.size(); ++c) {
        const NamedColor& color = palette()[c];
        if (std::ranges::find(facts.colors, color.name) != facts.colors.end()) continue;
        EXPECT_LT(counts[c], 12) << color.name << " in " << facts.id << ", seed " << seed;
      }
    }
  }
}

TEST(Renderer, KeepsToTheSizeThatIsAskedFor) {
  for (const auto& [width, height] : {std::pair<int64_t, int64_t>{64, 64}, {1024, 1024}, {300, 64}}) {
    const Picture picture = Renderer(small_catalogue(), {.width = width, .height = height}).render(busy_scene(2));
    EXPECT_EQ(picture.width, width);
    EXPECT_EQ(picture.height, height);
    EXPECT_EQ(picture.mode, PixelMode::kRgb);
  }
}

TEST(Renderer, DrawsChartsAsHighAsTheirValues) {
  const Renderer renderer(small_catalogue(), {.width = 200, .height = 200, .light = 0});
  Scene scene = plain_scene();
  scene.chart = some_chart("bar");
  const Picture bars = renderer.render(scene);
  const auto red = areas_of(bars, palette_color("red"), 100);
  const auto purple = areas_of(bars, palette_color("purple"), 100);
  ASSERT_EQ(red.size(), 1);
  ASSERT_EQ(purple.size(), 1);
  EXPECT_NEAR(static_cast<double>(purple[0]) / static_cast<double>(red[0]), 7.0 / 3, 0.25);
  scene.chart = some_chart("pie");
  const Picture pie = renderer.render(scene);
  const auto slices = areas_of(pie, palette_color("red"), 400);
  const auto others = areas_of(pie, palette_color("purple"), 400);
  ASSERT_EQ(slices.size(), 1);
  ASSERT_EQ(others.size(), 1);
  EXPECT_NEAR(static_cast<double>(others[0]) / static_cast<double>(slices[0]), 7.0 / 3, 0.25);
}

TEST(Renderer, DrawsAGridCellByCell) {
  const Renderer renderer(small_catalogue(), {.width = 200, .height = 200});
  Scene scene = plain_scene();
  scene.grid = Grid{.rows = 2,
                    .columns = 3,
                    .cells = {{"shape/star", "star", "red"},
                              {},
                              {"shape/circle", "circle", "red"},
                              {},
                              {"drawing/car", "car", "green"},
                              {"shape/circle", "circle", "red"}},
                    .place = {.side = 0.9}};
  const Picture picture = renderer.render(scene);
  EXPECT_EQ(areas_of(picture, palette_color("red"), 60).size(), 3);
  EXPECT_EQ(areas_of(picture, palette_color("green"), 60).size(), 1);
}

TEST(Renderer, RefusesScenesThatCannotBeDrawn) {
  const Renderer renderer(small_catalogue(), {.width = 64, .height = 64});
  const auto refusal = [&](auto change) {
    Scene scene = busy_scene(1);
    change(scene);
    return error_of([&] { renderer.render(scene); });
  };
  EXPECT_THAT(refusal([](Scene& s) { s.setting = "beech"; }), HasSubstr("beach"));
  EXPECT_THAT(refusal([](Scene& s) { s.groups[0].look = "drawing/baloon"; }), HasSubstr("balloon"));
  EXPECT_THAT(refusal([](Scene& s) { s.groups[0].color = "redd"; }), HasSubstr("red"));
  EXPECT_THAT(refusal([](Scene& s) { s.groups[0].color = ""; }), HasSubstr("palette"));
  EXPECT_THAT(refusal([](Scene& s) { s.groups[0].places[0].x = std::numeric_limits<double>::quiet_NaN(); }),
              HasSubstr("places that are numbers"));
  EXPECT_THAT(refusal([](Scene& s) { s.groups[0].places[0].side = 0; }), HasSubstr("sides above 0"));
  EXPECT_THAT(refusal([](Scene& s) { s.groups[0].places[0].y = 1e9; }), HasSubstr("places near the picture"));
  EXPECT_THAT(refusal([](Scene& s) { s.groups[0].places.resize(1001); }), HasSubstr("1000 things"));
  EXPECT_THAT(refusal([](Scene& s) { s.signs[0].text.assign(5000, 'x'); }), HasSubstr("1000 bytes"));
  EXPECT_THAT(refusal([](Scene& s) { s.signs[0].ink = "mauve"; }), HasSubstr("mauve"));
  EXPECT_THAT(refusal([](Scene& s) { s.grid = Grid{.rows = 2, .columns = 2, .cells = {{}}, .place = {}}; }),
              HasSubstr("4 cells"));
  EXPECT_THAT(
      refusal([](Scene& s) { s.grid = Grid{.rows = 1LL << 40, .columns = 1LL << 40, .cells = {}, .place = {}}; }),
      HasSubstr("1 to 400 cells"));
  EXPECT_THAT(refusal([](Scene& s) { s.chart = some_chart("line"); }), HasSubstr("got line"));
  EXPECT_THAT(refusal([](Scene& s) {
                s.chart = some_chart("bar");
                s.chart->values.pop_back();
              }),
              HasSubstr("2 labels"));
  EXPECT_THAT(refusal([](Scene& s) {
                s.chart = some_chart("bar");
                s.chart->values[0] = -1;
              }),
              HasSubstr("got -1"));
}

TEST(Renderer, DrawsChartsOfAnyValues) {
  const Renderer renderer(small_catalogue(), {.width = 64, .height = 64});
  for (const std::string form : {"bar", "pie"}) {
    Scene scene = plain_scene();
    scene.chart = some_chart(form);
    scene.chart->values = {0, 0};
    renderer.render(scene);
    scene.chart->values = {1, 1'000'000'000'000};
    EXPECT_EQ(renderer.render(scene).width, 64);
  }
}

TEST(RenderOptions, AreCheckedByName) {
  const auto refusal = [](const RenderOptions& options) {
    return error_of([&] { Renderer(small_catalogue(), options); });
  };
  EXPECT_THAT(refusal({.width = 63}), AllOf(HasSubstr("width"), HasSubstr("64 to 2048"), HasSubstr("got 63")));
  EXPECT_THAT(refusal({.height = 4096}), HasSubstr("height"));
  EXPECT_THAT(refusal({.format = "gif"}), HasSubstr("jpeg or png"));
  EXPECT_THAT(refusal({.quality = 0}), HasSubstr("quality"));
  EXPECT_THAT(refusal({.noise = 1.5}), HasSubstr("noise"));
  EXPECT_THAT(refusal({.jitter = std::numeric_limits<double>::quiet_NaN()}), HasSubstr("jitter"));
}

TEST(EmbeddedPainter, DrawsOneSceneOrTwo) {
  for (const std::string format : {"jpeg", "png"}) {
    EmbeddedPainter painter(
        std::make_shared<Renderer>(small_catalogue(), RenderOptions{.width = 96, .height = 96, .format = format}));
    Usage usage;
    Item item;
    item.scenes = {busy_scene(1)};
    const EncodedPicture one = painter.draw(item, {.stop = {}, .usage = &usage});
    EXPECT_EQ(one.extension, format == "png" ? "png" : "jpg");
    EXPECT_EQ(decode_picture(one.bytes, "one").width, 96);
    item.scenes.push_back(busy_scene(2));
    const Picture two = decode_picture(painter.draw(item, {.stop = {}, .usage = &usage}).bytes, "two");
    EXPECT_EQ(two.width, 96 + 2 + 96);
    EXPECT_EQ(two.height, 96);
    EXPECT_EQ(usage.pictures, 2);
  }
}

TEST(EmbeddedPainter, SetsAsideWhatItCannotDraw) {
  EmbeddedPainter painter(std::make_shared<Renderer>(small_catalogue(), RenderOptions{}));
  Usage usage;
  Item item;
  item.id = 17;
  EXPECT_THROW(painter.draw(item, {.stop = {}, .usage = &usage}), CallFailed);
  item.scenes = {plain_scene("mauve")};
  EXPECT_THROW(painter.draw(item, {.stop = {}, .usage = &usage}), CallFailed);
  EXPECT_EQ(usage.pictures, 0);
}

}  // namespace

}  // namespace fusion
