#include "workflows/synthesis/world/cast.h"

#include <algorithm>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr size_t kFewestNouns = 6;
constexpr size_t kFewestColored = 4;

/// Calls `visit` with each word of a noun until it says true.
template <class Visit>
bool any_word(std::string_view noun, const Visit& visit) {
  while (!noun.empty()) {
    const size_t end = std::min(noun.find(' '), noun.size());
    if (visit(noun.substr(0, end))) return true;
    noun.remove_prefix(std::min(end + 1, noun.size()));
  }
  return false;
}

bool share_a_word(std::string_view a, std::string_view b) {
  return any_word(
      a, [b](std::string_view word) { return any_word(b, [word](std::string_view other) { return word == other; }); });
}

}  // namespace

bool alike(const Thing& a, const Thing& b) {
  return a.noun == b.noun || (!a.family.empty() && a.family == b.family) || share_a_word(a.noun, b.noun);
}

bool seen_in(const Thing& thing, const SettingFacts& setting) {
  return std::ranges::any_of(setting.shows, [&thing](std::string_view shown) {
    return thing.family == shown || share_a_word(thing.noun, shown);
  });
}

Cast::Cast(const Catalogue& catalogue) : catalogue_(&catalogue) {
  for (const Thing& thing : catalogue.things()) {
    if (!thing.colored.empty()) colored_.push_back(&thing);
    if (!thing.pictured.empty()) pictured_.push_back(&thing);
  }
  if (catalogue.things().size() < kFewestNouns || colored_.size() < kFewestColored) {
    throw Error({.who = "the catalogue",
                 .expected = cat("at least ", kFewestNouns, " nouns, ", kFewestColored,
                                 " of them with looks that take a color"),
                 .got = cat(catalogue.things().size(), " and ", colored_.size()),
                 .hint = "add shapes or drawings to its objects"});
  }
}

const Thing* Cast::draw(const Wanted& wanted, RandomSource& random) const {
  const auto& things = wanted.colored ? colored_ : pictured_;
  if (things.empty()) return nullptr;
  const auto fits = [&wanted](const Thing* thing) {
    if (wanted.setting != nullptr && seen_in(*thing, *wanted.setting)) return false;
    return std::ranges::none_of(wanted.unlike, [thing](const Thing* other) { return alike(*thing, *other); });
  };
  constexpr int kTries = 20;
  for (int i = 0; i < kTries; ++i) {
    const Thing* thing = random.pick(things);
    if (fits(thing)) return thing;
  }
  std::vector<const Thing*> fitting;
  std::ranges::copy_if(things, std::back_inserter(fitting), fits);
  return fitting.empty() ? nullptr : random.pick(fitting);
}

const Thing& Cast::thing(std::string_view noun) const {
  if (const Thing* found = catalogue_->thing(noun)) return *found;
  throw Error({.who = "a scene",
               .expected = "things of the catalogue",
               .got = printable(noun),
               .cause = "the scene was made with another catalogue"});
}

ObjectGroup group_of(const Thing& thing, std::string color, RandomSource& random) {
  const Look& look = *random.pick(color.empty() ? thing.pictured : thing.colored);
  return {.look = look.id,
          .noun = thing.noun,
          .nouns = thing.nouns,
          .category = thing.category,
          .color = std::move(color),
          .size = {},
          .places = {}};
}

}  // namespace fusion
