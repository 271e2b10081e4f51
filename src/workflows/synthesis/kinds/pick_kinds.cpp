#include "workflows/synthesis/kinds/pick_kinds.h"

#include <algorithm>
#include <cmath>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/kinds/item_random.h"

namespace fusion {

KindChoice::KindChoice(const KindRegistry& registry, const std::vector<KindWeight>& weights, int64_t kinds_per_picture)
    : kinds_per_picture_(kinds_per_picture) {
  if (kinds_per_picture < 1 || kinds_per_picture > 12) {
    throw Error({.who = "kinds_per_picture", .expected = "1 to 12", .got = cat(kinds_per_picture)});
  }
  for (const KindWeight& each : weights) {
    const Kind& kind = registry.find(each.kind);
    if (!std::isfinite(each.weight) || each.weight <= 0) {
      throw Error(
          {.who = cat("weight of the kind ", kind.name), .expected = "a number above 0", .got = cat(each.weight)});
    }
    if (std::ranges::find(candidates_, kind.name, &Candidate::name) != candidates_.end()) {
      throw Error({.who = "kinds", .expected = "each kind once", .got = cat(kind.name, " twice")});
    }
    candidates_.push_back({.name = kind.name, .pictures = kind.pictures, .weight = each.weight});
  }
  if (!weights.empty()) return;
  for (const Kind& kind : registry.kinds()) {
    candidates_.push_back({.name = kind.name, .pictures = kind.pictures, .weight = 1});
  }
}

std::vector<std::string> KindChoice::pick_kinds(uint64_t seed, int64_t id) const {
  RandomSource random = item_random(seed, id, DrawnFor::kKinds);
  std::vector<std::string> picked;
  std::vector<Candidate> left = candidates_;
  while (!left.empty() && static_cast<int64_t>(picked.size()) < kinds_per_picture_) {
    double total = 0;
    for (const Candidate& each : left) total += each.weight;
    double at = random.uniform() * total;
    size_t drawn = 0;
    while (drawn + 1 < left.size() && at >= left[drawn].weight) at -= left[drawn++].weight;

    const Candidate taken = left[drawn];
    picked.push_back(taken.name);
    std::erase_if(
        left, [&taken](const Candidate& each) { return each.name == taken.name || each.pictures != taken.pictures; });
  }
  return picked;
}

}  // namespace fusion
