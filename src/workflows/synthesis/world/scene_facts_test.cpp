#include "workflows/synthesis/world/scene_facts.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "foundation/core/error.h"
#include "workflows/synthesis/items/palette.h"

namespace fusion {
namespace {

using testing::HasSubstr;

ObjectGroup group(std::vector<Placement> places, std::string noun = "owl", std::string color = "") {
  return {.look = "x",
          .noun = noun,
          .nouns = noun + "s",
          .category = {},
          .color = std::move(color),
          .size = {},
          .places = std::move(places)};
}

Extent at(double x, double y, double side = 0.1) {
  return extent(Placement{.x = x, .y = y, .side = side});
}

TEST(Settings, AreSortedAndLeaveColorsToTheThings) {
  EXPECT_GE(settings().size(), 20U);
  EXPECT_TRUE(std::ranges::is_sorted(settings(), {}, &SettingFacts::id));
  for (const SettingFacts& facts : settings()) {
    std::set<std::string_view> colors;
    for (const auto color : facts.colors) colors.insert(palette_color(color).name);
    EXPECT_LE(colors.size() + 4, palette().size()) << facts.id;
    EXPECT_TRUE(facts.place.ends_with(facts.name) || facts.id == "underwater") << facts.place;
    EXPECT_EQ(facts.bare, facts.features.empty()) << facts.id;
  }
}

TEST(Settings, NameTheOneThatAWrongIdResembles) {
  try {
    setting_facts("beech");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean beach?"));
  }
}

TEST(SceneFacts, TellARelationOnlyWhereItIsClear) {
  EXPECT_EQ(relation(at(0.2, 0.5), at(0.8, 0.5)), "left");
  EXPECT_EQ(relation(at(0.8, 0.5), at(0.2, 0.5)), "right");
  EXPECT_EQ(relation(at(0.5, 0.2), at(0.5, 0.8)), "above");
  EXPECT_EQ(relation(at(0.5, 0.8), at(0.5, 0.2)), "below");
  EXPECT_EQ(relation(at(0.2, 0.2), at(0.8, 0.8)), "") << "left and above";
  EXPECT_EQ(relation(at(0.5, 0.5), at(0.6, 0.5)), "") << "too near";
  EXPECT_EQ(relation(at(0.4, 0.5, 0.3), at(0.6, 0.5, 0.3)), "") << "they overlap";
  EXPECT_EQ(horizontal_relation(at(0.2, 0.2), at(0.8, 0.8)), "left");
  EXPECT_EQ(vertical_relation(at(0.2, 0.2), at(0.8, 0.8)), "above");
}

TEST(SceneFacts, TellTheRelationOfGroupsByAllTheirThings) {
  const auto left = extent(group({{.x = 0.1, .y = 0.4, .side = 0.1}, {.x = 0.3, .y = 0.6, .side = 0.1}}));
  EXPECT_EQ(horizontal_relation(left, at(0.7, 0.5)), "left");
  EXPECT_EQ(horizontal_relation(left, at(0.2, 0.5)), "");
  EXPECT_EQ(horizontal_relation(at(0.7, 0.5), left), "right");
}

TEST(SceneFacts, TellARegionOnlyAwayFromBorders) {
  EXPECT_EQ(region(at(0.1, 0.1)), "top left");
  EXPECT_EQ(region(at(0.5, 0.1)), "top");
  EXPECT_EQ(region(at(0.9, 0.9)), "bottom right");
  EXPECT_EQ(region(at(0.5, 0.5)), "center");
  EXPECT_EQ(region(at(0.9, 0.5)), "right");
  EXPECT_EQ(region(at(0.33, 0.5)), "");
  EXPECT_EQ(region(extent(group({{.x = 0.1, .y = 0.1}, {.x = 0.9, .y = 0.1}}))), "");
  EXPECT_EQ(half(at(0.4, 0.5)), "left");
  EXPECT_EQ(half(at(0.47, 0.5)), "");
  EXPECT_EQ(half(at(0.7, 0.5)), "right");
  EXPECT_EQ(vertical_half(at(0.5, 0.9)), "lower");
  EXPECT_EQ(region_words("top left"), "in the top left corner");
  EXPECT_EQ(opposite("top left"), "bottom right");
  EXPECT_EQ(opposite("above"), "below");
  EXPECT_EQ(opposite("center"), "");
}

TEST(SceneFacts, CountByNounAndColor) {
  Scene scene;
  scene.groups = {group({{}, {}}, "owl", "red"), group({{}}, "owl", "blue"), group({{}, {}, {}}, "cat", "red")};
  EXPECT_EQ(total(scene), 6);
  EXPECT_EQ(count_noun(scene, "owl"), 3);
  EXPECT_EQ(count_color(scene, "red"), 5);
  EXPECT_EQ(groups_of(scene, "owl").size(), 2U);
  EXPECT_EQ(count_noun(scene, "dog"), 0);
}

TEST(SceneFacts, ColorsAreDifferentThatNoShadowMakesAlike) {
  EXPECT_FALSE(clearly_different("orange", "orange"));
  EXPECT_FALSE(clearly_different("yellow", "orange"));
  EXPECT_TRUE(clearly_different("blue", "orange"));
}

TEST(SceneFacts, SignsWithMoreLinesAreTaller) {
  Sign sign{.surface = "sign", .text = "NO", .ink = "black", .paper = "white", .place = {.side = 0.4}};
  const double one = sign_aspect(sign);
  sign.text = "NO\nPARKING";
  EXPECT_GT(sign_aspect(sign), one);
  EXPECT_EQ(sign_line(sign), "NO PARKING");
  EXPECT_NEAR(extent(sign).bottom - extent(sign).top, 0.4 * sign_aspect(sign), 1e-9);
}

TEST(Phrases, ArticlesFollowTheSound) {
  EXPECT_EQ(article("owl"), "an");
  EXPECT_EQ(article("balloon"), "a");
  EXPECT_EQ(article("unicorn"), "a");
  EXPECT_EQ(article("umbrella"), "an");
  EXPECT_EQ(article("hourglass"), "an");
  EXPECT_EQ(article("one"), "a");
  EXPECT_EQ(article(""), "a");
}

TEST(Phrases, NameGroupsAsAPersonWould) {
  ObjectGroup owls = group({{}, {}, {}}, "owl", "red");
  owls.size = "small";
  EXPECT_EQ(noun_phrase(owls), "three small red owls");
  EXPECT_EQ(noun_phrase(owls, {.count = false, .size = false, .color = true}), "red owls");
  EXPECT_EQ(the_phrase(owls), "the small red owls");
  EXPECT_EQ(noun_phrase(group({{}})), "an owl");
  EXPECT_EQ(noun_phrase(group({{}}, "owl", "orange")), "an orange owl");
  ObjectGroup scissors = group({{}}, "scissors");
  scissors.nouns = "scissors";
  EXPECT_EQ(noun_phrase(scissors), "a pair of scissors");
  EXPECT_EQ(with_article("scissors", "scissors"), "a pair of scissors");
  scissors.places.resize(2);
  EXPECT_EQ(noun_phrase(scissors), "two pairs of scissors");
  ObjectGroup sheep = group({{}, {}}, "sheep");
  sheep.nouns = "sheep";
  EXPECT_EQ(noun_phrase(sheep), "two sheep");
}

TEST(Phrases, NumbersAndLists) {
  EXPECT_EQ(number_word(0), "zero");
  EXPECT_EQ(number_word(20), "twenty");
  EXPECT_EQ(number_word(21), "21");
  EXPECT_EQ(number_word(-1), "-1");
  EXPECT_EQ(list_phrase({}), "");
  EXPECT_EQ(list_phrase({"a"}), "a");
  EXPECT_EQ(list_phrase({"a", "b", "c"}), "a, b and c");
  EXPECT_EQ(capitalized("an owl"), "An owl");
}

}  // namespace
}  // namespace fusion
