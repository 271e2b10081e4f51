#pragma once
// Finding a text like one that came before, among any number of them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "workflows/synthesis/filters/min_hash.h"

namespace fusion {

/// Locality-sensitive hashing: a text is compared with those that share a band of its MinHash. Of texts with a Jaccard
/// index of 0.9 it finds 99 of 100, of 0.8 about 77, of 0.7 about 38; what it finds has passed the comparison.
///
/// Memory: the hashes and 8 places of 4 bytes, 96 to 136 bytes a text: 1.2 GB for 10 million. Time: at most 64
/// comparisons a text, for a place of a table remembers the last 8 texts that fell on it and forgets the others.
class SimilarTexts {
 public:
  /// Whether a text before has at least this similarity.
  bool contains(const MinHash& text, double least) const;
  void add(const MinHash& text);
  size_t size() const { return texts_.size(); }

 private:
  static constexpr size_t kBands = std::tuple_size_v<MinHash>;
  static constexpr size_t kPlaces = 8;  ///< of a bucket

  /// The bucket's first place in tables_.
  size_t bucket(size_t band, uint64_t key) const;
  void grow();
  void enter(uint32_t number);

  std::deque<MinHash> texts_;
  std::array<std::vector<uint32_t>, kBands> tables_;  ///< numbers of texts counted from 1, the last one first; 0: none
};

}  // namespace fusion
