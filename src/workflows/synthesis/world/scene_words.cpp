#include "workflows/synthesis/world/scene_words.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

constexpr NounPhrase kBare = {.count = false, .size = false, .color = false};

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

std::string counted(const ObjectGroup& group) {
  if (group.count() != 1) return noun_phrase(group);
  return "one " + noun_phrase(group, {.count = false});
}

std::string chart_phrase(const Chart& chart) {
  return (chart.form == "bar" ? "a bar chart titled " : "a pie chart titled ") + quoted(chart.title);
}

std::string grid_phrase(const Grid& grid) {
  return "a grid of " + number_word(grid.rows) + " rows and " + number_word(grid.columns) + " columns";
}

/// ", with X", or nothing where there is no X.
std::string with(std::string_view before, const std::vector<std::string>& parts) {
  return parts.empty() ? std::string() : std::string(before) + list_phrase(parts);
}

unsigned facts_of_groups(const Scene& scene) {
  const auto& groups = scene.groups;
  if (groups.empty()) return 0;
  unsigned has = kHasThings;
  has |= groups.size() == 1 ? kHasOneGroup : kHasMoreGroups;
  has |= groups.front().count() == 1 ? kHasSingle : kHasPlural;
  if (!groups.front().color.empty()) has |= kHasColor;
  const bool all = std::ranges::none_of(groups, [](const ObjectGroup& group) { return group.color.empty(); });
  if (all && groups.size() > 1) has |= kHasAllColors;
  if (groups.size() > 1 && !relation(extent(groups[0]), extent(groups[1])).empty()) has |= kHasRelation;
  if (!region(extent(groups.front())).empty()) has |= kHasRegion;
  return has;
}

}  // namespace

SceneWords::SceneWords(const Scene& scene) : scene_(scene), setting_(setting_facts(scene.setting)) {
  has_ = facts_of_groups(scene);
  if (!scene.signs.empty()) has_ |= kHasSigns;
  if (scene.signs.size() == 1) has_ |= kHasOneSign;
  if (!setting_.bare) has_ |= kHasPlace;
  if (!setting_.features.empty()) has_ |= kHasFeatures;
  if (setting_.shelter != Shelter::kNone) has_ |= kHasShelter;
  if (!setting_.weather.empty()) has_ |= kHasWeather;
  if (scene.chart) has_ |= kHasChart;
  if (scene.grid) has_ |= kHasGrid;
  if (has_ & (kHasThings | kHasSigns)) {
    has_ |= kHasContent;
  } else if (!scene.chart && !scene.grid) {
    has_ |= kIsEmpty;
  }
}

std::vector<std::string> SceneWords::groups_from(size_t first) const {
  std::vector<std::string> parts;
  for (size_t i = first; i < scene_.groups.size(); ++i) parts.push_back(noun_phrase(scene_.groups[i]));
  return parts;
}

std::vector<std::string> SceneWords::things() const {
  std::vector<std::string> parts;
  for (const Sign& sign : scene_.signs) parts.push_back(sign_phrase(sign));
  for (const ObjectGroup& group : scene_.groups) parts.push_back(noun_phrase(group));
  return parts;
}

std::string SceneWords::operator()(std::string_view slot) const {
  if (slot == "things") return list_phrase(things());
  if (slot == "with things") return with(" with ", things());
  if (slot == "with groups") return with(", with ", groups_from(0));
  if (slot == "there are") {
    const bool one = !scene_.signs.empty() || scene_.groups.front().count() == 1;
    return one ? "there is" : "there are";
  }
  if (slot == "are") return std::string(verb_to_be(total(scene_) + static_cast<int64_t>(scene_.signs.size())));
  if (slot == "total") return number_word(total(scene_)) + (total(scene_) == 1 ? " thing" : " things");
  if (slot == "chart") return chart_phrase(*scene_.chart);
  if (slot == "values") return chart_values(*scene_.chart);
  if (slot == "grid") return grid_phrase(*scene_.grid);
  if (slot == "cells") return grid_cells(*scene_.grid);
  if (std::string words = setting_slot(slot); !words.empty()) return words;
  if (std::string words = scene_.signs.empty() ? "" : sign_slot(slot); !words.empty()) return words;
  return group_slot(slot);
}

std::string SceneWords::setting_slot(std::string_view slot) const {
  if (slot == "setting") return setting_name(scene_);
  if (slot == "place") return setting_place(scene_);
  if (slot == "features") return std::string(setting_.features);
  if (slot == "weather") return std::string(setting_.weather);
  if (slot == "shelter") return setting_.shelter == Shelter::kIndoors ? "indoors" : "outdoors";
  return "";
}

std::string SceneWords::sign_slot(std::string_view slot) const {
  const Sign& sign = scene_.signs.front();
  if (slot == "signs") {
    std::vector<std::string> parts;
    for (const Sign& each : scene_.signs) parts.push_back(sign_phrase(each));
    return list_phrase(parts);
  }
  if (slot == "sign") return std::string(article(sign.paper)) + " " + sign.paper + " " + sign.surface;
  if (slot == "text") return quoted(sign_line(sign));
  if (slot == "ink") return sign.ink;
  return "";
}

std::string SceneWords::group_slot(std::string_view slot) const {
  const auto& groups = scene_.groups;
  const ObjectGroup& first = groups.front();
  if (slot == "first") return noun_phrase(first);
  if (slot == "the first") return the_phrase(first);
  if (slot == "bare first") return noun_phrase(first, kBare);
  if (slot == "colorless first") return noun_phrase(first, {.color = false});
  if (slot == "color") return first.color;
  if (slot == "number") return number_word(first.count());
  if (slot == "region") return std::string(region_words(region(extent(first))));
  if (slot == "groups") return list_phrase(groups_from(0));
  if (slot == "there are groups") return first.count() == 1 ? "there is" : "there are";
  if (slot == "rest") return list_phrase(groups_from(1));
  if (slot == "with rest") return with(", with ", groups_from(1));
  if (slot == "with more") return with(", with ", groups_from(2));
  if (slot == "counted") {
    std::vector<std::string> parts;
    for (const ObjectGroup& group : groups) parts.push_back(counted(group));
    return list_phrase(parts);
  }
  if (slot == "colors") {
    std::vector<std::string> colors;
    for (const ObjectGroup& group : groups) {
      if (std::ranges::find(colors, group.color) == colors.end()) colors.push_back(group.color);
    }
    return list_phrase(colors);
  }
  if (slot == "second") return noun_phrase(groups.at(1));
  if (slot == "the second") return the_phrase(groups.at(1));
  if (slot == "relation") return std::string(relation_words(relation(extent(first), extent(groups.at(1)))));
  if (slot == "reverse relation") {
    return std::string(relation_words(opposite(relation(extent(first), extent(groups.at(1))))));
  }
  assert(slot.empty());
  return "";
}

std::string setting_name(const Scene& scene) {
  if (!scene.backdrop.empty()) return "a plain " + scene.backdrop + " background";
  return std::string(setting_facts(scene.setting).name);
}

std::string setting_place(const Scene& scene) {
  if (!scene.backdrop.empty()) return "on a plain " + scene.backdrop + " background";
  return std::string(setting_facts(scene.setting).place);
}

std::string sign_phrase(const Sign& sign) {
  return std::string(article(sign.paper)) + " " + sign.paper + " " + sign.surface + " that reads " +
         quoted(sign_line(sign));
}

std::string chart_values(const Chart& chart) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < chart.labels.size(); ++i) {
    parts.push_back(chart.labels[i] + " " + std::to_string(chart.values[i]));
    if (chart.form == "pie") parts.back() += "%";
  }
  return list_phrase(parts);
}

std::string grid_cells(const Grid& grid) {
  std::vector<std::pair<std::string, int64_t>> kinds;  // in the order in which they first appear
  int64_t empty = 0;
  for (const Grid::Cell& cell : grid.cells) {
    if (cell.look.empty()) {
      ++empty;
      continue;
    }
    const std::string name = cell.color + " " + cell.noun;
    const auto found = std::ranges::find(kinds, name, &std::pair<std::string, int64_t>::first);
    found == kinds.end() ? void(kinds.emplace_back(name, 1)) : void(++found->second);
  }
  std::vector<std::string> parts;
  for (const auto& [name, count] : kinds) {
    parts.push_back(std::string(article(name)) + " " + name + " in " + number_word(count) +
                    (count == 1 ? " cell" : " cells"));
  }
  if (empty > 0) parts.push_back(number_word(empty) + (empty == 1 ? " empty cell" : " empty cells"));
  return list_phrase(parts);
}

}  // namespace fusion
