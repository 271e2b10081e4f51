#include <algorithm>
#include <span>

#include "foundation/core/text.h"
#include "workflows/synthesis/grammar/more.h"
#include "workflows/synthesis/grammar/query_groups.h"
#include "workflows/synthesis/grammar/subjects.h"
#include "workflows/synthesis/world/phrases.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

void add_number(Asked& asked, int64_t number, const QueryContext& context) {
  asked.truth = cat(number);
  asked.slots.push_back({"answer", asked.truth});
  asked.slots.push_back({"number", number_word(number)});
  asked.wrong = near_numbers(number, context.random);
}

/// One of them. A number is drawn first, since most sorts of things come alone; a lone thing is taken at times only.
std::optional<Subject> pick_by_count(const std::vector<Subject>& candidates, RandomSource& random) {
  constexpr int kTries = 4;
  constexpr double kAlone = 0.3;
  for (int i = 0; i < kTries; ++i) {
    const int64_t wanted = random.between(1, 10);
    const auto found = std::ranges::find(candidates, wanted, &Subject::count);
    if (found != candidates.end() && (wanted > 1 || random.chance(kAlone))) return *found;
  }
  const Subject& any = random.pick(candidates);
  if (any.single() && !random.chance(kAlone)) return std::nullopt;
  return any;
}

}  // namespace

std::optional<Asked> ask_count(const QueryContext& context) {
  const std::vector<Subject> candidates = sorts(context.scene());
  if (candidates.empty()) return std::nullopt;
  const std::optional<Subject> picked = pick_by_count(candidates, context.random);
  if (!picked) return std::nullopt;
  const Subject& subject = *picked;
  Asked asked{.fact = fact("count", subject.noun)};
  add_subject(asked, subject);
  add_number(asked, subject.count, context);
  asked.slots.push_back({"more", more_about_scene(context, asked)});
  return asked;
}

std::optional<Asked> ask_count_color(const QueryContext& context) {
  const Scene& scene = context.scene();
  if (!only_groups(scene)) return std::nullopt;
  const ObjectGroup& group = context.random.pick(scene.groups);
  if (group.color.empty()) return std::nullopt;
  const bool any_thing = context.random.chance(0.5);
  int64_t number = 0;
  int64_t sorts_of_it = 0;
  bool in_other_colors = false;
  for (const ObjectGroup& each : scene.groups) {
    if (!any_thing && each.noun != group.noun) continue;
    if (each.color.empty()) return std::nullopt;
    if (each.color == group.color) {
      number += each.count();
      ++sorts_of_it;
    } else {
      in_other_colors = true;
      if (!clearly_different(each.color, group.color)) return std::nullopt;
    }
  }
  // "How many red balloons?" is a question of its own only beside balloons of another colour, "how many red things?"
  // only where there are several sorts.
  if (!in_other_colors && !(any_thing && sorts_of_it > 1)) return std::nullopt;
  const std::string noun = any_thing ? "thing" : group.noun;
  const std::string nouns = any_thing ? "things" : group.nouns;
  Asked asked{.about = noun, .fact = fact(fact("count", noun), group.color)};
  asked.slots = {{"things", cat(group.color, " ", nouns)},
                 {"thing", cat(group.color, " ", number == 1 ? noun : nouns)},
                 {"color", group.color},
                 {"is", std::string(verb_to_be(number))}};
  if (!any_thing) asked.told = {fact("exists", group.noun), fact("color", group.noun)};
  add_number(asked, number, context);
  return asked;
}

std::optional<Asked> ask_count_all(const QueryContext& context) {
  if (!countable(context.scene())) return std::nullopt;
  const int64_t number = total(context.scene());
  Asked asked{.about = "thing", .fact = "count_all"};
  asked.slots = {{"thing", number == 1 ? "thing" : "things"}, {"is", std::string(verb_to_be(number))}};
  add_number(asked, number, context);
  return asked;
}

std::optional<Asked> ask_enough(const QueryContext& context) {
  const std::vector<Subject> candidates = sorts(context.scene());
  if (candidates.empty()) return std::nullopt;
  const std::optional<Subject> picked = pick_by_count(candidates, context.random);
  if (!picked) return std::nullopt;
  const Subject& subject = *picked;
  const bool yes = context.random.chance(0.5);
  // The limit lies as far above the number as it lies below: it tells nothing.
  const int64_t limit = yes ? subject.count - 1 - static_cast<int64_t>(context.random.below(2))
                            : subject.count + static_cast<int64_t>(context.random.below(2));
  // Below and above, one of its answers would ask for numbers that no picture shows.
  if (limit < 2 || limit > context.world.options().max_count - 2) return std::nullopt;
  Asked asked{.fact = fact("count", subject.noun)};
  add_subject(asked, subject);
  asked.truth = yes ? "yes" : "no";
  asked.slots.push_back({"answer", asked.truth});
  asked.slots.push_back({"limit", number_word(limit)});
  asked.slots.push_back({"number", number_word(subject.count)});
  return asked;
}

std::optional<Asked> ask_compare_counts(const QueryContext& context) {
  std::vector<Subject> candidates = sorts(context.scene());
  if (candidates.size() < 2) return std::nullopt;
  context.random.shuffle(std::span(candidates));
  const Subject& a = candidates[0];
  const Subject& b = candidates[1];
  if (a.count == b.count) return std::nullopt;
  const Subject& more = a.count > b.count ? a : b;
  Asked asked{
      .truth = more.nouns, .wrong = {(&more == &a ? b : a).nouns}, .fact = pair_fact("compare", a.noun, b.noun)};
  add_pair(asked, a, b);
  asked.told.insert({fact("count", a.noun), fact("count", b.noun)});
  asked.slots.insert(asked.slots.end(), {{"nouns_a", a.nouns},
                                         {"nouns_b", b.nouns},
                                         {"count_a", counted(a)},
                                         {"count_b", counted(b)},
                                         {"is_a", std::string(verb_to_be(a.count))},
                                         {"answer", more.nouns}});
  return asked;
}

std::optional<Asked> ask_most_numerous(const QueryContext& context) {
  std::vector<Subject> candidates = sorts(context.scene());
  if (candidates.size() < 2 || !only_groups(context.scene())) return std::nullopt;
  std::ranges::stable_sort(candidates, std::ranges::greater(), &Subject::count);
  const Subject& most = candidates.front();
  if (most.count == candidates[1].count) return std::nullopt;
  Asked asked{.truth = most.nouns, .fact = "most_numerous"};
  add_subject(asked, most);
  asked.slots.push_back({"answer", most.nouns});
  for (const Subject& each : candidates) {
    if (&each != &most) asked.wrong.push_back(each.nouns);
  }
  context.random.shuffle(std::span(asked.wrong));
  for (const std::string& noun : other_nouns(most, context)) {
    const Thing* thing = context.world.catalogue().thing(noun);
    const std::string nouns = thing == nullptr ? "" : thing->nouns;
    if (!nouns.empty() && std::ranges::find(asked.wrong, nouns) == asked.wrong.end()) asked.wrong.push_back(nouns);
  }
  return asked;
}

}  // namespace fusion
