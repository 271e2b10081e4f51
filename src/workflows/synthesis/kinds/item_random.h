#pragma once
// Random choices about an item: a function of the run's seed, the item's number and what they are for.

#include <cstdint>

#include "foundation/core/random_source.h"

namespace fusion {

/// What random numbers are drawn for. One use never shifts the numbers of another.
enum class DrawnFor : uint64_t { kKinds, kScene, kVariation, kCaption, kDescription, kQuestions, kReserved };

inline RandomSource item_random(uint64_t seed, int64_t id, DrawnFor purpose) {
  constexpr auto kPurposes = static_cast<uint64_t>(DrawnFor::kReserved) + 1;
  return RandomSource(seed, static_cast<uint64_t>(id) * kPurposes + static_cast<uint64_t>(purpose));
}

}  // namespace fusion
