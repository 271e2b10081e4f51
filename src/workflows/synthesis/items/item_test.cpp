#include "workflows/synthesis/items/item.h"

#include <gmock/gmock.h>

#include "foundation/core/error.h"

namespace fusion {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Scene full_scene() {
  Scene scene;
  scene.setting = "plain";
  scene.backdrop = "white";
  ObjectGroup group{.look = "shape/star",
                    .noun = "star",
                    .nouns = "stars",
                    .category = "shape",
                    .color = "red",
                    .size = "small",
                    .places = {}};
  group.places = {{.x = 0.125, .y = 0.25, .side = 0.1},
                  {.x = 0.5, .y = 0.5, .side = 0.1, .turn = -7, .mirrored = true}};
  scene.groups = {group};
  scene.signs = {
      {.surface = "sign", .text = "OPEN\n\"9:30\"", .ink = "white", .paper = "green", .place = {.x = 0.5, .y = 0.9}},
      {.surface = "board", .text = "GO", .ink = "red", .paper = "white", .place = {.side = 0.4}, .spaced = true}};
  scene.chart = Chart{.form = "pie",
                      .title = "Votes",
                      .labels = {"Ann", "Bob"},
                      .values = {40, 60},
                      .colors = {"red", "blue"},
                      .place = {}};
  scene.grid = Grid{.rows = 1, .columns = 2, .cells = {{}, {"shape/star", "star", "blue"}}, .place = {}};
  scene.look_seed = 0xfedcba9876543210;
  return scene;
}

Item full_item() {
  Item item;
  item.id = 7;
  item.kinds = {"Color", "Count"};
  item.caption = "Two stars.";
  item.source = "world";
  item.descriptions = {"There are two stars."};
  item.scenes = {full_scene()};
  item.source_picture = "a.jpg";
  item.picture = "images/000/7.jpg";
  item.width = 384;
  item.height = 256;
  item.picture_hash = ~uint64_t{0};
  item.picture_contrast = 41.5;
  item.agreement = 0;
  Conversation conversation{.kind = "Color", .rounds = {}, .dropped_by = "leak", .drop_reason = "says it"};
  conversation.rounds = {{.question = "Color?",
                          .answer = "Red.",
                          .options = {"red", "blue"},
                          .query = "color",
                          .truth = "red",
                          .about = "star"}};
  item.conversations = {conversation};
  item.dropped_by = "blank";
  item.drop_reason = "contrast 0";
  return item;
}

std::string refusal_of_scene(const json& value) {
  try {
    scene_from_json(value, "row 3");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Item, ComesBackFromItsJson) {
  const auto written = item_to_json(full_item());
  const Item item = item_from_json(json::parse(written.dump()), 7, "row 7");
  EXPECT_EQ(item_to_json(item), written);
  EXPECT_EQ(item.id, 7);
  EXPECT_EQ(item.scenes[0].look_seed, 0xfedcba9876543210);
  EXPECT_EQ(item.picture_hash, ~uint64_t{0});
  EXPECT_EQ(item.agreement, 0);
  EXPECT_EQ(item.scenes[0].groups[0].places[1].turn, -7);
  EXPECT_TRUE(item.scenes[0].groups[0].places[1].mirrored);
  EXPECT_EQ(item.scenes[0].signs[0].text, "OPEN\n\"9:30\"");
}

TEST(Item, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(item_to_json(Item{}).dump(), "{}");
  EXPECT_EQ(item_to_json(item_from_json(json::object(), 1, "row")).dump(), "{}");
}

TEST(Item, RefusesAnUnknownKeyAndAnotherType) {
  const auto refused = [](const json& value) {
    try {
      item_from_json(value, 1, "row 1");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(refused({{"captoin", "x"}}), HasSubstr("caption"));
  EXPECT_THAT(refused({{"width", "x"}}), HasSubstr("row 1: key 'width'"));
  EXPECT_THAT(refused({{"scenes", 3}}), HasSubstr("expected a list"));
  EXPECT_THAT(refused({{"picture_hash", "12g"}}), HasSubstr("hexadecimal"));
  EXPECT_THAT(refused({{"conversations", {{{"kind", "A"}, {"rounds", {{{"question", "q"}}}}}}}}),
              HasSubstr("'answer'"));
  EXPECT_THAT(refused(json::array()), HasSubstr("a JSON object"));
}

TEST(Scene, RefusesWhatCouldNotBeDrawn) {
  const json good = json::parse(scene_to_json(full_scene()).dump());
  ASSERT_EQ(refusal_of_scene(good), "");
  const auto changed = [&good](const char* pointer, const json& value) {
    json bad = good;
    bad[json::json_pointer(pointer)] = value;
    return refusal_of_scene(bad);
  };
  EXPECT_THAT(changed("/setting", 3), HasSubstr("'setting'"));
  EXPECT_THAT(changed("/groups/0/color", "rde"), HasSubstr("did you mean red?"));
  EXPECT_THAT(changed("/groups/0/places/1/x", 1e9), HasSubstr("a number from 0 to 1"));
  EXPECT_THAT(changed("/groups/0/places/0/side", 0), HasSubstr("side"));
  EXPECT_THAT(changed("/groups/0/places/0/z", 0), HasSubstr("z"));
  EXPECT_THAT(changed("/signs/0/ink", ""), HasSubstr("palette"));
  EXPECT_THAT(changed("/chart/form", "line"), HasSubstr("bar or pie"));
  EXPECT_THAT(changed("/chart/values", json::array({1})), HasSubstr("2, 1 and 2"));
  EXPECT_THAT(changed("/grid/rows", int64_t{1} << 40), HasSubstr("an integer from 1 to 64"));
  EXPECT_THAT(changed("/grid/rows", 2), HasSubstr("4 of them"));
  EXPECT_THAT(changed("/look_seed", 5), HasSubstr("look_seed"));
  EXPECT_THAT(changed("/look_seed", "11112222333344445"), HasSubstr("hexadecimal"));
}

TEST(Usage, AddsUp) {
  Usage sum{.calls = 1, .retries = 2, .input_tokens = 3, .output_tokens = 4, .pictures = 5, .seconds = 0.5, .cost = 1};
  sum += sum;
  EXPECT_EQ(sum.calls, 2);
  EXPECT_EQ(sum.retries, 4);
  EXPECT_EQ(sum.input_tokens, 6);
  EXPECT_EQ(sum.output_tokens, 8);
  EXPECT_EQ(sum.pictures, 10);
  EXPECT_EQ(sum.seconds, 1);
  EXPECT_EQ(sum.cost, 2);
}

}  // namespace
}  // namespace fusion
