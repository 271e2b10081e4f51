#include "workflows/synthesis/world/variation.h"

#include <gmock/gmock.h>

#include <map>

#include "workflows/synthesis/world/overlaps.h"
#include "workflows/synthesis/world/scene_facts.h"
#include "workflows/synthesis/world/test_support.h"
#include "workflows/synthesis/world/world.h"

namespace fusion {
namespace {

const World& pair_world() {
  static const World kWorld({}, Catalogue::open());
  return kWorld;
}

/// What differs between two groups; a change of one thing at a time leaves the rest as it was.
std::string change_of(const ObjectGroup& before, const ObjectGroup& after) {
  if (before.noun != after.noun) return before.color == after.color ? "object" : "object and color";
  if (before.color != after.color) return before.count() == after.count() ? "color" : "color and count";
  if (before.count() != after.count()) return "count";
  if (half(extent(before)) == half(extent(after))) return "";
  return half(extent(after)) == opposite(half(extent(before))) ? "side" : "place";
}

/// All that differs, sorted by what it is.
std::map<std::string, int64_t> changes_of(const Scene& before, const Scene& after) {
  std::map<std::string, int64_t> changes;
  EXPECT_EQ(before.groups.size(), after.groups.size());
  for (size_t i = 0; i < before.groups.size(); ++i) ++changes[change_of(before.groups[i], after.groups.at(i))];
  if (before.setting != after.setting) {
    ++changes["setting"];
  } else if (before.backdrop != after.backdrop) {
    ++changes["backdrop"];
  }
  for (size_t i = 0; i < before.signs.size(); ++i) {
    if (before.signs[i].text != after.signs.at(i).text) ++changes["text"];
  }
  if (before.chart && before.chart->values != after.chart.value().values) ++changes["chart"];
  if (before.grid) {
    for (size_t i = 0; i < before.grid->cells.size(); ++i) {
      EXPECT_EQ(before.grid->cells[i].noun, after.grid.value().cells.at(i).noun);
      if (before.grid->cells[i].color != after.grid->cells.at(i).color) ++changes["cell"];
    }
  }
  changes.erase("");
  return changes;
}

TEST(Variation, DiffersInOneThingOrTwo) {
  std::map<std::string, int64_t> seen;
  int64_t twice = 0;
  for (uint64_t i = 0; i < 3000; ++i) {
    RandomSource random(i);
    const Scene scene = pair_world().scene(Focus::kAny, random);
    const Scene other = pair_world().variation(scene, random);
    ASSERT_NE(scene_to_json(other), scene_to_json(scene));
    int64_t total = 0;
    for (const auto& [what, count] : changes_of(scene, other)) {
      seen[what] += count;
      total += count;
    }
    ASSERT_TRUE(total == 1 || total == 2) << scene_to_json(scene).dump() << scene_to_json(other).dump();
    twice += total == 2;
  }
  EXPECT_EQ(seen.size(), 9U) << testing::PrintToString(seen);
  for (const auto& [what, count] : seen) EXPECT_GT(count, 40) << what;
  EXPECT_GT(twice, 400);
}

TEST(Variation, IsAsClearAsAnyScene) {
  for (uint64_t i = 0; i < 2000; ++i) {
    RandomSource random(i);
    const Scene scene = pair_world().scene(Focus::kAny, random);
    const Scene other = pair_world().variation(scene, random);
    EXPECT_LE(covered(other).pairs, covered(scene).pairs);
    for (size_t g = 0; g < other.groups.size(); ++g) {
      const ObjectGroup& group = other.groups[g];
      const Extent where = extent(group);
      EXPECT_TRUE(where.left > 0 && where.right < 1 && where.top > 0 && where.bottom < 1);
      EXPECT_TRUE(stands_out(group.color, other)) << group.color << " in " << other.setting << other.backdrop;
      for (size_t h = 0; h < g; ++h) {
        EXPECT_TRUE(group.color.empty() || group.color != other.groups[h].color) << group.color;
      }
      for (const auto shown : setting_facts(other.setting).shows) EXPECT_NE(group.noun, shown);
    }
  }
}

TEST(Variation, PutsNoBoardBeforeABoard) {
  const World world({.settings = {"cave", "classroom"}}, Catalogue::open());
  const auto settings_behind = [&](const std::string& surface) {
    Scene scene;
    scene.setting = "cave";
    scene.signs = {{.surface = surface, .text = "OPEN", .ink = "black", .paper = "white", .place = {}}};
    std::map<std::string, int64_t> settings;
    for (uint64_t i = 0; i < 50; ++i) {
      RandomSource random(i);
      ++settings[world.variation(scene, random).setting];
    }
    return settings;
  };
  EXPECT_EQ(settings_behind("board").count("classroom"), 0U);
  EXPECT_GT(settings_behind("banner")["classroom"], 5);
}

TEST(Variation, IsTheSameSceneWhereNothingCanChange) {
  const World cave({.settings = {"cave"}}, Catalogue::open());
  Scene empty;
  empty.setting = "cave";
  RandomSource random(1);
  EXPECT_EQ(scene_to_json(cave.variation(empty, random)), scene_to_json(empty));
}

}  // namespace
}  // namespace fusion
