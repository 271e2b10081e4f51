#pragma once
// The merge loop of byte-pair encoding.

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace fusion {

/// Merge rules by pair of ids. A lower rank merges first, the leftmost of equal ranks before the others.
class BpeMerges {
 public:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  struct Rule {
    uint32_t rank = kNone;  ///< kNone: no such rule
    uint32_t merged = 0;
  };

  /// Room for `count` rules.
  explicit BpeMerges(size_t count);
  /// A later rule for the same pair replaces the earlier one.
  void add(uint32_t left, uint32_t right, Rule rule);

  /// Working memory of merge(); one a thread.
  struct Scratch {
    struct Symbol {
      uint32_t id;
      uint32_t previous;
      uint32_t next;
    };
    struct Candidate {
      uint32_t rank;
      uint32_t at;
      uint32_t merged;
      uint32_t right;
    };
    std::vector<Symbol> symbols;
    std::vector<Candidate> heap;
    std::vector<Rule> rules;
  };

  /// Merges `ids` in place until no rule applies. O(n log n); short pieces take a plain loop without a heap.
  void merge(std::vector<uint32_t>& ids, Scratch& scratch) const;

 private:
  struct Slot {
    uint64_t pair = kEmpty;
    Rule rule;
  };
  static constexpr uint64_t kEmpty = std::numeric_limits<uint64_t>::max();

  Rule find(uint32_t left, uint32_t right) const;
  void merge_short(std::vector<uint32_t>& ids, Scratch& scratch) const;
  void merge_long(std::vector<uint32_t>& ids, Scratch& scratch) const;
  size_t slot_of(uint64_t pair) const;

  std::vector<Slot> slots_;  // open addressing, a power of two
};

}  // namespace fusion
