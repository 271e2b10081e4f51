#pragma once
// What share of all that came one thing has, in memory that does not grow.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fusion {

/// A million counts of 4 bytes, one for each remainder of a hash. Different things may fall on one count, which then is
/// too high: by 10 after 10 million different things, next to which a share that matters is large.
class ShareCounts {
 public:
  void add(uint64_t hash) {
    ++counts_[hash % counts_.size()];
    ++total_;
  }
  int64_t count(uint64_t hash) const { return counts_[hash % counts_.size()]; }
  int64_t total() const { return total_; }

  /// Whether with one more of it the thing would have more than `share` of all. The first `free` ones always may.
  bool would_pass(uint64_t hash, double share, int64_t free) const {
    const int64_t with_it = count(hash) + 1;
    return with_it > free && static_cast<double>(with_it) > share * static_cast<double>(total_ + 1);
  }

 private:
  std::vector<uint32_t> counts_ = std::vector<uint32_t>(size_t{1} << 20);
  int64_t total_ = 0;
};

}  // namespace fusion
