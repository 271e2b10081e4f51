#pragma once
// How often the most frequent answer to something is right, learned on one half of the data and scored on the other.

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace fusion {

/// How often a guess was right.
struct Guess {
  int64_t scored = 0;
  int64_t right = 0;

  double share() const { return scored == 0 ? 0 : static_cast<double>(right) / static_cast<double>(scored); }
  Guess& operator+=(const Guess& other);
};

/// What is known of a round, as hashes, and its answer.
struct Observation {
  uint64_t known = 0;     ///< what the guess goes by: the question's text ...
  uint32_t group = 0;     ///< scored apart: the number of its kind, small
  uint64_t answer = 0;    ///< hash of the bare answer
  bool held_out = false;  ///< scored instead of learned from
};

/// Holds at most `max_entries` pairs of what is known and an answer, some 80 bytes each. Where there are more, it goes
/// on with a half of what is known, chosen by its hash, then a quarter ...: a fair sample whatever the order.
class GuessTable {
 public:
  explicit GuessTable(size_t max_entries) : max_entries_(max_entries) {}

  void add(const Observation& observation);

  /// By group, for `fallback.size()` of them. What was only met in the held-out half is answered with the group's
  /// fallback.
  std::vector<Guess> score(std::span<const uint64_t> fallback) const;

  /// The share of what is known that is in the sample: 1, 1/2, 1/4 ...
  double sampled() const { return 1.0 / static_cast<double>(uint64_t{1} << level_); }

 private:
  struct Entry {
    uint64_t known;
    uint64_t answer;
    uint32_t group;
    uint32_t learned = 0;
    uint32_t held_out = 0;
  };

  bool in_sample(uint64_t known) const { return (known & ((uint64_t{1} << level_) - 1)) == 0; }
  void thin_out();

  size_t max_entries_;
  unsigned level_ = 0;
  std::unordered_map<uint64_t, Entry> entries_;
};

}  // namespace fusion
