#include "workflows/synthesis/grammar/scene_differences.h"

#include <algorithm>

#include "foundation/core/text.h"
#include "workflows/synthesis/world/phrases.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

/// What the group is called where its colour is what differs, or where its noun alone would not do.
std::string name_of(const ObjectGroup& group, const Scene& scene) {
  const bool alone = groups_of(scene, group.noun).size() == 1;
  return the_phrase(group, {.count = false, .size = false, .color = !alone});
}

void compare_groups(const Scene& left, const Scene& right, std::vector<SceneDifference>& found) {
  for (size_t i = 0; i < std::min(left.groups.size(), right.groups.size()); ++i) {
    const ObjectGroup& a = left.groups[i];
    const ObjectGroup& b = right.groups[i];
    if (a.noun != b.noun) {
      found.push_back(
          {"object", i,
           cat("Where the left picture shows ", noun_phrase(a), ", the right one shows ", noun_phrase(b), ".")});
      continue;
    }
    if (a.color != b.color) {
      const NounPhrase words{.count = false, .size = false, .color = false};
      found.push_back({"color", i,
                       cat(capitalized(the_phrase(a, words)), " ", verb_to_be(a.count()), " ", a.color,
                           " on the left and ", b.color, " on the right.")});
    }
    if (a.count() != b.count()) {
      const NounPhrase words{.count = false, .size = false, .color = true};
      found.push_back({"count", i,
                       cat("There ", verb_to_be(a.count()), " ", number_word(a.count()), " ", noun_phrase(a, words),
                           " on the left, but ", number_word(b.count()), " on the right.")});
    }
    const std::string_view side_a = half(extent(a));
    const std::string_view side_b = half(extent(b));
    if (a.count() == b.count() && !side_a.empty() && !side_b.empty() && side_a != side_b) {
      found.push_back({"side", i,
                       cat(capitalized(name_of(a, left)), " ", verb_to_be(a.count()), " in the ", side_a,
                           " half of the left picture and in the ", side_b, " half of the right one.")});
    }
  }
}

std::string backdrop_words(const Scene& scene) {
  const SettingFacts& facts = setting_facts(scene.setting);
  if (!facts.bare || scene.backdrop.empty()) return std::string(facts.name);
  return cat(article(scene.backdrop), " ", scene.backdrop, " background");
}

void compare_surroundings(const Scene& left, const Scene& right, std::vector<SceneDifference>& found) {
  if (left.setting != right.setting || left.backdrop != right.backdrop) {
    found.push_back(
        {"setting", 0,
         cat("The left picture shows ", backdrop_words(left), ", the right one ", backdrop_words(right), ".")});
  }
  for (size_t i = 0; i < std::min(left.signs.size(), right.signs.size()); ++i) {
    if (left.signs[i].text == right.signs[i].text) continue;
    found.push_back({"text", i,
                     cat("The ", left.signs[i].surface, " says \"", sign_line(left.signs[i]), "\" on the left and \"",
                         sign_line(right.signs[i]), "\" on the right.")});
  }
}

void compare_diagrams(const Scene& left, const Scene& right, std::vector<SceneDifference>& found) {
  if (left.chart && right.chart) {
    const size_t entries = std::min(left.chart->values.size(), right.chart->values.size());
    for (size_t i = 0; i < entries; ++i) {
      if (left.chart->values[i] == right.chart->values[i]) continue;
      found.push_back({"value", i,
                       cat("The value for ", left.chart->labels[i], " is ", left.chart->values[i], " on the left and ",
                           right.chart->values[i], " on the right.")});
    }
  }
  if (!left.grid || !right.grid || left.grid->cells.size() != right.grid->cells.size()) return;
  for (size_t i = 0; i < left.grid->cells.size(); ++i) {
    const Grid::Cell& a = left.grid->cells[i];
    const Grid::Cell& b = right.grid->cells[i];
    if (a.noun == b.noun && a.color == b.color) continue;
    const auto words = [](const Grid::Cell& cell) {
      if (cell.noun.empty()) return std::string("nothing");
      const std::string thing = cell.color.empty() ? cell.noun : cat(cell.color, " ", cell.noun);
      return cat(article(thing), " ", thing);
    };
    const auto at = static_cast<int64_t>(i);
    found.push_back({"cell", i,
                     cat("Row ", at / left.grid->columns + 1, ", column ", at % left.grid->columns + 1,
                         " of the grid holds ", words(a), " on the left and ", words(b), " on the right.")});
  }
}

}  // namespace

std::vector<SceneDifference> scene_differences(const Scene& left, const Scene& right) {
  std::vector<SceneDifference> found;
  compare_groups(left, right, found);
  compare_surroundings(left, right, found);
  compare_diagrams(left, right, found);
  return found;
}

}  // namespace fusion
