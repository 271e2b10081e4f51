#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "workflows/synthesis/world/forms.h"
#include "workflows/synthesis/world/scene_facts.h"
#include "workflows/synthesis/world/scene_words.h"
#include "workflows/synthesis/world/world.h"

namespace fusion {

namespace {

constexpr size_t kFewestSentences = 3;
constexpr size_t kMostSentences = 6;
constexpr NounPhrase kNoSize = {.count = true, .size = false, .color = true};
constexpr const char* kOrdinals[] = {"first", "second", "third", "fourth"};

/// "the red balloons are": scissors are plural even where there is one pair.
std::string the_group_is(const ObjectGroup& group) {
  const bool pair = group.noun == group.nouns && group.noun.ends_with('s');
  return the_phrase(group, kNoSize) + (group.count() == 1 && !pair ? " is" : " are");
}

/// The lines of a text, each in quotes.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (size_t end = 0; end != std::string_view::npos;) {
    end = text.find('\n');
    lines.push_back("\"" + std::string(text.substr(0, end)) + "\"");
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
  return lines;
}

class Describer {
 public:
  Describer(const Scene& scene, Focus focus, RandomSource& random)
      : scene_(scene), focus_(focus), random_(random), words_(scene) {}

  std::string describe();

 private:
  void say(std::string sentence) { sentences_.push_back(std::move(sentence)); }
  void form(std::string_view text) { say(expand_form(text, words_, random_)); }
  bool has(unsigned what) const { return (words_.has() & what) == what; }

  void open();
  void say_groups_first();
  void say_setting_first();
  void say_sign(const Sign& sign);
  void say_chart();
  void say_grid();
  void say_more();

  std::string regions();
  std::string relations();
  std::string sizes();
  std::string numbers();
  std::string colors();
  std::string conditions();

  const Scene& scene_;
  Focus focus_;
  RandomSource& random_;
  SceneWords words_;
  std::vector<std::string> sentences_;
};

std::string Describer::describe() {
  if (scene_.chart) {
    say_chart();
  } else if (scene_.grid) {
    say_grid();
  } else {
    open();
    for (const Sign& sign : scene_.signs) say_sign(sign);
    say_more();
  }
  std::string text;
  for (const std::string& sentence : sentences_) text += (text.empty() ? "" : " ") + sentence;
  return text;
}

void Describer::open() {
  if (has(kHasThings) && random_.chance(0.5)) {
    say_groups_first();
  } else {
    say_setting_first();
  }
}

void Describer::say_groups_first() {
  if (random_.chance(0.5)) {
    form("[The picture|The image|This picture|This image] [shows|contains|presents] {groups} {place}.");
    if (has(kHasFeatures)) form("[Around|Behind] [it all|everything], [one sees|one can see|you see] {features}.");
  } else {
    form("[The picture|The image|This picture|This image] [shows|contains|features] {groups}.");
    form(total(scene_) == 1 ? "[It is|It can be seen] {place}."
         : has(kHasPlace)   ? "[The setting is {setting}|All of this is {place}|They are {place}]."
                            : "[Everything|All of this] is {place}.");
  }
}

void Describer::say_setting_first() {
  constexpr std::string_view kStart = "[The picture|The image|This picture|This scene] [shows|presents|depicts] ";
  if (!has(kHasPlace)) {
    form("[The picture|The image|This picture] has {setting}.");
  } else if (has(kHasFeatures) && random_.chance(0.6)) {
    form(std::string(kStart) + "{setting}, with {features}.");
  } else {
    form(std::string(kStart) + "{setting}.");
  }
  if (has(kHasThings)) {
    form(
        "[In it {there are groups} {groups}|It holds {groups}|One can see {groups}|{there are groups} {groups} in "
        "it].");
  } else if (has(kIsEmpty)) {
    form("[There is nothing in front of it|Nothing else can be seen|No other things are in the picture].");
  }
}

void Describer::say_sign(const Sign& sign) {
  const std::string name = std::string(article(sign.paper)) + " " + sign.paper + " " + sign.surface;
  const std::string text = "\"" + sign_line(sign) + "\"";
  std::string sentence = expand_form(
      "{sign} [reads|says|bears the text] {text} in {ink} letters",
      [&](std::string_view slot) { return slot == "sign"   ? name
                                          : slot == "text" ? text
                                                           : sign.ink; }, random_);
  const auto lines = lines_of(sign.text);
  if (lines.size() > 1) sentence += ", line by line " + list_phrase(lines);
  const std::string_view where = region(extent(sign));
  if (!where.empty()) sentence += "; it is " + std::string(region_words(where));
  say(sentence + ".");
}

void Describer::say_chart() {
  const Chart& chart = *scene_.chart;
  const bool bars = chart.form == "bar";
  form("[The picture|The image|This graphic] is {chart}.");
  form("[It shows|Its values are|It gives] {values}.");
  const auto [low, high] = std::ranges::minmax_element(chart.values);
  const auto label = [&](auto at) { return chart.labels[static_cast<size_t>(at - chart.values.begin())]; };
  const std::string part = bars ? "bar" : "slice";
  say("The largest " + part + " is that of " + label(high) + ", the smallest that of " + label(low) + ".");
  std::vector<std::string> colors;
  for (size_t i = 0; i < chart.labels.size(); ++i) colors.push_back(chart.colors[i] + " for " + chart.labels[i]);
  say("The " + part + "s are " + list_phrase(colors) + ".");
  if (!scene_.backdrop.empty()) say("The background is plain " + scene_.backdrop + ".");
}

void Describer::say_grid() {
  const Grid& grid = *scene_.grid;
  form("[The picture|The image] shows {grid}.");
  for (int64_t row = 0; row < grid.rows; ++row) {
    std::vector<std::string> cells;
    for (int64_t column = 0; column < grid.columns; ++column) {
      const Grid::Cell& cell = grid.cells[static_cast<size_t>(row * grid.columns + column)];
      const std::string name = cell.look.empty() ? "empty cell" : cell.color + " " + cell.noun;
      cells.push_back(std::string(article(name)) + " " + name);
    }
    const std::string which = row < 4 ? kOrdinals[row] : "next";
    say("The " + which + " row holds " + list_phrase(cells) + ".");
  }
}

/// What is not said yet, what the focus dwells on first, until there is enough of it.
void Describer::say_more() {
  using Part = std::string (Describer::*)();
  std::vector<Part> parts = {&Describer::colors,     &Describer::numbers, &Describer::relations,
                             &Describer::conditions, &Describer::regions, &Describer::sizes};
  random_.shuffle(std::span<Part>(parts));
  const Part own[] = {&Describer::colors, &Describer::numbers, &Describer::relations, &Describer::conditions};
  const auto dwelt_on = static_cast<size_t>(focus_);
  if (dwelt_on < std::size(own)) std::swap(*std::ranges::find(parts, own[dwelt_on]), parts.front());
  const auto wanted = static_cast<size_t>(random_.between(4, kMostSentences));
  for (const Part part : parts) {
    if (sentences_.size() >= wanted) break;
    if (std::string sentence = (this->*part)(); !sentence.empty()) say(std::move(sentence));
  }
  if (sentences_.size() < kFewestSentences && !has(kIsEmpty))
    form("[Nothing else is to be seen|There is nothing more to see].");
  if (sentences_.size() < kFewestSentences) form("[There are no words to read|No words are written anywhere].");
}

/// "The dog is on the left, and the red car is in the center."
std::string Describer::regions() {
  std::vector<std::string> parts;
  for (const ObjectGroup& group : scene_.groups) {
    const std::string_view where = region(extent(group));
    if (!where.empty()) parts.push_back(the_group_is(group) + " " + std::string(region_words(where)));
  }
  if (parts.empty()) return "";
  if (parts.size() > 1) parts.back() = "and " + parts.back();
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return capitalized(text) + ".";
}

std::string Describer::relations() {
  std::string text;
  for (size_t i = 1; i < scene_.groups.size(); ++i) {
    const ObjectGroup& group = scene_.groups[i];
    const ObjectGroup& other = scene_.groups[i - 1];
    const std::string_view seen = relation(extent(other), extent(group));
    if (seen.empty()) continue;
    text += (text.empty() ? "" : "; ") + the_group_is(other) + " " + std::string(relation_words(seen)) + " " +
            the_phrase(group, kNoSize);
  }
  return text.empty() ? "" : capitalized(text) + ".";
}

std::string Describer::sizes() {
  const auto large = std::ranges::find(scene_.groups, "large", &ObjectGroup::size);
  const auto small = std::ranges::find(scene_.groups, "small", &ObjectGroup::size);
  if (large == scene_.groups.end() || small == scene_.groups.end()) return "";
  return capitalized(the_group_is(*large)) + " clearly larger than " + the_phrase(*small, kNoSize) + ".";
}

std::string Describer::numbers() {
  const auto& groups = scene_.groups;
  if (groups.empty() || (groups.size() == 1 && has(kHasSigns))) return "";
  if (groups.size() == 1 && has(kHasSingle)) return "There is just one " + groups[0].noun + ".";
  if (groups.size() == 1) return "There are " + number_word(groups[0].count()) + " " + groups[0].nouns + " in all.";
  if (groups.size() == 2 && groups[0].noun != groups[1].noun && random_.chance(0.6)) {
    const int64_t difference = groups[0].count() - groups[1].count();
    if (difference == 0) return "There are as many " + groups[0].nouns + " as " + groups[1].nouns + ".";
    const ObjectGroup& more = groups[difference > 0 ? 0 : 1];
    const ObjectGroup& fewer = groups[difference > 0 ? 1 : 0];
    return "There are more " + more.nouns + " than " + fewer.nouns + ".";
  }
  return expand_form("[That makes|Taken together, there are|Altogether one counts] {total}.", words_, random_);
}

std::string Describer::colors() {
  if (has(kHasAllColors))
    return expand_form("[Their colors are|The colors of the things are|They come in] {colors}.", words_, random_);
  if (!has(kHasColor) || !has(kHasOneGroup)) return "";
  const ObjectGroup& group = scene_.groups.front();
  const std::string which = group.count() == 1 ? "The " + group.noun : "All of the " + group.nouns;
  return which + (group.count() == 1 ? " is " : " are ") + group.color + ".";
}

/// Weather, light, indoors or outdoors.
std::string Describer::conditions() {
  const SettingFacts& facts = setting_facts(scene_.setting);
  if (facts.weather == "snowy") return "It is a winter day with snow.";
  if (!facts.weather.empty()) return "It is a " + std::string(facts.weather) + " day.";
  if (facts.daylight == Daylight::kNight) return "It is night.";
  if (facts.shelter == Shelter::kIndoors) return "The scene is indoors.";
  if (facts.shelter == Shelter::kOutdoors) return "The scene is outdoors, by day.";
  return "";
}

}  // namespace

std::string World::description(const Scene& scene, Focus focus, RandomSource& random) const {
  return Describer(scene, focus, random).describe();
}

}  // namespace fusion
