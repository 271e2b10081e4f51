#pragma once
// The slots of sentences about a scene.

#include <string>
#include <string_view>
#include <vector>

#include "workflows/synthesis/items/scene.h"
#include "workflows/synthesis/world/settings.h"

namespace fusion {

/// What a scene has, of all that a sentence may need.
enum SceneHas : unsigned {
  kHasThings = 1,      ///< groups
  kHasOneGroup = 2,    ///< just one
  kHasMoreGroups = 4,  ///< two or more
  kHasPlural = 8,      ///< the first group has several things
  kHasSingle = 16,     ///< the first group is one thing
  kHasColor = 32,      ///< the first group takes a colour
  kHasAllColors = 64,  ///< all groups do, and there are two colours or more
  kHasRelation = 128,  ///< of the first group to the second
  kHasRegion = 256,    ///< of the first group
  kHasSigns = 512,
  kHasOneSign = 1024,
  kHasPlace = 2048,  ///< the setting is more than a bare background
  kHasFeatures = 4096,
  kHasChart = 8192,
  kHasGrid = 16384,
  kHasShelter = 32768,  ///< indoors or outdoors
  kHasWeather = 65536,
  kHasContent = 131072,  ///< groups or signs
  kIsEmpty = 262144,     ///< neither, and no chart and no grid
};

class SceneWords {
 public:
  /// The scene must outlive it.
  explicit SceneWords(const Scene& scene);

  /// SceneHas, one bit each.
  unsigned has() const { return has_; }

  /// Signs and groups: {things}, "three red balloons and a car"; {there are} before them, {are} behind them;
  /// {with things}: " with {things}" or "".
  /// Groups: {groups}; {there are groups}; {with groups}: ", with {groups}" or "", in a scene with signs; {counted},
  /// with "one" for "a"; {total}: "seven things"; {colors}: "red, blue and green". The first group: {first}, {the
  /// first}, {bare first} without number and colour, {colorless first}, {color}, {region}: "in the top left corner".
  /// {rest}, {with rest}: those behind it. The second: {second}, {the second}; the first is {relation} it, and it is
  /// {reverse relation} the first: "to the left of". {with more}: those behind it. Signs: {signs}; of the first one
  /// {sign}: "a white sign", {text} in quotes, {ink}. {setting}: "a beach"; {place}: "on a beach"; {features};
  /// {weather}; {shelter}: "indoors". {chart}, {values}, {grid}, {cells}.
  std::string operator()(std::string_view slot) const;

 private:
  std::vector<std::string> things() const;
  std::vector<std::string> groups_from(size_t first) const;
  std::string group_slot(std::string_view slot) const;
  std::string sign_slot(std::string_view slot) const;
  std::string setting_slot(std::string_view slot) const;

  const Scene& scene_;
  const SettingFacts& setting_;
  unsigned has_ = 0;
};

/// "a plain red background", "a beach".
std::string setting_name(const Scene& scene);
/// "on a plain red background", "on a beach".
std::string setting_place(const Scene& scene);
/// 'a white sign that reads "OPEN"'.
std::string sign_phrase(const Sign& sign);
/// "apples 3, pears 5 and plums 7".
std::string chart_values(const Chart& chart);
/// "four red stars, two blue cars and one empty cell".
std::string grid_cells(const Grid& grid);

}  // namespace fusion
