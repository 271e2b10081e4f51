#include <algorithm>
#include <map>
#include <span>

#include "foundation/core/text.h"
#include "workflows/synthesis/grammar/query_groups.h"
#include "workflows/synthesis/grammar/subjects.h"
#include "workflows/synthesis/world/layout.h"
#include "workflows/synthesis/world/phrases.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

std::optional<Asked> open_answer(std::string_view what, std::string answer, std::string about = "") {
  if (answer.empty()) return std::nullopt;
  Asked asked{.about = std::move(about), .fact = std::string(what)};
  asked.slots = {{"answer", std::move(answer)}};
  return asked;
}

/// One of what `cells_of` has, and its cells.
void add_one(Asked& asked, std::string_view key_slot, std::string_view cells_slot,
             const std::map<std::string, std::string>& cells_of, RandomSource& random) {
  const auto one = std::next(cells_of.begin(), static_cast<std::ptrdiff_t>(random.below(cells_of.size())));
  asked.slots.push_back({key_slot, one->first});
  asked.slots.push_back({cells_slot, one->second});
}

std::string sentence(const std::string& words) {
  return capitalized(words) + '.';
}

/// One of `openings` and the words: "There is", "The picture shows" ...
std::string with_opening(const std::vector<std::string>& parts, bool one, RandomSource& random) {
  const std::vector<std::string> openings = {one ? "There is" : "There are", "The picture shows", "One can see",
                                             "I see"};
  return cat(random.pick(openings), " ", list_phrase(parts));
}

/// "three red balloons and two cars" in the scene's order; the first one's number rules the verb.
std::vector<std::string> group_phrases(const Scene& scene, const NounPhrase& words) {
  std::vector<std::string> parts;
  parts.reserve(scene.groups.size());
  for (const ObjectGroup& group : scene.groups) parts.push_back(noun_phrase(group, words));
  return parts;
}

std::string setting_words(const Scene& scene) {
  const SettingFacts& facts = setting_facts(scene.setting);
  if (!facts.bare) return std::string(facts.place);
  if (scene.backdrop.empty()) return std::string(facts.place);
  return cat("on ", article(scene.backdrop), " ", scene.backdrop, " background");
}

/// Where a group is: its region, or where it is from another one; "" where nothing is clear.
std::string place_words(const ObjectGroup& group, const Scene& scene) {
  const std::string_view where = region(extent(group));
  if (!where.empty()) return std::string(region_words(where));
  const std::string_view side = half(extent(group));
  if (!side.empty()) return cat("in the ", side, " half");
  const std::string_view level = vertical_half(extent(group));
  if (!level.empty()) return cat("in the ", level, " half");
  for (const Subject& other : subjects(scene)) {
    if (other.group == &group) continue;
    const std::string_view side_of = relation(extent(group), extent(*other.group));
    if (!side_of.empty()) return cat(relation_words(side_of), " the ", other.thing());
  }
  return "";
}

std::string sign_words(const Sign& sign) {
  return cat(article(sign.paper), " ", sign.paper, " ", sign.surface, " with ", sign.ink, " letters");
}

}  // namespace

std::optional<Asked> ask_describe(const QueryContext& context) {
  return open_answer("describe", context.descriptions.empty() ? "" : context.descriptions.front());
}

std::optional<Asked> ask_describe_thing(const QueryContext& context) {
  const std::vector<Subject> candidates = subjects(context.scene());
  if (candidates.empty()) return std::nullopt;
  const Subject& subject = context.random.pick(candidates);
  const ObjectGroup& group = *subject.group;
  const std::string it = subject.single() ? "it" : "they";
  const std::string_view is = verb_to_be(subject.count);

  std::vector<std::string> sentences = {
      sentence(cat(subject.single() ? "there is " : "there are ", noun_phrase(group), " in the picture"))};
  const std::string place = place_words(group, context.scene());
  if (!place.empty()) sentences.push_back(sentence(cat(it, " ", is, " ", place)));
  std::vector<std::string> around;
  for (const Subject& other : subjects(context.scene())) {
    if (other.group == &group) continue;
    const std::string_view side = relation(extent(*other.group), extent(group));
    const std::string phrase = noun_phrase(*other.group);
    if (!side.empty()) around.push_back(cat(phrase, " ", relation_words(side), " ", subject.single() ? "it" : "them"));
  }
  if (!around.empty()) sentences.push_back(sentence(cat("one can see ", list_phrase(around))));
  if (!setting_facts(context.scene().setting).bare) {
    sentences.push_back(sentence(cat("the scene is set ", setting_words(context.scene()))));
  }
  if (sentences.size() < 2) return std::nullopt;
  auto asked = open_answer(fact("describe_thing", subject.noun), join(sentences, " "));
  if (asked) add_subject(*asked, subject);
  return asked;
}

std::optional<Asked> ask_describe_colors(const QueryContext& context) {
  const Scene& scene = context.scene();
  std::vector<std::string> parts;
  for (const ObjectGroup& group : scene.groups) {
    if (group.color.empty()) continue;
    const NounPhrase words{.count = false, .size = false, .color = false};
    const bool alone = groups_of(scene, group.noun).size() == 1;
    const std::string name =
        alone ? the_phrase(group, words) : cat(number_word(group.count()), " ", noun_phrase(group, words));
    parts.push_back(cat(name, " ", verb_to_be(group.count()), " ", group.color));
  }
  context.random.shuffle(std::span(parts));
  if (!scene.backdrop.empty()) parts.push_back(cat("the background is ", scene.backdrop));
  if (parts.size() < 2) return std::nullopt;
  std::string text = sentence(list_phrase(parts));
  if (scene.backdrop.empty() && context.random.chance(0.5)) {
    text += cat(" ", sentence(cat("the scene is set ", setting_words(scene))));
  }
  return open_answer("describe_colors", std::move(text));
}

std::optional<Asked> ask_describe_counts(const QueryContext& context) {
  const Scene& scene = context.scene();
  if (scene.groups.empty() || total(scene) < 2) return std::nullopt;
  const NounPhrase words{.count = true, .size = false, .color = context.random.chance(0.5)};
  const std::vector<std::string> parts = group_phrases(scene, words);
  std::string text = with_opening(parts, scene.groups.front().count() == 1, context.random);
  if (context.random.chance(0.5)) text += cat(" ", setting_words(scene));
  text = sentence(text);
  if (countable(scene) && parts.size() > 1 && context.random.chance(0.5)) {
    text += cat(" Altogether, that makes ", number_word(total(scene)), " things.");
  }
  return open_answer("describe_counts", std::move(text));
}

std::optional<Asked> ask_describe_places(const QueryContext& context) {
  const Scene& scene = context.scene();
  const std::vector<Subject> all = subjects(scene);
  if (all.size() != scene.groups.size() || all.size() < 2) return std::nullopt;
  std::vector<std::string> parts;
  for (const Subject& each : all) {
    const std::string place = place_words(*each.group, scene);
    if (place.empty()) return std::nullopt;
    const NounPhrase words{.count = false, .size = true, .color = true};
    parts.push_back(cat(the_phrase(*each.group, words), " ", verb_to_be(each.count), " ", place));
  }
  context.random.shuffle(std::span(parts));
  std::string text = sentence(list_phrase(parts));
  const std::vector<Subject> singles = single_subjects(scene);
  for (size_t i = 1; i < singles.size(); ++i) {
    const std::string_view side = relation(extent(*singles[i - 1].group), extent(*singles[i].group));
    if (side.empty()) continue;
    text += cat(" The ", singles[i - 1].noun, " is ", relation_words(side), " the ", singles[i].noun, ".");
  }
  return open_answer("describe_places", std::move(text));
}

std::optional<Asked> ask_describe_cells(const QueryContext& context) {
  const int64_t cells = context.world.options().lattice;
  if (cells == 0 || !only_groups(context.scene())) return std::nullopt;
  std::map<Cell, const ObjectGroup*> things;
  for (const ObjectGroup& group : context.scene().groups) {
    for (const Placement& place : group.places) things[cell_of(place, cells)] = &group;
  }
  std::vector<std::string> names;
  std::vector<std::string> colors;
  std::vector<std::string> both;
  std::map<std::string, std::string> cells_of_name;
  std::map<std::string, std::string> cells_of_color;
  for (const auto& [cell, group] : things) {
    const std::string name = cell_name(cell);
    names.push_back(cat(name, " ", group->noun));
    both.push_back(cat(name, " ", group->color, group->color.empty() ? "" : " ", group->noun));
    cells_of_name[group->noun] += name;
    if (group->color.empty()) continue;
    colors.push_back(cat(name, " ", group->color));
    cells_of_color[group->color] += name;
  }
  if (colors.empty()) return std::nullopt;
  Asked asked{.fact = "describe_cells"};
  asked.slots = {{"answer", join(both, ", ")}, {"names", join(names, ", ")}, {"colors", join(colors, ", ")}};
  add_one(asked, "name", "name_cells", cells_of_name, context.random);
  add_one(asked, "color", "color_cells", cells_of_color, context.random);
  return asked;
}

std::optional<Asked> ask_describe_scene(const QueryContext& context) {
  const Scene& scene = context.scene();
  const SettingFacts& facts = setting_facts(scene.setting);
  if (facts.bare || scene.groups.empty()) return std::nullopt;
  std::string text = cat("The picture shows ", facts.name);
  if (!facts.features.empty()) text += cat(", with ", facts.features);
  const std::string things = list_phrase(group_phrases(scene, {}));
  const std::vector<std::string> forms = {cat("One can see ", things, " there."), cat("I see ", things, " there."),
                                          cat("It also shows ", things, "."),
                                          cat(capitalized(things), " can be seen there.")};
  return open_answer("describe_scene", cat(text, ". ", context.random.pick(forms)));
}

std::optional<Asked> ask_describe_signs(const QueryContext& context) {
  std::vector<std::string> sentences;
  for (const Sign& sign : context.scene().signs) {
    const std::vector<std::string> forms = {
        cat(capitalized(sign_words(sign)), " says \"", sign_line(sign), "\"."),
        cat("There is ", sign_words(sign), ", on which one can read \"", sign_line(sign), "\"."),
        cat("\"", sign_line(sign), "\" is written in ", sign.ink, " on ", article(sign.paper), " ", sign.paper, " ",
            sign.surface, ".")};
    sentences.push_back(context.random.pick(forms));
  }
  return open_answer("describe_signs", join(sentences, " "), "sign");
}

std::optional<Asked> ask_describe_chart(const QueryContext& context) {
  const auto& chart = context.scene().chart;
  if (!chart || chart->labels.empty() || chart->labels.size() != chart->values.size()) return std::nullopt;
  std::vector<std::string> parts;
  parts.reserve(chart->labels.size());
  for (size_t i = 0; i < chart->labels.size(); ++i) {
    parts.push_back(cat(chart->values[i], " for ", chart->labels[i]));
  }
  const auto most = std::ranges::max_element(chart->values);
  std::string text = cat("It is ", article(chart->form), " ", chart->form, " chart with the title \"", chart->title,
                         "\". It shows ", list_phrase(parts), ".");
  if (std::ranges::count(chart->values, *most) == 1) {
    text +=
        cat(" The largest value is that of ", chart->labels[static_cast<size_t>(most - chart->values.begin())], ".");
  }
  return open_answer("describe_chart", std::move(text), "chart");
}

}  // namespace fusion
