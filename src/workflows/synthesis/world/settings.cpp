#include "workflows/synthesis/world/settings.h"

#include <array>
#include <string>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

template <class... Words>
constexpr std::array<std::string_view, sizeof...(Words)> words(Words... each) {
  return {std::string_view(each)...};
}

constexpr std::span<const std::string_view> kNothing;

constexpr auto kBeachColors = words("blue", "yellow", "orange", "brown", "white");
constexpr auto kBeachShows =
    words("sun", "cloud", "sea", "ocean", "wave", "beach", "sand", "palm tree", "palm", "circle");
constexpr auto kCaveColors = words("black", "gray", "brown");
constexpr auto kCaveShows = words("rock", "stone", "cave", "triangle");
constexpr auto kClassroomColors = words("green", "brown", "white");
constexpr auto kClassroomShows = words("blackboard", "chalkboard", "board", "desk", "table", "window", "school");
constexpr auto kDesertColors = words("blue", "yellow", "orange", "brown");
constexpr auto kDesertShows = words("sun", "cactus", "sand", "desert", "dune", "circle");
constexpr auto kFarmColors = words("green", "red", "blue", "brown", "yellow");
constexpr auto kFarmShows =
    words("barn", "farm", "fence", "house", "sun", "cloud", "field", "tractor", "crop", "circle", "cross");
constexpr auto kForestColors = words("green", "brown");
constexpr auto kForestShows = words("tree", "leaf", "forest", "pine", "bush", "fir", "grass", "triangle");
constexpr auto kGardenColors = words("green", "blue", "pink", "red", "yellow");
constexpr auto kGardenShows =
    words("flower", "rose", "tulip", "bush", "tree", "leaf", "garden", "fence", "grass", "circle");
constexpr auto kGradientColors = words("white", "gray");
constexpr auto kHarborColors = words("blue", "gray", "white", "brown");
constexpr auto kHarborShows = words("boat", "ship", "sailboat", "sea", "harbor", "anchor", "cloud", "crane", "mast");
constexpr auto kKitchenColors = words("white", "gray", "brown");
constexpr auto kKitchenShows =
    words("kitchen", "oven", "stove", "cupboard", "window", "tap", "refrigerator", "sink", "circle");
constexpr auto kLibraryColors = words("red", "green", "blue", "brown");
constexpr auto kLibraryShows = words("book", "stack", "bible", "cookbook", "shelf", "bookshelf", "library");
constexpr auto kLivingRoomColors = words("brown", "gray", "white", "orange");
constexpr auto kLivingRoomShows =
    words("sofa", "couch", "lamp", "picture", "rug", "carpet", "window", "curtain", "oval");
constexpr auto kMountainColors = words("gray", "white", "blue", "green", "purple");
constexpr auto kMountainShows = words("mountain", "hill", "cloud", "triangle", "volcano", "snow");
constexpr auto kNightStreetColors = words("black", "blue", "gray", "yellow", "purple", "brown");
constexpr auto kNightStreetShows = words("house", "building", "moon", "crescent", "star", "window", "lamp",
                                         "street lamp", "city", "road", "street", "circle");
constexpr auto kParkColors = words("green", "blue", "brown", "white");
constexpr auto kParkShows = words("tree", "cloud", "bench", "park", "sun", "bush", "grass", "path", "circle");
constexpr auto kSkyColors = words("blue", "white");
constexpr auto kSkyShows = words("cloud", "sun", "sky");
constexpr auto kSnowColors = words("white", "gray", "blue", "green");
constexpr auto kSnowShows = words("tree", "snow", "fir", "pine", "snowflake", "christmas tree", "triangle");
constexpr auto kSpaceColors = words("black", "blue", "purple", "white", "brown");
constexpr auto kSpaceShows = words("star", "planet", "moon", "galaxy", "earth", "ring", "circle");
constexpr auto kStadiumColors = words("green", "gray", "blue", "white", "black");
constexpr auto kStadiumShows = words("stadium", "goal", "field", "crowd", "grass", "circle");
constexpr auto kStreetColors = words("gray", "black", "blue", "brown", "white");
constexpr auto kStreetShows = words("house", "building", "window", "road", "street", "city", "door", "cloud");
constexpr auto kUnderwaterColors = words("blue", "green", "white", "yellow");
constexpr auto kUnderwaterShows =
    words("bubble", "circle", "ring", "oval", "round", "seaweed", "coral", "sea", "water");

constexpr auto kIn = Shelter::kIndoors;
constexpr auto kOut = Shelter::kOutdoors;
constexpr auto kDay = Daylight::kDay;

// In the order of their ids.
constexpr SettingFacts kSettings[] = {
    {"beach", "beach", "a sandy beach", "on a sandy beach", "sand and the sea under a bright sun", kOut, kDay, "sunny",
     0.62, kBeachColors, kBeachShows, false},
    {"cave", "cave", "a rocky cave", "in a rocky cave", "dark walls of rock", Shelter::kNone, Daylight::kNone, "", 0.7,
     kCaveColors, kCaveShows, false},
    {"classroom", "classroom", "a classroom", "in a classroom", "a green chalkboard on the wall", kIn, Daylight::kNone,
     "", 0.68, kClassroomColors, kClassroomShows, false},
    {"desert", "desert", "a desert", "in a desert", "sand dunes under a hot sun", kOut, kDay, "sunny", 0.55,
     kDesertColors, kDesertShows, false},
    {"farm", "farm", "a farm", "on a farm", "a barn and fields", kOut, kDay, "sunny", 0.58, kFarmColors, kFarmShows,
     false},
    {"forest", "forest", "a green forest", "in a green forest", "tall trees all around", kOut, kDay, "", 0.62,
     kForestColors, kForestShows, false},
    {"garden", "garden", "a flower garden", "in a flower garden", "a lawn and flower beds", kOut, kDay, "sunny", 0.55,
     kGardenColors, kGardenShows, false},
    {"gradient", "pale background", "a pale background", "against a pale background", "", Shelter::kNone,
     Daylight::kNone, "", 1, kGradientColors, kNothing, true},
    {"harbour", "harbor", "a harbor", "in a harbor", "calm water and a pier", kOut, kDay, "", 0.68, kHarborColors,
     kHarborShows, false},
    {"kitchen", "kitchen", "a kitchen", "in a kitchen", "cupboards and a counter", kIn, Daylight::kNone, "", 0.62,
     kKitchenColors, kKitchenShows, false},
    {"library", "library", "a library", "in a library", "shelves full of books", kIn, Daylight::kNone, "", 0.72,
     kLibraryColors, kLibraryShows, false},
    {"living_room", "living room", "a living room", "in a living room", "a sofa against the wall", kIn, Daylight::kNone,
     "", 0.66, kLivingRoomColors, kLivingRoomShows, false},
    {"mountains", "mountains", "a mountain landscape", "in a mountain landscape", "peaks capped with snow", kOut, kDay,
     "", 0.64, kMountainColors, kMountainShows, false},
    {"night_street", "street at night", "a street at night", "on a street at night", "lit windows under a dark sky",
     kOut, Daylight::kNight, "", 0.7, kNightStreetColors, kNightStreetShows, false},
    {"park", "park", "a park", "in a park", "grass and trees", kOut, kDay, "sunny", 0.55, kParkColors, kParkShows,
     false},
    {"plain", "plain background", "a plain background", "on a plain background", "", Shelter::kNone, Daylight::kNone,
     "", 1, kNothing, kNothing, true},
    {"sky", "sky", "a blue sky", "in a blue sky", "a few white clouds", kOut, kDay, "", 1, kSkyColors, kSkyShows,
     false},
    {"snow", "snowy field", "a snowy field", "in a snowy field", "snow on the ground", kOut, kDay, "snowy", 0.55,
     kSnowColors, kSnowShows, false},
    {"space", "outer space", "outer space", "in outer space", "distant points of light in the dark", Shelter::kNone,
     Daylight::kNone, "", 1, kSpaceColors, kSpaceShows, false},
    {"stadium", "stadium", "a stadium", "in a stadium", "a field and full stands", kOut, kDay, "", 0.55, kStadiumColors,
     kStadiumShows, false},
    {"street", "street", "a city street", "on a city street", "a row of buildings", kOut, kDay, "", 0.68, kStreetColors,
     kStreetShows, false},
    {"underwater", "underwater scene", "an underwater scene", "under water", "bubbles that rise through blue water",
     Shelter::kNone, Daylight::kNone, "", 1, kUnderwaterColors, kUnderwaterShows, false},
};

}  // namespace

std::span<const SettingFacts> settings() {
  return kSettings;
}

const SettingFacts& setting_facts(std::string_view id) {
  std::vector<std::string> ids;
  for (const SettingFacts& facts : kSettings) {
    if (facts.id == id) return facts;
    ids.emplace_back(facts.id);
  }
  const std::string near = closest_match(id, ids);
  throw Error({.who = "setting",
               .expected = cat("one of ", join(ids, ", ")),
               .got = printable(id),
               .hint = near.empty() ? "" : cat("did you mean ", near, "?")});
}

}  // namespace fusion
