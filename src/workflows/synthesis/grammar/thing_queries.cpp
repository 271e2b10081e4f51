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

constexpr int kOtherScenes = 6;

/// Those whose colour can be asked for.
std::vector<Subject> colored(const Scene& scene) {
  std::vector<Subject> found = subjects(scene);
  std::erase_if(found, [](const Subject& each) { return each.by_color || each.group->color.empty(); });
  return found;
}

bool has_color_alone(const Scene& scene, const ObjectGroup& group) {
  return std::ranges::all_of(scene.groups, [&group](const ObjectGroup& other) {
    return &other == &group || (!other.color.empty() && clearly_different(other.color, group.color));
  });
}

/// Whether pictures of the world could show such a thing beside the scene's own.
bool could_be_there(const QueryContext& context, const std::string& noun) {
  Scene with_it = context.scene();
  with_it.groups.emplace_back().noun = noun;
  return context.world.can_show(with_it);
}

/// Whether nothing in the scene could be taken for a thing of the noun.
bool surely_absent(const QueryContext& context, std::string_view noun) {
  const Scene& scene = context.scene();
  const Catalogue& catalogue = context.world.catalogue();
  if (in_setting(scene, noun, catalogue)) return false;
  const std::string_view family = family_of(catalogue, noun);
  const auto differs = [&](std::string_view other) { return other != noun && family_of(catalogue, other) != family; };
  if (!std::ranges::all_of(scene.groups, [&](const ObjectGroup& group) { return differs(group.noun); })) return false;
  if (!std::ranges::all_of(scene.signs, [&](const Sign& sign) { return differs(sign.surface); })) return false;
  return !scene.grid ||
         std::ranges::all_of(scene.grid->cells, [&](const Grid::Cell& cell) { return differs(cell.noun); });
}

}  // namespace

std::optional<Asked> ask_color(const QueryContext& context) {
  const std::vector<Subject> candidates = colored(context.scene());
  if (candidates.empty()) return std::nullopt;
  const Subject& subject = context.random.pick(candidates);
  const std::string& color = subject.group->color;
  Asked asked{.truth = color, .fact = fact("color", subject.group->noun)};
  add_subject(asked, subject);
  asked.slots.push_back({"answer", color});
  asked.wrong = other_colors(color, context.scene(), context.random);
  asked.slots.push_back({"more", more_about(subject, context, asked)});
  return asked;
}

std::optional<Asked> ask_thing_of_color(const QueryContext& context) {
  if (!only_groups(context.scene())) return std::nullopt;
  std::vector<Subject> candidates = colored(context.scene());
  std::erase_if(candidates, [&](const Subject& each) { return !has_color_alone(context.scene(), *each.group); });
  if (candidates.empty()) return std::nullopt;
  const Subject& subject = context.random.pick(candidates);
  Asked asked{.truth = subject.group->noun, .fact = fact("color", subject.group->noun)};
  add_subject(asked, subject);
  asked.slots.push_back({"answer", subject.group->noun});
  asked.slots.push_back({"color", subject.group->color});
  asked.wrong = other_nouns(subject, context);
  return asked;
}

std::optional<Asked> ask_is_color(const QueryContext& context) {
  const std::vector<Subject> candidates = colored(context.scene());
  if (candidates.empty()) return std::nullopt;
  const bool yes = context.random.chance(0.5);
  const Subject& subject = context.random.pick(candidates);
  const std::string& color = subject.group->color;
  std::vector<std::string> others = other_colors(color, context.scene(), context.random);
  std::erase_if(others, [&](const std::string& other) {
    Scene with_other;
    with_other.groups = {*subject.group};
    with_other.groups.front().color = other;
    return !context.world.can_show(with_other);
  });
  if (others.empty()) return std::nullopt;
  context.random.shuffle(std::span(others));  // a colour that comes more often with "no" would give it away
  Asked asked{.truth = yes ? "yes" : "no", .fact = fact("color", subject.group->noun)};
  add_subject(asked, subject);
  asked.slots.push_back({"answer", asked.truth});
  asked.slots.push_back({"color", yes ? color : others.front()});
  asked.slots.push_back({"true_color", color});
  return asked;
}

std::optional<Asked> ask_backdrop_color(const QueryContext& context) {
  const Scene& scene = context.scene();
  if (scene.backdrop.empty() || !setting_facts(scene.setting).bare) return std::nullopt;
  Asked asked{.truth = scene.backdrop, .about = "background", .fact = "backdrop"};
  asked.slots.push_back({"answer", scene.backdrop});
  asked.wrong = other_colors(scene.backdrop, scene, context.random);
  asked.slots.push_back({"more", more_about_scene(context, asked)});
  return asked;
}

std::optional<Asked> ask_exists(const QueryContext& context) {
  const bool yes = context.random.chance(0.5);
  std::vector<Subject> candidates = sorts(context.scene());
  std::erase_if(candidates, [&](const Subject& each) { return context.told.contains(fact("exists", each.noun)); });
  // Where no "yes" is left, every question would be answered with "no".
  if (candidates.empty()) return std::nullopt;
  // What is not there comes from other pictures of the same sort: a noun is asked for with "yes" and "no" alike.
  Scene other;
  for (int tries = 0; !yes && tries < kOtherScenes; ++tries) {
    other = context.world.scene(context.focus, context.random);
    candidates = sorts(other);
    std::erase_if(candidates, [&](const Subject& each) {
      return !surely_absent(context, each.noun) || !could_be_there(context, each.noun);
    });
    if (!candidates.empty()) break;
  }
  if (candidates.empty()) return std::nullopt;
  const Subject& subject = context.random.pick(candidates);

  Asked asked{.truth = yes ? "yes" : "no", .about = subject.noun, .fact = fact("exists", subject.noun)};
  const std::string a_noun = with_article(subject.noun, subject.nouns);
  asked.slots = {{"noun", subject.noun},
                 {"a_noun", a_noun},
                 {"answer", asked.truth},
                 {"there_is", yes ? cat("there is ", a_noun) : cat("there is no ", subject.noun)}};
  const bool one_group = yes && groups_of(context.scene(), subject.noun).size() == 1;
  asked.slots.push_back({"more", one_group ? more_about(subject, context, asked) : more_about_scene(context, asked)});
  return asked;
}

std::optional<Asked> ask_size(const QueryContext& context) {
  std::vector<Subject> large;
  std::vector<Subject> small;
  for (const Subject& each : single_subjects(context.scene())) {
    if (each.group->size == "large") large.push_back(each);
    if (each.group->size == "small") small.push_back(each);
  }
  if (large.empty() || small.empty()) return std::nullopt;
  const Subject& larger = context.random.pick(large);
  const Subject& smaller = context.random.pick(small);
  Asked asked{.truth = larger.noun, .wrong = {smaller.noun}, .fact = pair_fact("size", larger.noun, smaller.noun)};
  const bool first = context.random.chance(0.5);
  add_pair(asked, first ? larger : smaller, first ? smaller : larger);
  asked.slots.push_back({"answer", larger.noun});
  return asked;
}

}  // namespace fusion
