#include "workflows/synthesis/grammar/subjects.h"

#include <algorithm>
#include <array>
#include <span>

#include "foundation/core/text.h"
#include "workflows/synthesis/items/palette.h"
#include "workflows/synthesis/world/phrases.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

constexpr size_t kOthers = 7;  // what a choice among eight needs

bool in_grid(const Scene& scene, std::string_view noun) {
  return scene.grid && std::ranges::any_of(scene.grid->cells, [noun](const auto& cell) { return cell.noun == noun; });
}

/// Whether the colour alone tells the group from the others of its noun.
bool told_by_color(const Scene& scene, const ObjectGroup& group) {
  if (group.color.empty()) return false;
  return std::ranges::all_of(groups_of(scene, group.noun), [&group](const ObjectGroup* other) {
    return other == &group || (!other->color.empty() && clearly_different(other->color, group.color));
  });
}

}  // namespace

std::vector<Subject> subjects(const Scene& scene) {
  std::vector<Subject> found;
  for (const ObjectGroup& group : scene.groups) {
    if (group.places.empty() || in_grid(scene, group.noun)) continue;
    const bool alone = groups_of(scene, group.noun).size() == 1;
    if (!alone && !told_by_color(scene, group)) continue;
    const std::string color = alone ? "" : group.color + ' ';
    found.push_back({.group = &group,
                     .noun = color + group.noun,
                     .nouns = color + group.nouns,
                     .count = group.count(),
                     .by_color = !alone});
  }
  return found;
}

std::vector<Subject> single_subjects(const Scene& scene) {
  std::vector<Subject> found = subjects(scene);
  std::erase_if(found, [](const Subject& each) { return !each.single(); });
  return found;
}

std::vector<Subject> sorts(const Scene& scene) {
  std::vector<Subject> found;
  for (const ObjectGroup& group : scene.groups) {
    if (group.places.empty() || in_grid(scene, group.noun)) continue;
    const auto same = std::ranges::find(found, group.noun, &Subject::noun);
    if (same != found.end()) {
      same->count += group.count();
    } else {
      found.push_back({.group = &group, .noun = group.noun, .nouns = group.nouns, .count = group.count()});
    }
  }
  return found;
}

bool only_groups(const Scene& scene) {
  return !scene.groups.empty() && scene.signs.empty() && !scene.chart && !scene.grid;
}

bool countable(const Scene& scene) {
  return only_groups(scene) && setting_facts(scene.setting).bare;
}

std::string fact(std::string_view what, std::string_view noun) {
  std::string key(what);
  key += '/';
  key += noun;
  return key;
}

std::string pair_fact(std::string_view what, std::string_view a, std::string_view b) {
  return fact(fact(what, std::min(a, b)), std::max(a, b));
}

void add_subject(Asked& asked, const Subject& subject) {
  const bool single = subject.single();
  asked.about = subject.group->noun;
  asked.slots.push_back({"thing", subject.thing()});
  asked.slots.push_back({"noun", subject.noun});
  asked.slots.push_back({"nouns", subject.nouns});
  asked.slots.push_back({"a_thing", a_thing(subject)});
  asked.slots.push_back({"is", std::string(verb_to_be(subject.count))});
  asked.slots.push_back({"it", single ? "it" : "they"});
  asked.slots.push_back({"does", single ? "does" : "do"});
  asked.told.insert(fact("exists", subject.group->noun));
  if (subject.by_color) asked.told.insert(fact("color", subject.group->noun));
}

void add_pair(Asked& asked, const Subject& a, const Subject& b) {
  asked.about = a.group->noun;
  asked.slots.push_back({"thing_a", a.thing()});
  asked.slots.push_back({"thing_b", b.thing()});
  for (const Subject* each : {&a, &b}) {
    asked.told.insert(fact("exists", each->group->noun));
    if (each->by_color) asked.told.insert(fact("color", each->group->noun));
  }
}

std::string counted(const Subject& subject) {
  return cat(number_word(subject.count), " ", subject.thing());
}

std::string a_thing(const Subject& subject) {
  return subject.single() ? with_article(subject.noun, subject.nouns) : subject.nouns;
}

std::vector<std::string> near_numbers(int64_t value, RandomSource& random) {
  const uint64_t share_below = random.below(kOthers + 1);  // drawn, for the truth to be no more often the middle one
  std::vector<std::string> numbers;
  int64_t below = value - 1;
  int64_t above = value + 1;
  for (size_t i = 0; i < kOthers; ++i) {
    const bool take_below = below >= 1 && random.below(kOthers) < share_below;
    numbers.push_back(cat(take_below ? below-- : above++));
  }
  return numbers;
}

std::vector<std::string> other_colors(std::string_view color, const Scene& scene, RandomSource& random) {
  std::vector<std::string> colors;
  for (const NamedColor& each : palette()) {
    if (each.name != color && clearly_different(each.name, color)) colors.emplace_back(each.name);
  }
  random.shuffle(std::span(colors));
  std::ranges::stable_partition(colors, [&scene](const std::string& each) {
    return std::ranges::find(scene.groups, each, &ObjectGroup::color) != scene.groups.end();
  });
  return colors;
}

std::string_view family_of(const Catalogue& catalogue, std::string_view noun) {
  const Thing* thing = catalogue.thing(noun);
  return thing == nullptr || thing->family.empty() ? noun : std::string_view(thing->family);
}

bool in_setting(const Scene& scene, std::string_view noun, const Catalogue& catalogue) {
  const Thing* thing = catalogue.thing(noun);
  return thing == nullptr || seen_in(*thing, setting_facts(scene.setting));
}

std::vector<std::string> other_nouns(const Subject& truth, const QueryContext& context) {
  std::vector<std::string> nouns;
  std::set<std::string_view> families;
  const Catalogue& catalogue = context.world.catalogue();
  const std::vector<Subject> shown = sorts(context.scene());
  for (const Subject& each : shown) {
    families.insert(family_of(catalogue, each.noun));
    if (each.group->noun != truth.group->noun) nouns.push_back(each.noun);
  }
  context.random.shuffle(std::span(nouns));
  const auto things = catalogue.things();
  const bool colored = !truth.group->color.empty();
  // Few tries, since a small catalogue may not have enough.
  for (size_t tries = 0; tries < 6 * kOthers && nouns.size() < kOthers; ++tries) {
    const Thing& thing = things[context.random.below(things.size())];
    if ((colored ? thing.colored : thing.pictured).empty()) continue;
    if (in_setting(context.scene(), thing.noun, catalogue)) continue;
    if (families.insert(family_of(catalogue, thing.noun)).second) nouns.push_back(thing.noun);
  }
  return nouns;
}

}  // namespace fusion
