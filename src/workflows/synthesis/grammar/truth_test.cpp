// The answers against the scenes, by rules of their own: nothing of the queries is called here.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <regex>

#include "foundation/core/text.h"
#include "workflows/synthesis/grammar/test_support.h"
#include "workflows/synthesis/world/settings.h"

namespace fusion {
namespace {

bool mentions(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

int64_t things_of(const Scene& scene, const std::string& noun, const std::string& color = "") {
  int64_t count = 0;
  for (const ObjectGroup& group : scene.groups) {
    const bool fits = (noun == "thing" || group.noun == noun) && (color.empty() || group.color == color);
    if (fits) count += static_cast<int64_t>(group.places.size());
  }
  return count;
}

const Sign* sign_of(const Scene& scene, const std::string& surface) {
  const auto found = std::ranges::find(scene.signs, surface, &Sign::surface);
  return found == scene.signs.end() ? nullptr : &*found;
}

/// The group of a noun that the question means: by its colour where there are several.
const ObjectGroup* meant(const Scene& scene, const std::string& question, const std::string& noun) {
  const ObjectGroup* only = nullptr;
  for (const ObjectGroup& group : scene.groups) {
    if (group.noun != noun) continue;
    if (things_of(scene, noun) == group.count()) return &group;
    if (mentions(question, group.color + ' ' + noun)) only = only == nullptr ? &group : nullptr;
  }
  return only;
}

/// Whether the only thing of `a` is on the side of the only one of `b`, by their middles.
bool lies(const ObjectGroup& a, const ObjectGroup& b, const std::string& side) {
  const Placement& p = a.places.front();
  const Placement& q = b.places.front();
  if (side == "left") return p.x < q.x - 0.1;
  if (side == "right") return p.x > q.x + 0.1;
  return side == "above" ? p.y < q.y - 0.1 : p.y > q.y + 0.1;
}

std::optional<bool> relation_holds(const Scene& scene, const Round& round, const std::string& truth) {
  for (const ObjectGroup& a : scene.groups) {
    for (const ObjectGroup& b : scene.groups) {
      const bool named =
          mentions(lower(round.question), "the " + a.noun) && mentions(lower(round.question), "the " + b.noun);
      if (&a == &b || a.noun == b.noun || a.noun != round.about || !named) continue;
      const bool sure = things_of(scene, a.noun) == 1 && things_of(scene, b.noun) == 1;
      const bool part = mentions(a.noun, b.noun) || mentions(b.noun, a.noun);
      if (sure && !part) return lies(a, b, truth);
    }
  }
  return std::nullopt;
}

/// Whether every "1 + 2 = 3" and "3 - 1 = 2" of a text is right.
bool sums_hold(const std::string& text) {
  static const std::regex kSum(R"((\d+) ([-+/]) (\d+) = (\d+))");
  for (std::sregex_iterator it(text.begin(), text.end(), kSum), end; it != end; ++it) {
    const std::string before(text.begin(), text.begin() + it->position());
    if (before.ends_with("+ ")) continue;  // the end of a longer sum
    const int64_t a = std::stoll((*it)[1]);
    const int64_t b = std::stoll((*it)[3]);
    const char sign = (*it)[2].str().front();
    const int64_t result = sign == '+' ? a + b : sign == '-' ? a - b : a / b;
    if (result != std::stoll((*it)[4])) return false;
  }
  return true;
}

/// The bare answer, also of a choice.
std::string bare_truth(const Round& round) {
  if (round.options.empty()) return round.truth;
  const std::string& option = round.options.at(static_cast<size_t>(round.truth.at(0) - 'A'));
  return round.query == "sign_text" ? option : lower(option);
}

std::optional<bool> sign_holds(const Scene& scene, const Round& round, const std::string& truth) {
  const Sign* sign = sign_of(scene, round.about);
  if (sign == nullptr) return false;
  if (round.query == "sign_text") return one_line(sign->text) == truth;
  if (round.query == "sign_ink") return sign->ink == truth;
  if (round.query == "sign_paper") return sign->paper == truth;
  if (round.query == "sign_surface") return mentions(round.question, one_line(sign->text)) && truth == sign->surface;
  if (round.query == "sign_length") return std::to_string(sign->text.size()) == truth;
  if (round.query == "sign_reversed") return std::string(sign->text.rbegin(), sign->text.rend()) == truth;
  if (round.query == "sign_says") {
    return mentions(round.question, '"' + one_line(sign->text) + '"') == (truth == "yes");
  }
  if (round.query != "sign_letter") return std::nullopt;
  const bool first = mentions(round.question, "first") || mentions(round.question, "begin");
  return std::string(1, first ? sign->text.front() : sign->text.back()) == truth;
}

std::optional<bool> diagram_holds(const Scene& scene, const Round& round, const std::string& truth) {
  static const std::regex kNumbers(R"((row|column) (\d+))");
  if (round.query == "grid_cell") {
    std::map<std::string, int64_t> at;
    const std::string question = lower(round.question);
    for (std::sregex_iterator it(question.begin(), question.end(), kNumbers), end; it != end; ++it) {
      at[(*it)[1]] = std::stoll((*it)[2]) - 1;
    }
    if (at.size() != 2) return std::nullopt;  // written as words
    const Grid::Cell& cell = scene.grid->cells.at(static_cast<size_t>(at["row"] * scene.grid->columns + at["column"]));
    return cell.color + ' ' + cell.noun == truth;
  }
  if (!scene.chart) return std::nullopt;
  for (size_t i = 0; i < scene.chart->labels.size(); ++i) {
    const bool named = std::regex_search(round.question, std::regex("\\b" + scene.chart->labels[i] + "\\b"));
    if (round.query == "chart_value" && named) return std::to_string(scene.chart->values[i]) == truth;
    if (round.query == "chart_color" && named) return scene.chart->colors[i] == truth;
    if (round.query != "chart_largest" || lower(scene.chart->labels[i]) != lower(truth)) continue;
    const auto [least, most] = std::ranges::minmax(scene.chart->values);
    return scene.chart->values[i] == (mentions(round.question, "largest") ? most : least);
  }
  return std::nullopt;
}

std::optional<bool> contrast_holds(const Item& item, const Round& round) {
  const Scene& left = item.scenes[0];
  const Scene& right = item.scenes[1];
  const Scene& side = mentions(round.question, "left") ? left : right;
  if (round.query == "side_count") return std::to_string(things_of(side, round.about)) == round.truth;
  if (round.query == "side_color") {
    const ObjectGroup* group = meant(side, round.question, round.about);
    return group != nullptr && group->color == round.truth;
  }
  if (round.query == "which_more") {
    return (things_of(left, round.about) > things_of(right, round.about)) == (round.truth == "left");
  }
  if (round.query == "which_shows") {
    const bool in_left = things_of(left, round.about) > 0;
    return in_left != (things_of(right, round.about) > 0) && in_left == (round.truth == "left");
  }
  if (round.query == "same_count") {
    return (things_of(left, round.about) == things_of(right, round.about)) == (round.truth == "yes");
  }
  if (round.query != "count_difference") return std::nullopt;
  return std::to_string(std::abs(things_of(left, round.about) - things_of(right, round.about))) == round.truth;
}

std::optional<bool> thing_holds(const Scene& scene, const Round& round, const std::string& truth) {
  if (round.query == "count") return std::to_string(things_of(scene, round.about)) == truth;
  if (round.query == "exists") return (things_of(scene, round.about) > 0) == (truth == "yes");
  if (round.query == "color" || round.query == "is_color") {
    const ObjectGroup* group = meant(scene, round.question, round.about);
    if (group == nullptr) return false;
    return round.query == "color" ? group->color == truth : mentions(round.question, group->color) == (truth == "yes");
  }
  if (round.query == "thing_of_color") {
    const ObjectGroup* group = meant(scene, round.question, truth);
    return group != nullptr && mentions(lower(round.question), group->color) &&
           things_of(scene, "thing", group->color) == group->count();
  }
  if (round.query == "count_color") {
    for (const ObjectGroup& group : scene.groups) {
      if (!mentions(round.question, group.color + ' ')) continue;
      return std::to_string(things_of(scene, round.about, group.color)) == truth;
    }
    return false;
  }
  return std::nullopt;
}

/// Nothing where there is no rule for the query.
std::optional<bool> holds(const Item& item, const Round& round) {
  if (item.scenes.size() == 2) return contrast_holds(item, round);
  const Scene& scene = item.scenes.front();
  const std::string truth = bare_truth(round);
  if (round.query == "relation") return relation_holds(scene, round, truth);
  if (round.query == "setting") return lower(std::string(setting_facts(scene.setting).noun)) == truth;
  if (round.query.starts_with("sign_")) return sign_holds(scene, round, truth);
  if (round.query.starts_with("chart_") || round.query == "grid_cell") return diagram_holds(scene, round, truth);
  return thing_holds(scene, round, truth);
}

TEST(Truth, AgreesWithAnIndependentCheckOfTheScene) {
  TestWriter writer;
  std::map<std::string, int64_t> checked;
  for (int64_t id = 0; id < 6000; ++id) {
    const Item item = writer.item(id);
    for (const Conversation& conversation : item.conversations) {
      for (const Round& round : conversation.rounds) {
        EXPECT_TRUE(sums_hold(round.answer)) << round.answer;
        const std::optional<bool> result = holds(item, round);
        if (!result) continue;
        ++checked[round.query];
        EXPECT_TRUE(*result) << item.caption << "\n" << round.question << "\n" << round.answer << "\n" << round.truth;
      }
    }
  }
  for (const char* query : {"color", "is_color", "thing_of_color", "count", "count_color", "exists", "relation",
                            "setting", "sign_text", "sign_ink", "sign_says", "sign_letter", "chart_value",
                            "chart_largest", "grid_cell", "side_color", "side_count", "which_more", "which_shows"}) {
    EXPECT_GT(checked[query], 10) << query;
  }
}

}  // namespace
}  // namespace fusion
