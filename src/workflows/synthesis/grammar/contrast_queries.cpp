#include <algorithm>
#include <array>

#include "foundation/core/text.h"
#include "workflows/synthesis/grammar/query_groups.h"
#include "workflows/synthesis/grammar/scene_differences.h"
#include "workflows/synthesis/grammar/subjects.h"
#include "workflows/synthesis/world/phrases.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

constexpr std::array<std::string_view, 2> kPairSides = {"left", "right"};

/// What both pictures show, each as its own picture has it.
struct Twins {
  Subject left;
  Subject right;

  const Subject& at(size_t side) const { return side == 0 ? left : right; }
};

template <class Find>
std::vector<Twins> twins_of(const QueryContext& context, const Find& find) {
  std::vector<Twins> twins;
  const std::vector<Subject> on_right = find(context.scenes[1]);
  for (const Subject& left : find(context.scenes[0])) {
    const auto same = std::ranges::find(on_right, left.noun, &Subject::noun);
    if (same != on_right.end()) twins.push_back({left, *same});
  }
  return twins;
}

/// Those that can be compared by colour.
std::vector<Twins> colored_twins(const QueryContext& context) {
  std::vector<Twins> twins = twins_of(context, subjects);
  std::erase_if(twins, [](const Twins& each) {
    return each.left.by_color || each.right.by_color || each.left.group->color.empty() ||
           each.right.group->color.empty() || each.left.count != each.right.count;
  });
  return twins;
}

bool same_color(const Twins& each) {
  return each.left.group->color == each.right.group->color;
}

bool same_count(const Twins& each) {
  return each.left.count == each.right.count;
}

Asked about_side(size_t side, std::string truth, std::string fact) {
  Asked asked{.truth = std::move(truth), .fact = std::move(fact)};
  asked.slots = {{"side", std::string(kPairSides[side])},
                 {"other_side", std::string(kPairSides[1 - side])},
                 {"answer", asked.truth}};
  return asked;
}

Asked which_side(size_t side, std::string fact) {
  Asked asked = about_side(side, std::string(kPairSides[side]), std::move(fact));
  asked.wrong = {std::string(kPairSides[1 - side])};
  return asked;
}

std::string in_the(size_t side) {
  return cat("in the ", kPairSides[side], " picture");
}

/// A "yes" and a "no" are equally likely only where the pictures still hold one of each.
template <class Same>
std::optional<Twins> pick_yes_or_no(const QueryContext& context, std::vector<Twins> twins, const Same& same,
                                    std::string_view what, bool yes) {
  std::erase_if(twins, [&](const Twins& each) { return context.told.contains(fact(what, each.left.noun)); });
  std::vector<Twins> fitting;
  std::ranges::copy_if(twins, std::back_inserter(fitting), [&](const Twins& each) { return same(each) == yes; });
  if (fitting.empty() || fitting.size() == twins.size()) return std::nullopt;
  return context.random.pick(fitting);
}

/// A sort of things that is in one picture only.
std::vector<Subject> alone_in(const QueryContext& context, size_t side) {
  std::vector<Subject> found = sorts(context.scenes[side]);
  const Scene& other = context.scenes[1 - side];
  std::erase_if(found, [&](const Subject& each) {
    return count_noun(other, each.noun) > 0 || in_setting(other, each.noun, context.world.catalogue());
  });
  return found;
}

}  // namespace

std::optional<Asked> ask_side_color(const QueryContext& context) {
  const std::vector<Twins> twins = colored_twins(context);
  if (twins.empty()) return std::nullopt;
  const Twins& each = context.random.pick(twins);
  const size_t side = context.random.below(2);
  const std::string& color = each.at(side).group->color;
  const std::string& other = each.at(1 - side).group->color;
  Asked asked = about_side(side, color, fact(fact("color", kPairSides[side]), each.left.noun));
  add_subject(asked, each.at(side));
  asked.told.insert(fact("color", each.left.noun));
  asked.wrong = other_colors(color, context.scenes[1 - side], context.random);
  const std::string it = each.left.single() ? "it" : "they";
  const std::string_view is = verb_to_be(each.left.count);
  asked.slots.push_back({"other", color == other
                                      ? cat(capitalized(it), " ", is, " ", color, " ", in_the(1 - side), " too.")
                                      : cat(capitalized(in_the(1 - side)), ", ", it, " ", is, " ", other, ".")});
  return asked;
}

std::optional<Asked> ask_side_count(const QueryContext& context) {
  const std::vector<Twins> twins = twins_of(context, sorts);
  if (twins.empty()) return std::nullopt;
  const Twins& each = context.random.pick(twins);
  const size_t side = context.random.below(2);
  const Subject& subject = each.at(side);
  const Subject& other = each.at(1 - side);
  constexpr double kAlone = 0.3;  // most things come alone
  if (subject.single() && !context.random.chance(kAlone)) return std::nullopt;
  Asked asked = about_side(side, cat(subject.count), fact(fact("count", kPairSides[side]), subject.noun));
  add_subject(asked, subject);
  asked.told.insert(fact("count", subject.noun));
  asked.slots.push_back({"number", number_word(subject.count)});
  asked.wrong = near_numbers(subject.count, context.random);
  asked.slots.push_back({"other", same_count(each) ? "The other picture shows as many."
                                                   : cat("The other picture shows ", number_word(other.count), ".")});
  return asked;
}

std::optional<Asked> ask_side_setting(const QueryContext& context) {
  const size_t side = context.random.below(2);
  const SettingFacts& facts = setting_facts(context.scenes[side].setting);
  const SettingFacts& other = setting_facts(context.scenes[1 - side].setting);
  if (facts.bare) return std::nullopt;
  Asked asked = about_side(side, std::string(facts.noun), fact("setting", kPairSides[side]));
  if (facts.id == other.id) asked.told.insert(fact("setting", kPairSides[1 - side]));
  asked.about = "setting";
  asked.slots.push_back({"a_place", std::string(facts.name)});
  const std::string same = "The other picture is set in the same place.";
  asked.slots.push_back({"other", facts.id == other.id ? same : cat("The other one shows ", other.name, ".")});
  return asked;
}

std::optional<Asked> ask_side_sign(const QueryContext& context) {
  const size_t side = context.random.below(2);
  const std::vector<Sign>& signs = context.scenes[side].signs;
  if (signs.empty()) return std::nullopt;
  const Sign& sign = context.random.pick(signs);
  if (std::ranges::count(signs, sign.surface, &Sign::surface) != 1) return std::nullopt;
  Asked asked = about_side(side, sign_line(sign), fact(fact("sign_text", kPairSides[side]), sign.surface));
  asked.about = sign.surface;
  asked.verbatim = true;
  asked.slots.push_back({"surface", sign.surface});
  return asked;
}

std::optional<Asked> ask_side_value(const QueryContext& context) {
  const size_t side = context.random.below(2);
  const auto& chart = context.scenes[side].chart;
  const auto& other = context.scenes[1 - side].chart;
  if (!chart || !other || chart->labels.empty() || chart->labels != other->labels) return std::nullopt;
  const size_t i = context.random.below(chart->labels.size());
  const std::string& label = chart->labels[i];
  Asked asked = about_side(side, cat(chart->values[i]), fact(fact("value", kPairSides[side]), label));
  asked.about = "chart";
  asked.slots.push_back({"label", label});
  asked.slots.push_back({"other", chart->values[i] == other->values[i]
                                      ? "The other chart gives the same number."
                                      : cat("The other chart gives ", other->values[i], ".")});
  return asked;
}

std::optional<Asked> ask_side_cell(const QueryContext& context) {
  const size_t side = context.random.below(2);
  const auto& grid = context.scenes[side].grid;
  if (!grid || grid->columns < 1 || grid->cells.empty()) return std::nullopt;
  const size_t i = context.random.below(grid->cells.size());
  const Grid::Cell& cell = grid->cells[i];
  if (cell.look.empty()) return std::nullopt;
  const std::string thing = cell.color.empty() ? cell.noun : cat(cell.color, " ", cell.noun);
  const auto at = static_cast<int64_t>(i);
  Asked asked = about_side(side, thing, fact(fact("cell", kPairSides[side]), cat(at)));
  asked.about = cell.noun;
  asked.slots.push_back({"a_thing", cat(article(thing), " ", thing)});
  asked.slots.push_back({"row", cat(at / grid->columns + 1)});
  asked.slots.push_back({"column", cat(at % grid->columns + 1)});
  return asked;
}

std::optional<Asked> ask_which_more(const QueryContext& context) {
  std::vector<Twins> twins = twins_of(context, sorts);
  std::erase_if(twins, same_count);
  if (twins.empty()) return std::nullopt;
  const Twins& each = context.random.pick(twins);
  Asked asked = which_side(each.left.count > each.right.count ? 0 : 1, fact("which_more", each.left.noun));
  add_subject(asked, each.left);
  asked.told.insert(fact("change", "count"));
  return asked;
}

std::optional<Asked> ask_which_color(const QueryContext& context) {
  std::vector<Twins> twins = colored_twins(context);
  std::erase_if(twins, same_color);
  if (twins.empty()) return std::nullopt;
  const Twins& each = context.random.pick(twins);
  const size_t side = context.random.below(2);
  Asked asked = which_side(side, fact("color", each.left.noun));
  add_subject(asked, each.left);
  for (const std::string_view each_side : kPairSides) asked.told.insert(fact(fact("color", each_side), each.left.noun));
  const std::string& color = each.at(side).group->color;
  asked.slots.push_back({"color", color});
  asked.slots.push_back({"a_colored", each.left.single() ? cat(article(color), " ", color, " ", each.left.noun)
                                                         : cat(color, " ", each.left.nouns)});
  return asked;
}

std::optional<Asked> ask_which_shows(const QueryContext& context) {
  const size_t side = context.random.below(2);
  const std::vector<Subject> candidates = alone_in(context, side);
  if (candidates.empty()) return std::nullopt;
  const Subject& subject = context.random.pick(candidates);
  Asked asked = which_side(side, fact("exists", subject.noun));
  asked.about = subject.noun;
  asked.slots.push_back({"a_noun", with_article(subject.noun, subject.nouns)});
  return asked;
}

std::optional<Asked> ask_count_difference(const QueryContext& context) {
  std::vector<Twins> twins = twins_of(context, sorts);
  std::erase_if(twins, same_count);
  if (twins.empty()) return std::nullopt;
  const Twins& each = context.random.pick(twins);
  const int64_t difference = std::abs(each.left.count - each.right.count);
  Asked asked{.truth = cat(difference), .fact = fact("count_difference", each.left.noun)};
  add_subject(asked, each.left);
  asked.told.insert(fact("change", "count"));
  asked.slots.insert(asked.slots.end(), {{"answer", asked.truth},
                                         {"number", number_word(difference)},
                                         {"count_left", counted(each.left)},
                                         {"count_right", number_word(each.right.count)},
                                         {"is_left", std::string(verb_to_be(each.left.count))}});
  asked.wrong = near_numbers(difference, context.random);
  return asked;
}

std::optional<Asked> ask_same_color(const QueryContext& context) {
  const bool yes = context.random.chance(0.5);
  const std::optional<Twins> each = pick_yes_or_no(context, colored_twins(context), same_color, "color", yes);
  if (!each) return std::nullopt;
  Asked asked{.truth = yes ? "yes" : "no", .fact = fact("color", each->left.noun)};
  add_subject(asked, each->left);
  asked.slots.push_back({"answer", asked.truth});
  return asked;
}

std::optional<Asked> ask_same_count(const QueryContext& context) {
  const bool yes = context.random.chance(0.5);
  const std::optional<Twins> each = pick_yes_or_no(context, twins_of(context, sorts), same_count, "count", yes);
  if (!each) return std::nullopt;
  Asked asked{.truth = yes ? "yes" : "no", .fact = fact("count", each->left.noun)};
  add_subject(asked, each->left);
  asked.slots.push_back({"answer", asked.truth});
  return asked;
}

std::optional<Asked> ask_change(const QueryContext& context) {
  const std::vector<SceneDifference> differences = scene_differences(context.scenes[0], context.scenes[1]);
  if (differences.size() != 1) return std::nullopt;
  Asked asked{.truth = differences.front().what, .fact = "differences"};
  std::string later = differences.front().sentence;
  // A name or a quotation keeps its letter, an article becomes small.
  if (later.starts_with("The ") || later.starts_with("There ") || later.starts_with("Where ") ||
      later.starts_with("Row ")) {
    later.front() = static_cast<char>(later.front() - 'A' + 'a');
  }
  asked.slots = {{"answer", asked.truth}, {"sentence", differences.front().sentence}, {"sentence_low", later}};
  return asked;
}

std::optional<Asked> ask_new_thing(const QueryContext& context) {
  const size_t side = context.random.below(2);
  const std::vector<Subject> candidates = alone_in(context, side);
  if (candidates.size() != 1) return std::nullopt;
  const Subject& subject = candidates.front();
  Asked asked = about_side(side, subject.noun, fact("exists", subject.noun));
  add_subject(asked, subject);
  const std::vector<Subject> instead = alone_in(context, 1 - side);
  const std::string other = instead.size() == 1 ? cat("The other picture has ", a_thing(instead.front()), " instead.")
                                                : cat("In the other one, there is no ", subject.noun, ".");
  asked.slots.push_back({"other", other});
  return asked;
}

std::optional<Asked> ask_differences(const QueryContext& context) {
  const std::vector<SceneDifference> differences = scene_differences(context.scenes[0], context.scenes[1]);
  if (differences.empty()) return std::nullopt;
  std::vector<std::string> sentences;
  for (const SceneDifference& each : differences) sentences.push_back(each.sentence);
  if (context.random.chance(0.6)) {
    const std::string first =
        sentences.size() == 1 ? "The pictures differ in one thing."
                              : cat("There are ", number_word(static_cast<int64_t>(sentences.size())), " differences.");
    sentences.insert(sentences.begin(), first);
  }
  if (context.random.chance(0.4)) sentences.emplace_back("The rest is the same in both.");
  Asked asked{.fact = "differences"};
  asked.slots = {{"answer", join(sentences, " ")}};
  return asked;
}

std::optional<Asked> ask_in_common(const QueryContext& context) {
  const Scene& left = context.scenes[0];
  const Scene& right = context.scenes[1];
  std::vector<std::string> shared;
  for (size_t i = 0; i < std::min(left.groups.size(), right.groups.size()); ++i) {
    const ObjectGroup& a = left.groups[i];
    const ObjectGroup& b = right.groups[i];
    if (a.noun != b.noun) continue;
    const bool number = a.count() == b.count();
    const NounPhrase words{.count = number, .size = false, .color = a.color == b.color};
    ObjectGroup several = a;
    if (!number && several.count() == 1) several.places.push_back(several.places.front());
    shared.push_back(noun_phrase(number ? a : several, words));
  }
  std::vector<std::string> sentences;
  if (!shared.empty()) sentences.push_back(cat("Both pictures show ", list_phrase(shared), "."));
  if (left.setting == right.setting && left.backdrop == right.backdrop) {
    const SettingFacts& facts = setting_facts(left.setting);
    sentences.push_back(!facts.bare             ? cat("Both are set ", facts.place, ".")
                        : left.backdrop.empty() ? std::string("The background is the same.")
                                                : cat("The background of both is ", left.backdrop, "."));
  }
  if (left.chart && right.chart && left.chart->title == right.chart->title) {
    sentences.push_back(cat("Both hold a ", left.chart->form, " chart with the title \"", left.chart->title, "\"."));
  }
  if (left.grid && right.grid && left.grid->rows == right.grid->rows && left.grid->columns == right.grid->columns) {
    sentences.push_back(cat("Both hold a grid of ", number_word(left.grid->rows), " rows and ",
                            number_word(left.grid->columns), " columns."));
  }
  for (const Sign& sign : left.signs) {
    const bool same = std::ranges::any_of(
        right.signs, [&sign](const Sign& other) { return other.surface == sign.surface && other.text == sign.text; });
    if (same) sentences.push_back(cat("On both, the ", sign.surface, " says \"", sign_line(sign), "\"."));
  }
  if (sentences.empty()) return std::nullopt;
  Asked asked{.fact = "in_common"};
  asked.slots = {{"answer", join(sentences, " ")}};
  return asked;
}

}  // namespace fusion
