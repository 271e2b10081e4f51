#include "workflows/synthesis/filters/min_hash.h"

#include <algorithm>
#include <limits>

#include "workflows/synthesis/filters/words.h"

namespace fusion {

namespace {

constexpr size_t kHashes = 64;
constexpr uint64_t kBits = 8;

struct Multipliers {
  std::array<uint64_t, kHashes> times;
  std::array<uint64_t, kHashes> plus;
};

Multipliers fixed_multipliers() {
  Multipliers made{};
  for (size_t i = 0; i < kHashes; ++i) {
    made.times[i] = combined_hash(i, 1) | 1;
    made.plus[i] = combined_hash(i, 2);
  }
  return made;
}

}  // namespace

MinHash min_hash(std::span<const uint64_t> elements) {
  static const Multipliers kFixed = fixed_multipliers();
  std::array<uint32_t, kHashes> least{};
  least.fill(std::numeric_limits<uint32_t>::max());
  for (const uint64_t element : elements) {
    for (size_t i = 0; i < kHashes; ++i) {
      least[i] = std::min(least[i], static_cast<uint32_t>((element * kFixed.times[i] + kFixed.plus[i]) >> 32));
    }
  }
  MinHash packed{};
  for (size_t i = 0; i < kHashes; ++i) {
    packed[i / kBits] |= (static_cast<uint64_t>(least[i]) & 0xFF) << (kBits * (i % kBits));
  }
  return packed;
}

double similarity(const MinHash& a, const MinHash& b) {
  int equal = 0;
  for (size_t band = 0; band < a.size(); ++band) {
    const uint64_t difference = a[band] ^ b[band];
    for (uint64_t i = 0; i < kBits; ++i) equal += ((difference >> (kBits * i)) & 0xFF) == 0 ? 1 : 0;
  }
  // Two hashes that differ have the same 8 bits once in 256 times.
  constexpr double kByChance = 1.0 / 256;
  return std::max(0.0, (static_cast<double>(equal) / kHashes - kByChance) / (1 - kByChance));
}

}  // namespace fusion
