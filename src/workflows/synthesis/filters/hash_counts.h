#pragma once
// How often each of many hashes came, in 12 bytes a slot.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace fusion {

/// Open addressing, between three eighths and three quarters full: 16 to 32 bytes for each hash, 48 while it grows.
/// Two texts of one 64-bit hash count as one: among 10 million that happens once in 370,000 runs.
class HashCounts {
 public:
  /// Counts `hash` once more.
  void add(uint64_t hash) {
    if (4 * (used_ + 1) > 3 * keys_.size()) grow();
    const size_t slot = slot_of(hash);
    if (counts_[slot] == 0) ++used_;
    keys_[slot] = hash;
    if (counts_[slot] < std::numeric_limits<uint32_t>::max()) ++counts_[slot];
  }

  uint32_t count(uint64_t hash) const { return keys_.empty() ? 0 : counts_[slot_of(hash)]; }
  /// Different ones.
  size_t size() const { return used_; }

 private:
  size_t slot_of(uint64_t hash) const {
    const size_t mask = keys_.size() - 1;
    size_t slot = hash & mask;
    while (counts_[slot] != 0 && keys_[slot] != hash) slot = (slot + 1) & mask;
    return slot;
  }

  void grow() {
    constexpr size_t kFirstSlots = 64;
    const std::vector<uint64_t> keys = std::move(keys_);
    const std::vector<uint32_t> counts = std::move(counts_);
    keys_.assign(keys.empty() ? kFirstSlots : 2 * keys.size(), 0);
    counts_.assign(keys_.size(), 0);
    for (size_t i = 0; i < keys.size(); ++i) {
      if (counts[i] == 0) continue;
      const size_t slot = slot_of(keys[i]);
      keys_[slot] = keys[i];
      counts_[slot] = counts[i];
    }
  }

  std::vector<uint64_t> keys_;
  std::vector<uint32_t> counts_;  ///< 0: the slot is free
  size_t used_ = 0;
};

}  // namespace fusion
