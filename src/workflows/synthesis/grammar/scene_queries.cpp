#include <algorithm>
#include <array>
#include <span>

#include "foundation/core/text.h"
#include "workflows/synthesis/grammar/more.h"
#include "workflows/synthesis/grammar/query_groups.h"
#include "workflows/synthesis/grammar/subjects.h"

namespace fusion {

namespace {

/// Places that a picture of one could be taken for.
constexpr std::array<std::array<std::string_view, 4>, 5> kAlike = {{{"forest", "park", "garden", "farm"},
                                                                    {"library", "classroom", "living_room", ""},
                                                                    {"mountains", "snow", "", ""},
                                                                    {"street", "night_street", "", ""},
                                                                    {"beach", "harbour", "desert", ""}}};

bool alike(std::string_view a, std::string_view b) {
  return a == b || std::ranges::any_of(kAlike, [&](const auto& group) {
           return std::ranges::find(group, a) != group.end() && std::ranges::find(group, b) != group.end();
         });
}

/// Settings that are clearly another place than `facts`.
std::vector<const SettingFacts*> other_places(const SettingFacts& facts) {
  std::vector<const SettingFacts*> others;
  for (const SettingFacts& each : settings()) {
    if (!each.bare && !alike(each.id, facts.id)) others.push_back(&each);
  }
  return others;
}

const SettingFacts& facts_of(const QueryContext& context) {
  return setting_facts(context.scene().setting);
}

}  // namespace

std::optional<Asked> ask_setting(const QueryContext& context) {
  const SettingFacts& facts = facts_of(context);
  if (facts.bare) return std::nullopt;
  Asked asked{.truth = std::string(facts.noun), .about = "setting", .fact = "setting"};
  asked.slots = {{"answer", asked.truth}, {"a_place", std::string(facts.name)}, {"place", std::string(facts.place)}};
  for (const SettingFacts* each : other_places(facts)) asked.wrong.emplace_back(each->noun);
  context.random.shuffle(std::span(asked.wrong));
  asked.slots.push_back({"more", more_about_scene(context, asked)});
  return asked;
}

std::optional<Asked> ask_is_setting(const QueryContext& context) {
  const SettingFacts& facts = facts_of(context);
  if (facts.bare) return std::nullopt;
  const bool yes = context.random.chance(0.5);
  const std::vector<const SettingFacts*> others = other_places(facts);
  const SettingFacts& named = yes ? facts : *context.random.pick(others);
  Asked asked{.truth = yes ? "yes" : "no", .about = "setting", .fact = "setting"};
  asked.slots = {
      {"answer", asked.truth}, {"a_place", std::string(named.name)}, {"true_place", std::string(facts.name)}};
  return asked;
}

std::optional<Asked> ask_indoors(const QueryContext& context) {
  const SettingFacts& facts = facts_of(context);
  if (facts.shelter == Shelter::kNone || !context.random.chance(context.shares.shelter(facts.shelter))) {
    return std::nullopt;
  }
  const bool inside = facts.shelter == Shelter::kIndoors;
  Asked asked{.truth = inside ? "indoors" : "outdoors",
              .wrong = {inside ? "outdoors" : "indoors"},
              .about = "setting",
              .fact = "indoors"};
  asked.slots = {{"answer", asked.truth}, {"place", std::string(facts.place)}};
  return asked;
}

std::optional<Asked> ask_day_night(const QueryContext& context) {
  const SettingFacts& facts = facts_of(context);
  if (facts.daylight == Daylight::kNone || !context.random.chance(context.shares.daylight(facts.daylight))) {
    return std::nullopt;
  }
  const bool day = facts.daylight == Daylight::kDay;
  Asked asked{.truth = day ? "day" : "night",
              .wrong = {day ? "night" : "day"},
              .about = "setting",
              .fact = "day_night",
              .told = {"indoors"}};
  asked.slots = {{"answer", asked.truth}, {"at_time", day ? "by day" : "at night"}};
  return asked;
}

std::optional<Asked> ask_weather(const QueryContext& context) {
  const SettingFacts& facts = facts_of(context);
  if (facts.weather.empty() || !context.random.chance(context.shares.weather(facts.weather))) return std::nullopt;
  Asked asked{.truth = std::string(facts.weather), .about = "weather", .fact = "weather", .told = {"indoors"}};
  asked.slots = {{"answer", asked.truth}};
  for (const SettingFacts& each : settings()) {
    const std::string weather(each.weather);
    if (weather.empty() || weather == facts.weather) continue;
    if (std::ranges::find(asked.wrong, weather) == asked.wrong.end()) asked.wrong.push_back(weather);
  }
  return asked;
}

std::optional<Asked> ask_thing_in_scene(const QueryContext& context) {
  const SettingFacts& facts = facts_of(context);
  const std::vector<Subject> things = sorts(context.scene());
  if (facts.bare || !only_groups(context.scene()) || things.size() != 1) return std::nullopt;
  Asked asked{.truth = things.front().noun, .fact = fact("exists", things.front().noun)};
  add_subject(asked, things.front());
  asked.told = {"setting"};
  asked.slots.push_back({"answer", asked.truth});
  asked.slots.push_back({"place", std::string(facts.place)});
  asked.wrong = other_nouns(things.front(), context);
  asked.slots.push_back({"more", more_about(things.front(), context, asked)});
  return asked;
}

}  // namespace fusion
