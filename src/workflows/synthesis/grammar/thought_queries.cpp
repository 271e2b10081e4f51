#include <algorithm>
#include <array>
#include <span>

#include "foundation/core/text.h"
#include "workflows/synthesis/grammar/query_groups.h"
#include "workflows/synthesis/grammar/subjects.h"
#include "workflows/synthesis/world/phrases.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

void add_answer(Asked& asked, int64_t answer, const QueryContext& context) {
  asked.truth = cat(answer);
  asked.slots.push_back({"answer", asked.truth});
  asked.wrong = near_numbers(answer, context.random);
}

/// Two sorts of things, with the slots nouns_a, count_a, value_a, is_a and the same for b.
std::optional<std::pair<Subject, Subject>> pick_sorts(const QueryContext& context) {
  std::vector<Subject> candidates = sorts(context.scene());
  if (candidates.size() < 2) return std::nullopt;
  context.random.shuffle(std::span(candidates));
  return std::pair(candidates[0], candidates[1]);
}

void add_sorts(Asked& asked, const Subject& a, const Subject& b) {
  asked.about = a.noun;
  asked.slots.insert(asked.slots.end(), {{"nouns_a", a.nouns},
                                         {"nouns_b", b.nouns},
                                         {"count_a", counted(a)},
                                         {"count_b", counted(b)},
                                         {"value_a", cat(a.count)},
                                         {"value_b", cat(b.count)},
                                         {"is_a", std::string(verb_to_be(a.count))}});
}

/// "an animal", for a category of which a person would say what belongs to it and what does not; "" for others.
std::string_view category_words(std::string_view category) {
  struct Words {
    std::string_view category;
    std::string_view words;
  };
  constexpr std::array<Words, 8> kWords = {{{"animal", "an animal"},
                                            {"food", "something to eat"},
                                            {"furniture", "a piece of furniture"},
                                            {"vehicle", "a vehicle"},
                                            {"clothing", "a piece of clothing"},
                                            {"tool", "a tool"},
                                            {"music", "a musical instrument"},
                                            {"shape", "a geometric shape"}}};
  const auto found = std::ranges::find(kWords, category, &Words::category);
  return found == kWords.end() ? std::string_view() : found->words;
}

/// A sort of which there are several.
std::optional<Subject> pick_many(const QueryContext& context, int64_t at_least) {
  std::vector<Subject> candidates = sorts(context.scene());
  std::erase_if(candidates, [at_least](const Subject& each) { return each.count < at_least; });
  if (candidates.empty()) return std::nullopt;
  return context.random.pick(candidates);
}

}  // namespace

std::optional<Asked> ask_sum(const QueryContext& context) {
  const auto pair = pick_sorts(context);
  if (!pair || pair->first.count + pair->second.count < 3) return std::nullopt;
  const auto& [a, b] = *pair;
  Asked asked{.fact = pair_fact("sum", a.noun, b.noun)};
  add_sorts(asked, a, b);
  add_answer(asked, a.count + b.count, context);
  return asked;
}

std::optional<Asked> ask_difference(const QueryContext& context) {
  const auto pair = pick_sorts(context);
  if (!pair || pair->first.count == pair->second.count) return std::nullopt;
  const bool in_order = pair->first.count > pair->second.count;
  const Subject& more = in_order ? pair->first : pair->second;
  const Subject& fewer = in_order ? pair->second : pair->first;
  Asked asked{.fact = pair_fact("difference", more.noun, fewer.noun)};
  add_sorts(asked, more, fewer);
  add_answer(asked, more.count - fewer.count, context);
  return asked;
}

std::optional<Asked> ask_left_over(const QueryContext& context) {
  const std::optional<Subject> subject = pick_many(context, 2);
  if (!subject) return std::nullopt;
  const int64_t taken = context.random.between(1, subject->count - 1);
  Asked asked{.fact = fact("left_over", subject->noun)};
  add_subject(asked, *subject);
  asked.slots.insert(asked.slots.end(), {{"number", number_word(subject->count)},
                                         {"value", cat(subject->count)},
                                         {"taken", number_word(taken)},
                                         {"taken_value", cat(taken)},
                                         {"was", taken == 1 ? "was" : "were"},
                                         {"is_gone", taken == 1 ? "is gone" : "are gone"}});
  add_answer(asked, subject->count - taken, context);
  return asked;
}

std::optional<Asked> ask_mirror(const QueryContext& context) {
  std::vector<std::pair<Subject, Subject>> pairs;
  const std::vector<Subject> singles = single_subjects(context.scene());
  for (const Subject& a : singles) {
    for (const Subject& b : singles) {
      if (!horizontal_relation(extent(*a.group), extent(*b.group)).empty()) pairs.emplace_back(a, b);
    }
  }
  if (pairs.empty()) return std::nullopt;
  const auto& [a, b] = context.random.pick(pairs);
  const std::string_view side = horizontal_relation(extent(*a.group), extent(*b.group));
  Asked asked{
      .truth = std::string(opposite(side)), .wrong = {std::string(side)}, .fact = pair_fact("mirror", a.noun, b.noun)};
  add_pair(asked, a, b);
  asked.slots.push_back({"answer", asked.truth});
  asked.slots.push_back({"true_side", std::string(side)});
  return asked;
}

std::optional<Asked> ask_mirror_half(const QueryContext& context) {
  std::vector<Subject> candidates = subjects(context.scene());
  std::erase_if(candidates, [](const Subject& each) { return half(extent(*each.group)).empty(); });
  if (candidates.empty()) return std::nullopt;
  const Subject& subject = context.random.pick(candidates);
  const std::string_view side = half(extent(*subject.group));
  Asked asked{.truth = std::string(opposite(side)), .wrong = {std::string(side)}, .fact = fact("half", subject.noun)};
  add_subject(asked, subject);
  asked.slots.push_back({"answer", asked.truth});
  asked.slots.push_back({"true_side", std::string(side)});
  return asked;
}

std::optional<Asked> ask_remaining(const QueryContext& context) {
  if (!countable(context.scene())) return std::nullopt;
  std::vector<Subject> all = sorts(context.scene());
  if (all.size() < 2) return std::nullopt;
  const size_t removed = context.random.below(all.size());
  Asked asked{.fact = fact("remaining", all[removed].noun)};
  add_subject(asked, all[removed]);
  std::vector<std::string> names;
  std::vector<std::string> numbers;
  int64_t left = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    if (i == removed) continue;
    left += all[i].count;
    names.push_back(counted(all[i]));
    numbers.push_back(cat(all[i].count));
  }
  const std::string others = list_phrase(names);
  asked.slots.push_back({"others", others});
  asked.slots.push_back(
      {"sum", numbers.size() == 1 ? cat("That makes ", left) : cat(join(numbers, " + "), " = ", left)});
  add_answer(asked, left, context);
  return asked;
}

std::optional<Asked> ask_shares(const QueryContext& context) {
  const std::optional<Subject> subject = pick_many(context, 4);
  if (!subject) return std::nullopt;
  std::vector<int64_t> divisors;
  for (int64_t i = 2; i < subject->count; ++i) {
    if (subject->count % i == 0) divisors.push_back(i);
  }
  if (divisors.empty()) return std::nullopt;
  const int64_t sharers = context.random.pick(divisors);
  Asked asked{.fact = fact("shares", subject->noun)};
  add_subject(asked, *subject);
  asked.slots.insert(asked.slots.end(), {{"number", number_word(subject->count)},
                                         {"value", cat(subject->count)},
                                         {"sharers", number_word(sharers)},
                                         {"sharers_value", cat(sharers)}});
  add_answer(asked, subject->count / sharers, context);
  return asked;
}

std::optional<Asked> ask_odd_one(const QueryContext& context) {
  const std::vector<Subject> all = sorts(context.scene());
  if (all.size() < 3 || !only_groups(context.scene())) return std::nullopt;
  for (const Subject& odd : all) {
    std::vector<std::string> others;
    std::set<std::string> categories;
    for (const Subject& each : all) {
      if (each.noun == odd.noun) continue;
      categories.insert(each.group->category);
      others.push_back(cat("the ", each.thing()));
    }
    const std::string& category = *categories.begin();
    const bool fits = categories.size() == 1 && !category_words(category).empty();
    if (!fits || category_words(odd.group->category).empty() || odd.group->category == category) continue;
    Asked asked{.truth = odd.thing(), .about = odd.noun, .fact = "odd_one"};
    asked.slots = {{"answer", odd.thing()},
                   {"others", capitalized(list_phrase(others))},
                   {"a_category", std::string(category_words(category))},
                   {"is", std::string(verb_to_be(odd.count))},
                   {"does", odd.single() ? "does" : "do"}};
    for (const Subject& each : all) {
      if (each.noun != odd.noun) asked.wrong.push_back(each.thing());
    }
    context.random.shuffle(std::span(asked.wrong));
    return asked;
  }
  return std::nullopt;
}

}  // namespace fusion
