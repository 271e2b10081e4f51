#include "workflows/synthesis/world/compositions.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/name_position.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr std::array<std::string_view, 3> kParts = {"all", "train", "held_out"};

std::string pair_of(const std::string& a, const std::string& b) {
  return a < b ? cat(a, " and ", b) : cat(b, " and ", a);
}

/// Each once.
std::vector<std::string> nouns_of(const Scene& scene) {
  std::set<std::string> nouns;
  for (const ObjectGroup& group : scene.groups) nouns.insert(group.noun);
  if (scene.grid) {
    for (const Grid::Cell& cell : scene.grid->cells) nouns.insert(cell.noun);
  }
  nouns.erase("");
  return {nouns.begin(), nouns.end()};
}

}  // namespace

Compositions::Compositions(std::string_view part, double held_out_share) : share_(held_out_share) {
  const auto found = std::ranges::find(kParts, part);
  if (found == kParts.end()) {
    throw Error({.who = "world: compositions", .expected = join(kParts, ", "), .got = printable(part)});
  }
  part_ = static_cast<Part>(found - kParts.begin());
  if (part_ == Part::kHeldOut && share_ <= 0) {
    throw Error({.who = "world: held_out_compositions",
                 .expected = "a share above 0 for pictures that have one of them",
                 .got = cat(share_)});
  }
}

bool Compositions::take(const Scene& scene) const {
  return part_ == Part::kAll || has_held_out(scene) == (part_ == Part::kHeldOut);
}

bool Compositions::is_held_out(const std::string& composition) const {
  return name_position(composition) < share_;
}

bool Compositions::has_held_out(const Scene& scene) const {
  const auto colored = [this](const auto& thing) {
    return !thing.noun.empty() && !thing.color.empty() && is_held_out(cat(thing.color, " ", thing.noun));
  };
  if (std::ranges::any_of(scene.groups, colored)) return true;
  if (scene.grid && std::ranges::any_of(scene.grid->cells, colored)) return true;
  const std::vector<std::string> nouns = nouns_of(scene);
  for (size_t i = 0; i < nouns.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (is_held_out(pair_of(nouns[i], nouns[j]))) return true;
    }
  }
  return std::ranges::any_of(scene.signs, [this](const Sign& sign) { return is_held_out(sign.text); });
}

}  // namespace fusion
