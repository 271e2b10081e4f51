#include <algorithm>
#include <array>
#include <span>

#include "foundation/core/text.h"
#include "workflows/synthesis/grammar/more.h"
#include "workflows/synthesis/grammar/query_groups.h"
#include "workflows/synthesis/grammar/subjects.h"
#include "workflows/synthesis/world/layout.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

constexpr std::array<std::string_view, 4> kSides = {"left", "right", "above", "below"};

struct Pair {
  Subject a;
  Subject b;
  std::string_view side;  ///< where a is, seen from b
};

/// A pair of single things of which one is clearly on one side of the other. The side is drawn first.
std::optional<Pair> pick_pair(const QueryContext& context) {
  const std::vector<Subject> singles = single_subjects(context.scene());
  std::vector<Pair> pairs;
  for (const Subject& a : singles) {
    for (const Subject& b : singles) {
      if (a.group == b.group) continue;
      const std::string_view side = relation(extent(*a.group), extent(*b.group));
      if (!side.empty()) pairs.push_back({a, b, side});
    }
  }
  if (pairs.empty()) return std::nullopt;
  const std::string_view wanted = kSides[context.random.below(kSides.size())];
  std::vector<Pair> fitting;
  std::ranges::copy_if(pairs, std::back_inserter(fitting), [wanted](const Pair& each) { return each.side == wanted; });
  return context.random.pick(fitting.empty() ? pairs : fitting);
}

/// Where `a` is from `b` on the axis of `side`; "" where that is not clear.
std::string_view along(std::string_view side, const ObjectGroup& a, const ObjectGroup& b) {
  const bool horizontal = side == "left" || side == "right";
  return horizontal ? horizontal_relation(extent(a), extent(b)) : vertical_relation(extent(a), extent(b));
}

/// The scene's things where it shows two or more single ones and nothing else; none otherwise.
std::vector<Subject> nothing_but_singles(const Scene& scene) {
  std::vector<Subject> singles = single_subjects(scene);
  if (!only_groups(scene) || singles.size() < 2 || singles.size() != scene.groups.size()) singles.clear();
  return singles;
}

struct Extreme {
  std::string_view side;
  std::string_view words;
};
constexpr std::array<Extreme, 4> kExtremes = {{{"left", "farthest to the left"},
                                               {"right", "farthest to the right"},
                                               {"above", "nearest to the top"},
                                               {"below", "nearest to the bottom"}}};

struct Order {
  std::string_view first;  ///< where the first thing is, seen from all others
  std::string_view words;
  double (*position)(const Placement& place);  ///< grows from the first thing to the last
};
constexpr std::array<Order, 4> kOrders = {
    {{"left", "from left to right", [](const Placement& place) { return place.x; }},
     {"right", "from right to left", [](const Placement& place) { return -place.x; }},
     {"above", "from top to bottom", [](const Placement& place) { return place.y; }},
     {"below", "from bottom to top", [](const Placement& place) { return -place.y; }}}};

}  // namespace

std::optional<Asked> ask_relation(const QueryContext& context) {
  const std::optional<Pair> pair = pick_pair(context);
  if (!pair) return std::nullopt;
  Asked asked{.truth = std::string(pair->side), .fact = pair_fact("relation", pair->a.noun, pair->b.noun)};
  add_pair(asked, pair->a, pair->b);
  asked.slots.push_back({"answer", asked.truth});
  asked.slots.push_back({"phrase", std::string(relation_words(pair->side))});
  for (const std::string_view side : kSides) {
    if (side != pair->side) asked.wrong.emplace_back(side);
  }
  context.random.shuffle(std::span(asked.wrong));
  asked.slots.push_back({"more", more_about(pair->a, context, asked)});
  return asked;
}

std::optional<Asked> ask_relation_cells(const QueryContext& context) {
  const int64_t cells = context.world.options().lattice;
  if (cells == 0) return std::nullopt;
  const std::optional<Pair> pair = pick_pair(context);
  if (!pair) return std::nullopt;
  const auto cell = [cells](const Subject& subject) {
    return cell_name(cell_of(subject.group->places.front(), cells));
  };
  // Its answer has more than the side, so that it is graded as an open one.
  Asked asked{.fact = pair_fact("relation", pair->a.noun, pair->b.noun)};
  asked.told = {fact("region", pair->a.noun), fact("region", pair->b.noun)};
  add_pair(asked, pair->a, pair->b);
  asked.slots.push_back({"answer", std::string(pair->side)});
  asked.slots.push_back({"phrase", std::string(relation_words(pair->side))});
  asked.slots.push_back({"cell_a", cell(pair->a)});
  asked.slots.push_back({"cell_b", cell(pair->b)});
  return asked;
}

std::optional<Asked> ask_is_relation(const QueryContext& context) {
  const std::optional<Pair> pair = pick_pair(context);
  if (!pair) return std::nullopt;
  const bool yes = context.random.chance(0.5);
  Asked asked{.truth = yes ? "yes" : "no", .fact = pair_fact("relation", pair->a.noun, pair->b.noun)};
  add_pair(asked, pair->a, pair->b);
  asked.slots.push_back({"answer", asked.truth});
  asked.slots.push_back({"phrase", std::string(relation_words(yes ? pair->side : opposite(pair->side)))});
  asked.slots.push_back({"true_phrase", std::string(relation_words(pair->side))});
  return asked;
}

std::optional<Asked> ask_thing_beside(const QueryContext& context) {
  const std::vector<Subject> all = subjects(context.scene());
  if (!only_groups(context.scene()) || all.size() != context.scene().groups.size()) return std::nullopt;
  const std::optional<Pair> pair = pick_pair(context);
  if (!pair) return std::nullopt;
  const std::string_view away = opposite(pair->side);
  const bool alone = std::ranges::all_of(all, [&](const Subject& other) {
    return other.group == pair->a.group || other.group == pair->b.group ||
           along(pair->side, *other.group, *pair->b.group) == away;
  });
  if (!alone) return std::nullopt;
  Asked asked{.truth = pair->a.noun, .fact = pair_fact("relation", pair->a.noun, pair->b.noun)};
  add_pair(asked, pair->a, pair->b);
  asked.slots.push_back({"answer", pair->a.noun});
  asked.slots.push_back({"a_thing", a_thing(pair->a)});
  asked.slots.push_back({"phrase", std::string(relation_words(pair->side))});
  asked.wrong = other_nouns(pair->a, context);
  std::erase(asked.wrong, pair->b.group->noun);
  asked.about = pair->b.group->noun;
  return asked;
}

std::optional<Asked> ask_region(const QueryContext& context) {
  constexpr std::array<std::string_view, 9> kRegions = {"left",     "right",     "top",         "bottom",      "center",
                                                        "top left", "top right", "bottom left", "bottom right"};
  std::vector<Subject> candidates = subjects(context.scene());
  std::erase_if(candidates, [](const Subject& each) { return region(extent(*each.group)).empty(); });
  if (candidates.empty()) return std::nullopt;
  const Subject& subject = context.random.pick(candidates);
  const std::string where(region(extent(*subject.group)));
  Asked asked{.truth = where, .fact = fact("region", subject.noun)};
  add_subject(asked, subject);
  asked.slots.push_back({"answer", where});
  asked.slots.push_back({"where", std::string(region_words(where))});
  for (const std::string_view each : kRegions) {
    // "top" is no wrong answer for what is in the top left corner.
    const bool overlaps = each.find(where) != std::string_view::npos || where.find(each) != std::string::npos;
    if (!overlaps) asked.wrong.emplace_back(each);
  }
  context.random.shuffle(std::span(asked.wrong));
  asked.slots.push_back({"more", more_about(subject, context, asked)});
  return asked;
}

std::optional<Asked> ask_outermost(const QueryContext& context) {
  const std::vector<Subject> singles = nothing_but_singles(context.scene());
  if (singles.empty()) return std::nullopt;
  const Extreme& extreme = kExtremes[context.random.below(kExtremes.size())];
  const auto found = std::ranges::find_if(singles, [&](const Subject& each) {
    return std::ranges::all_of(singles, [&](const Subject& other) {
      return other.group == each.group || along(extreme.side, *each.group, *other.group) == extreme.side;
    });
  });
  if (found == singles.end()) return std::nullopt;
  Asked asked{.truth = found->noun, .about = found->group->noun, .fact = fact("outermost", extreme.side)};
  asked.slots = {{"answer", found->noun}, {"extreme", std::string(extreme.words)}};
  for (const Subject& each : singles) {
    if (each.group != found->group) asked.wrong.push_back(each.noun);
  }
  context.random.shuffle(std::span(asked.wrong));
  for (std::string& noun : other_nouns(*found, context)) {
    const bool listed = std::ranges::any_of(asked.wrong, [&noun](const auto& each) { return each.ends_with(noun); });
    if (!listed && !found->noun.ends_with(noun)) asked.wrong.push_back(std::move(noun));
  }
  return asked;
}

std::optional<Asked> ask_order(const QueryContext& context) {
  std::vector<Subject> things = nothing_but_singles(context.scene());
  if (things.empty()) return std::nullopt;
  const Order& order = context.random.pick(kOrders);
  std::ranges::sort(things, {}, [&order](const Subject& each) { return order.position(each.group->places.front()); });
  std::string nouns;
  for (size_t i = 0; i < things.size(); ++i) {
    const bool clear = i == 0 || along(order.first, *things[i - 1].group, *things[i].group) == order.first;
    if (!clear) return std::nullopt;
    nouns += cat(i == 0 ? "" : ", ", things[i].noun);
  }
  Asked asked{.truth = nouns, .about = things.front().noun, .fact = fact("order", order.first)};
  asked.told = {fact("outermost", order.first), fact("outermost", opposite(order.first)),
                fact("order", opposite(order.first))};
  for (const Subject& each : things) {
    asked.told.insert(fact("exists", each.noun));
    for (const Subject& other : things) asked.told.insert(pair_fact("relation", each.noun, other.noun));
  }
  asked.slots = {{"answer", nouns}, {"direction", std::string(order.words)}};
  return asked;
}

}  // namespace fusion
