#include "workflows/synthesis/world/world.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <ranges>
#include <set>
#include <utility>

#include "foundation/config/test_support.h"
#include "foundation/core/error.h"
#include "workflows/synthesis/items/palette.h"
#include "workflows/synthesis/world/overlaps.h"
#include "workflows/synthesis/world/scene_facts.h"
#include "workflows/synthesis/world/test_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

constexpr std::array kAllFocuses = {Focus::kColor, Focus::kCount, Focus::kSpatial,
                                    Focus::kScene, Focus::kText,  Focus::kAny};

std::shared_ptr<const Catalogue> catalogue() {
  static const auto kCatalogue = Catalogue::open();
  return kCatalogue;
}

const World& plain_world() {
  static const World kWorld({}, catalogue());
  return kWorld;
}

void for_scenes(Focus focus, uint64_t count, const std::function<void(const Scene&)>& check,
                const World& world = plain_world()) {
  for (uint64_t i = 0; i < count; ++i) {
    RandomSource random(i, static_cast<uint64_t>(focus));
    SCOPED_TRACE(testing::Message() << static_cast<int>(focus) << " " << i);
    check(world.scene(focus, random));
    if (testing::Test::HasFailure()) return;
  }
}

/// Pearson's statistic against equal shares, over its degrees of freedom: near 1 where chance alone is at work.
template <class Key>
double unevenness(const std::map<Key, int64_t>& counts) {
  double sum = 0;
  for (const auto& [key, count] : counts) sum += static_cast<double>(count);
  const double expected = sum / static_cast<double>(counts.size());
  double statistic = 0;
  for (const auto& [key, count] : counts) {
    statistic += (static_cast<double>(count) - expected) * (static_cast<double>(count) - expected) / expected;
  }
  return statistic / static_cast<double>(counts.size() - 1);
}

TEST(World, ThingsLieInsideThePictureAndApart) {
  int64_t with_cover = 0;
  for (const Focus focus : kAllFocuses) {
    for_scenes(focus, 500, [&](const Scene& scene) {
      const auto inside = [](const Extent& e) { return e.left > 0 && e.top > 0 && e.right < 1 && e.bottom < 1; };
      for (const Sign& sign : scene.signs) EXPECT_TRUE(inside(extent(sign)));
      for (const ObjectGroup& group : scene.groups) EXPECT_TRUE(inside(extent(group)));
      const Covered cover = covered(scene);
      EXPECT_LE(cover.pairs, 1);
      EXPECT_LE(cover.largest_share, 0.2);
      with_cover += cover.pairs;
    });
  }
  EXPECT_GT(with_cover, 30);
}

TEST(World, NothingOverlapsWithoutOcclusion) {
  const World world({.occlusion = 0}, catalogue());
  for_scenes(Focus::kColor, 300, [](const Scene& scene) { EXPECT_EQ(covered(scene).pairs, 0); }, world);
}

TEST(World, ThingsCanBeToldFromTheBackgroundAndFromEachOther) {
  for (const Focus focus : kAllFocuses) {
    for_scenes(focus, 500, [](const Scene& scene) {
      std::map<std::string, int64_t> nouns_and_colors;
      for (const ObjectGroup& group : scene.groups) {
        const Look& look = catalogue()->find(group.look);
        EXPECT_EQ(look.takes_color, !group.color.empty());
        EXPECT_EQ(look.noun, group.noun);
        EXPECT_TRUE(stands_out(group.color, scene)) << group.color << " in " << scene.setting << scene.backdrop;
        EXPECT_EQ(++nouns_and_colors[group.noun + group.color], 1);
        EXPECT_FALSE(group.places.empty());
        for (const ObjectGroup& other : scene.groups) {
          const bool same_color = &other != &group && !group.color.empty() && group.color == other.color;
          EXPECT_FALSE(same_color) << group.color;
          const Look& its = catalogue()->find(other.look);
          if (its.noun != look.noun) {
            EXPECT_TRUE(look.family.empty() || look.family != its.family) << look.noun << " and " << its.noun;
          }
        }
        for (const auto shown : setting_facts(scene.setting).shows) EXPECT_NE(group.noun, shown);
      }
      EXPECT_EQ(scene.setting == "plain", !scene.backdrop.empty());
    });
  }
}

TEST(World, PutsNoShapeWhereTheSettingIsDrawnWithIt) {
  const std::map<std::string, std::set<std::string>> drawn_with = {
      {"beach", {"circle"}},         {"cave", {"triangle"}},    {"desert", {"circle"}},
      {"farm", {"circle", "cross"}}, {"forest", {"triangle"}},  {"garden", {"circle"}},
      {"kitchen", {"circle"}},       {"living_room", {"oval"}}, {"mountains", {"triangle"}},
      {"night_street", {"circle"}},  {"park", {"circle"}},      {"snow", {"triangle"}},
      {"space", {"circle"}},         {"stadium", {"circle"}},   {"underwater", {"circle", "ring", "oval"}}};
  const auto shapes = Catalogue::open({.objects = {"shapes"}});
  for (const auto& [setting, nouns] : drawn_with) {
    const World world({.settings = {setting}}, shapes);
    std::set<std::string> shown;
    const auto look = [&](const Scene& scene) {
      for (const ObjectGroup& group : scene.groups) shown.insert(group.noun);
    };
    for_scenes(Focus::kCount, 60, look, world);
    for (const std::string& noun : nouns) EXPECT_FALSE(shown.contains(noun)) << noun << " in " << setting;
    EXPECT_GE(shown.size(), 7U) << setting;
  }
}

TEST(World, NumbersColorsAndPlacesAreEven) {
  std::map<int64_t, int64_t> counts;
  std::map<std::string, int64_t> colors;
  std::map<std::string_view, int64_t> relations;
  std::map<std::string_view, int64_t> regions;
  for_scenes(Focus::kCount, 4000, [&](const Scene& scene) { ++counts[scene.groups.front().count()]; });
  for_scenes(Focus::kColor, 4000, [&](const Scene& scene) { ++colors[scene.groups.front().color]; });
  for_scenes(Focus::kSpatial, 4000, [&](const Scene& scene) {
    if (scene.groups.size() != 2) return;
    ++relations[relation(extent(scene.groups[0]), extent(scene.groups[1]))];
    ++regions[region(extent(scene.groups[0]))];
  });
  relations.erase("");
  regions.erase("");
  EXPECT_EQ(counts.size(), 10U);
  EXPECT_EQ(colors.size(), palette().size());
  EXPECT_EQ(relations.size(), 4U);
  EXPECT_EQ(regions.size(), 9U);
  EXPECT_LT(unevenness(counts), 2.5) << testing::PrintToString(counts);
  EXPECT_LT(unevenness(colors), 2.5) << testing::PrintToString(colors);
  EXPECT_LT(unevenness(relations), 3.5) << testing::PrintToString(relations);
}

TEST(World, SpatialScenesHaveAClearRelationOrRegion) {
  for_scenes(Focus::kSpatial, 1000, [](const Scene& scene) {
    ASSERT_GE(scene.groups.size(), 2U);
    for (const ObjectGroup& group : scene.groups) EXPECT_EQ(group.count(), 1);
    const Extent first = extent(scene.groups[0]);
    EXPECT_FALSE(relation(first, extent(scene.groups[1])).empty() && region(first).empty());
  });
}

TEST(World, SizesAreSaidOnlyWhereTheyDiffer) {
  int64_t sized = 0;
  for_scenes(Focus::kScene, 1500, [&](const Scene& scene) {
    double smallest_large = 1;
    double largest_small = 0;
    for (const ObjectGroup& group : scene.groups) {
      if (group.size == "large") smallest_large = std::min(smallest_large, group.places.front().side);
      if (group.size == "small") largest_small = std::max(largest_small, group.places.front().side);
      EXPECT_EQ(group.size.empty(), scene.groups.front().size.empty());
    }
    if (largest_small == 0) return;
    ++sized;
    EXPECT_GE(smallest_large, 1.7 * largest_small);
  });
  EXPECT_GT(sized, 100);
}

/// Whether `value` thousandths, as a share, is within one of a whole number of cells.
bool on_cell(double share, int64_t cells) {
  const double place = share * static_cast<double>(cells);
  return std::abs(place - std::round(place)) <= 0.001 * static_cast<double>(cells) + 1e-9;
}

WorldOptions on_lattice(int64_t cells) {
  return {.max_count = 5,
          .occlusion = 0,
          .sizes = 0,
          .charts = 0,
          .grids = 0,
          .signs = {"word", "syllables"},
          .lattice = cells};
}

class WorldOnALattice : public testing::TestWithParam<int64_t> {};

INSTANTIATE_TEST_SUITE_P(Cells, WorldOnALattice, testing::Values(4, 5, 10));

TEST_P(WorldOnALattice, ThingsFillCellsAndLettersQuarters) {
  const int64_t cells = GetParam();
  const World world(on_lattice(cells), catalogue());
  int64_t letters = 0;
  for (const Focus focus : {Focus::kColor, Focus::kCount, Focus::kSpatial, Focus::kScene, Focus::kText}) {
    const auto check = [&](const Scene& scene) {
      std::set<std::pair<int64_t, int64_t>> taken;
      for (const ObjectGroup& group : scene.groups) {
        for (const Placement& place : group.places) {
          const Extent box = extent(place);
          EXPECT_TRUE(taken.emplace(std::llround(place.x * 1000), std::llround(place.y * 1000)).second);
          EXPECT_DOUBLE_EQ(place.side, 1.0 / static_cast<double>(cells));
          EXPECT_TRUE(on_cell(box.left, cells) && on_cell(box.top, cells)) << box.left << " " << box.top;
          EXPECT_EQ(place.turn, 0);
          EXPECT_FALSE(place.mirrored);
        }
      }
      EXPECT_LE(scene.signs.size(), 1u);
      for (const Sign& sign : scene.signs) {
        const Extent box = extent(sign);
        const int64_t halves = 2 * cells;
        const double half = 1.0 / static_cast<double>(halves);
        const double margin = kSpacedMargin / 2 * half;
        EXPECT_TRUE(sign.spaced);
        EXPECT_TRUE(on_cell(box.left + margin, halves) && on_cell(box.top + margin, halves)) << sign.text;
        EXPECT_NEAR(box.right - box.left, (static_cast<double>(sign.text.size()) + kSpacedMargin) * half, 2e-3);
        letters += static_cast<int64_t>(sign.text.size());
      }
    };
    for_scenes(focus, 200, check, world);
  }
  EXPECT_GT(letters, 600);
}

TEST(World, PlacesOnALatticeAreEven) {
  for (const int64_t cells : {4, 5, 10}) {
    const World world(on_lattice(cells), catalogue());
    std::map<std::string_view, int64_t> relations;
    std::map<std::string_view, int64_t> regions;
    const auto count = [&](const Scene& scene) {
      if (scene.groups.size() != 2) return;
      ++relations[relation(extent(scene.groups[0]), extent(scene.groups[1]))];
      ++regions[region(extent(scene.groups[0]))];
    };
    for_scenes(Focus::kSpatial, 3000, count, world);
    relations.erase("");
    regions.erase("");
    EXPECT_EQ(relations.size(), 4U) << cells;
    EXPECT_EQ(regions.size(), 9U) << cells;
    EXPECT_LT(unevenness(relations), 3.5) << testing::PrintToString(relations);
    // A pair has more room in the middle.
    const auto [rarest, commonest] = std::ranges::minmax(std::views::values(regions));
    EXPECT_LT(commonest, 4 * rarest) << testing::PrintToString(regions);
  }
}

TEST(World, RefusesWhatDoesNotFitALattice) {
  const auto refusal = [](const std::function<void(WorldOptions&)>& edit) {
    WorldOptions options = on_lattice(4);
    edit(options);
    return error_of([&] { World(options, catalogue()); });
  };
  for (const int64_t cells : {-1, 1, 2, 7, 20}) {
    EXPECT_THAT(refusal([=](auto& options) { options.lattice = cells; }), HasSubstr("4, 5 or 10"));
  }
  EXPECT_THAT(refusal([](auto& options) { options.sizes = 0.3; }), HasSubstr("say `sizes: 0`"));
  EXPECT_THAT(refusal([](auto& options) { options.occlusion = 0.1; }), HasSubstr("say `occlusion: 0`"));
  EXPECT_THAT(refusal([](auto& options) { options.sign_scale = 2; }), HasSubstr("sign_scale"));
  EXPECT_THAT(refusal([](auto& options) { options.signs.clear(); }), HasSubstr("all forms"));
  EXPECT_THAT(refusal([](auto& options) { options.signs = {"word", "notice"}; }), HasSubstr("word, notice"));
  EXPECT_THAT(refusal([](auto& options) { options.max_count = 9; }), HasSubstr("cells, 8"));
}

TEST(World, SignsAreLegible) {
  std::map<std::string, int64_t> texts;
  for_scenes(Focus::kText, 1500, [&](const Scene& scene) {
    EXPECT_NE(scene.signs.empty(), !scene.chart);
    for (const Sign& sign : scene.signs) {
      ++texts[sign.text];
      EXPECT_NE(sign.ink, sign.paper);
      EXPECT_TRUE(scene.backdrop.empty() || clearly_different(sign.paper, scene.backdrop));
      EXPECT_LE(sign_line(sign).size(), 24U);
      EXPECT_GE(sign.place.side, 0.16);
    }
    if (scene.signs.size() == 2) {
      EXPECT_NE(scene.signs[0].surface, scene.signs[1].surface);
      EXPECT_NE(scene.signs[0].text, scene.signs[1].text);
    }
  });
  EXPECT_GT(texts.size(), 400U);
}

TEST(World, ChartsHaveValuesThatCanBeRead) {
  const World world({.charts = 1}, catalogue());
  for_scenes(
      Focus::kAny, 500,
      [](const Scene& scene) {
        ASSERT_TRUE(scene.chart);
        int64_t sum = 0;
        for (size_t i = 0; i < scene.chart->values.size(); ++i) {
          sum += scene.chart->values[i];
          EXPECT_GE(scene.chart->values[i], 1);
          EXPECT_EQ(std::ranges::count(scene.chart->values, scene.chart->values[i]), 1);
          EXPECT_EQ(std::ranges::count(scene.chart->colors, scene.chart->colors[i]), 1);
          EXPECT_TRUE(clearly_different(scene.chart->colors[i], scene.backdrop));
        }
        EXPECT_TRUE(scene.chart->form == "bar" || sum == 100);
      },
      world);
}

TEST(World, GridsHaveCellsThatCanBeTold) {
  const World world({.charts = 0, .grids = 1}, catalogue());
  int64_t empty = 0;
  for_scenes(
      Focus::kAny, 500,
      [&](const Scene& scene) {
        ASSERT_TRUE(scene.grid);
        ASSERT_EQ(scene.grid->cells.size(), static_cast<size_t>(scene.grid->rows * scene.grid->columns));
        int64_t filled = 0;
        for (const Grid::Cell& cell : scene.grid->cells) {
          empty += cell.look.empty();
          if (cell.look.empty()) continue;
          ++filled;
          EXPECT_TRUE(clearly_different(cell.color, scene.backdrop));
          EXPECT_TRUE(catalogue()->find(cell.look).takes_color);
        }
        EXPECT_GT(filled, 0);
      },
      world);
  EXPECT_GT(empty, 100);
}

TEST(World, EqualSeedsGiveEqualScenesAndTexts) {
  for (const Focus focus : kAllFocuses) {
    const auto all_of = [focus](const World& world) {
      RandomSource random(7, 11);
      const Scene scene = world.scene(focus, random);
      return std::vector<std::string>{scene_to_json(scene).dump(), world.caption(scene, focus, random),
                                      world.description(scene, focus, random),
                                      scene_to_json(world.variation(scene, random)).dump()};
    };
    EXPECT_EQ(all_of(plain_world()), all_of(World({}, catalogue())));
  }
}

TEST(World, ScenesComeBackFromJson) {
  for_scenes(Focus::kAny, 300, [](const Scene& scene) {
    const auto json = nlohmann::json::parse(scene_to_json(scene).dump());
    EXPECT_EQ(scene_to_json(scene_from_json(json, "scene")), scene_to_json(scene));
  });
}

TEST(World, TakesOnlyTheSettingsThatAreAskedFor) {
  const World world({.settings = {"beach", "cave"}}, catalogue());
  for (const Focus focus : {Focus::kColor, Focus::kScene, Focus::kCount}) {
    for_scenes(
        focus, 200,
        [](const Scene& scene) { EXPECT_TRUE(scene.setting == "beach" || scene.setting == "cave") << scene.setting; },
        world);
  }
}

TEST(World, SaysWhatWouldLeaveRoomForAScene) {
  const auto refusal = [](const WorldOptions& options) {
    return error_of([&] {
      RandomSource random(1);
      World(options, catalogue()).scene(Focus::kColor, random);
    });
  };
  EXPECT_THAT(refusal({.compositions = "held_out", .held_out_compositions = 1e-9}),
              HasSubstr("raise held_out_compositions"));
}

TEST(World, ManyGroupsStandTogetherInTrainingCompositions) {
  const WorldOptions options{.max_count = 2,
                             .max_groups = 8,
                             .occlusion = 0,
                             .sizes = 0,
                             .signs = {"word"},
                             .lattice = 4,
                             .compositions = "train"};
  const World world(options, catalogue());
  RandomSource random(5);
  int64_t many = 0;
  for (int i = 0; i < 100; ++i) {
    if (world.scene(Focus::kSpatial, random).groups.size() >= 6) ++many;
  }
  EXPECT_GT(many, 25) << "three in seven of the numbers from 2 to 8; were scenes with a held-out pair only thrown away, "
                         "one in eleven";
}

TEST(World, RefusesOptionsThatMakeNoSense) {
  const auto refusal = [](const WorldOptions& options) {
    try {
      const World world(options, catalogue());
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(refusal({.max_count = 1}), HasSubstr("max_count"));
  EXPECT_THAT(refusal({.max_groups = 9}), HasSubstr("a number from 1 to 8"));
  EXPECT_THAT(refusal({.settings = {"beach", "moon"}}), HasSubstr("moon"));
  EXPECT_THAT(refusal({.occlusion = 1.5}), HasSubstr("occlusion"));
  EXPECT_THAT(refusal({.sizes = NAN}), HasSubstr("sizes"));
  EXPECT_EQ(refusal({}), "");
  EXPECT_THROW(World({}, Catalogue::open({.objects = {"clipart"}})), Error) << "nothing takes a color";
  EXPECT_EQ(focus_from_name("spatial"), Focus::kSpatial);
  EXPECT_THROW(focus_from_name("colour"), Error);
}

}  // namespace
}  // namespace fusion
