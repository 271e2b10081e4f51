#include "workflows/synthesis/world/variation.h"

#include <gmock/gmock.h>

#include <map>

#include "workflows/synthesis/world/overlaps.h"
#include "workflows/synthesis/world/scene_facts.h"
#include "workflows/synthesis/world/world.h"

namespace fusion {
namespace {

const World& pair_world() {
  static const World kWorld({}, Catalogue::open());
  return kWorld;
}

/// Sets what changed back to what it was, after checking that it says so.
void undo(const Change& change, const Scene& before, Scene& after) {
  const size_t i = change.index;
  EXPECT_NE(change.before, change.after) << change.what;
  if (change.what == "setting") {
    EXPECT_EQ(change.before, setting_facts(before.setting).noun);
    EXPECT_EQ(change.after, setting_facts(after.setting).noun);
    after.setting = before.setting;
    after.backdrop = before.backdrop;
  } else if (change.what == "backdrop") {
    EXPECT_EQ(change.before, before.backdrop);
    after.backdrop = before.backdrop;
  } else if (change.what == "text") {
    EXPECT_EQ(change.after, sign_line(after.signs.at(i)));
    after.signs[i].text = before.signs.at(i).text;
  } else if (change.what == "value") {
    EXPECT_EQ(change.noun, before.chart->labels.at(i));
    EXPECT_EQ(change.after, std::to_string(after.chart->values.at(i)));
    after.chart->values[i] = before.chart->values[i];
  } else if (change.what == "cell") {
    EXPECT_EQ(change.after, after.grid->cells.at(i).color);
    after.grid->cells[i].color = before.grid->cells[i].color;
  } else {
    const ObjectGroup& old_group = before.groups.at(i);
    const ObjectGroup& group = after.groups.at(i);
    EXPECT_THAT(change.noun, testing::AnyOf(old_group.noun, old_group.color + " " + old_group.noun));
    const std::map<std::string, std::string> now = {{"color", group.color},
                                                    {"count", std::to_string(group.count())},
                                                    {"object", group.noun},
                                                    {"side", std::string(half(extent(group)))}};
    EXPECT_EQ(change.after, now.at(change.what));
    after.groups[i] = old_group;
  }
}

TEST(Variation, DiffersInWhatItSaysAndInNothingElse) {
  std::map<std::string, int64_t> seen;
  int64_t twice = 0;
  for (uint64_t i = 0; i < 3000; ++i) {
    RandomSource random(i);
    const Scene scene = pair_world().scene(Focus::kAny, random);
    const Variation variation = pair_world().variation(scene, random);
    ASSERT_FALSE(variation.changes.empty()) << scene_to_json(scene).dump();
    EXPECT_NE(scene_to_json(variation.scene), scene_to_json(scene));
    Scene undone = variation.scene;
    for (const Change& change : variation.changes) {
      ++seen[change.what];
      undo(change, scene, undone);
    }
    twice += variation.changes.size() == 2;
    ASSERT_EQ(scene_to_json(undone), scene_to_json(scene)) << variation.changes[0].what;
  }
  EXPECT_EQ(seen.size(), 9U) << testing::PrintToString(seen);
  for (const auto& [what, count] : seen) EXPECT_GT(count, 40) << what;
  EXPECT_GT(twice, 500);
}

TEST(Variation, IsAsClearAsAnyScene) {
  for (uint64_t i = 0; i < 2000; ++i) {
    RandomSource random(i);
    const Scene scene = pair_world().scene(Focus::kAny, random);
    const Scene other = pair_world().variation(scene, random).scene;
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

TEST(Variation, SaysNothingWhereNothingCanChange) {
  const World cave({.settings = {"cave"}}, Catalogue::open());
  Scene empty;
  empty.setting = "cave";
  RandomSource random(1);
  EXPECT_TRUE(cave.variation(empty, random).changes.empty());
}

}  // namespace
}  // namespace fusion
