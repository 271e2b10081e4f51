// What a setting is drawn with, by the family or a word of its name, is never denied. Scenes by hand, in a world with
// few things, so that each comes up often.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "workflows/synthesis/grammar/query.h"

namespace fusion {
namespace {

using testing::EndsWith;
using testing::Not;

/// Trees of three names, and things that no forest has.
const World& wooded_world() {
  static const World kWorld({.settings = {"forest", "plain"}},
                            Catalogue::open({.objects = {"drawings", "clipart"},
                                             .part = "held_out",
                                             .hold_out = 0,
                                             .hold_out_nouns = {"tree", "pine tree", "palm tree", "dog", "cow", "cat",
                                                                "bear", "bee", "car", "cup", "hat", "key"}}));
  return kWorld;
}

ObjectGroup group_named(const std::string& noun, size_t count) {
  const Thing& thing = *wooded_world().catalogue().thing(noun);
  return {.look = {},
          .noun = noun,
          .nouns = thing.nouns,
          .category = thing.category,
          .color = {},
          .size = {},
          .places = std::vector<Placement>(count)};
}

Scene scene_of(const std::string& setting, std::vector<ObjectGroup> groups) {
  Scene scene;
  scene.setting = setting;
  scene.groups = std::move(groups);
  return scene;
}

/// A hundred answers to a query about the scenes.
std::vector<Asked> ask_often(std::string_view query, const std::vector<Scene>& scenes) {
  static const SettingShares kShares(wooded_world());
  const std::vector<std::string> descriptions(scenes.size());
  const std::set<std::string> told;
  std::vector<Asked> all;
  for (uint64_t i = 0; i < 100; ++i) {
    RandomSource random(i);
    const QueryContext context{.scenes = scenes,
                               .descriptions = descriptions,
                               .world = wooded_world(),
                               .focus = Focus::kAny,
                               .shares = kShares,
                               .told = told,
                               .random = random};
    if (auto asked = find_query(query, "test").ask(context)) all.push_back(std::move(*asked));
  }
  return all;
}

TEST(SettingTruth, NothingIsAbsentThatTheSettingShows) {
  const Scene forest = scene_of("forest", {group_named("dog", 1)});
  int64_t denied = 0;
  for (const Asked& asked : ask_often("exists", {forest})) {
    if (asked.truth != "no") continue;
    EXPECT_THAT(asked.about, Not(EndsWith("tree")));
    ++denied;
  }
  EXPECT_GT(denied, 20);
}

TEST(SettingTruth, NoWrongOptionIsInTheSetting) {
  const Scene forest = scene_of("forest", {group_named("dog", 3), group_named("cow", 1)});
  const std::vector<Asked> all = ask_often("most_numerous", {forest});
  EXPECT_EQ(all.size(), 100U);
  for (const Asked& asked : all) {
    EXPECT_GT(asked.wrong.size(), 2U);
    EXPECT_THAT(asked.wrong, testing::Each(Not(EndsWith("trees"))));
  }
}

TEST(SettingTruth, OnlyOnePictureShowsWhatSetsItApart) {
  const Scene plain = scene_of("plain", {group_named("pine tree", 1)});
  const Scene forest = scene_of("forest", {group_named("dog", 1)});
  for (const char* query : {"which_shows", "new_thing"}) {
    const std::vector<Asked> all = ask_often(query, {plain, forest});
    EXPECT_GT(all.size(), 20U) << query;
    for (const Asked& asked : all) EXPECT_EQ(asked.about, "dog") << query;
  }
}

}  // namespace
}  // namespace fusion
