#pragma once
// Finding a picture like one that came before, by their perceptual hashes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "workflows/synthesis/filters/hash_counts.h"

namespace fusion {

/// Multi-index hashing (Norouzi 2012): two hashes that differ in at most 7 bits differ in at most one bit in one of
/// their four quarters. Equal hashes are always found; near ones among the last 4,096 of each value of a quarter, which
/// bounds the time where very many pictures are alike.
///
/// Memory: four copies of the hash in growing lists and one in a table, 48 to 96 bytes a picture: below 1 GB for 10
/// million, and below 9 GB whatever comes.
class SimilarPictures {
 public:
  static constexpr int kMaxDistance = 7;

  /// Whether a picture before differs in at most `distance` bits, 0 to kMaxDistance.
  bool contains(uint64_t hash, int distance) const;
  void add(uint64_t hash);
  size_t size() const { return exact_.size(); }

 private:
  struct Bucket {
    std::vector<uint64_t> hashes;
    size_t next = 0;  ///< what is overwritten next, once it is full
  };
  bool bucket_contains(const Bucket& bucket, uint64_t hash, int distance) const;

  static constexpr size_t kQuarters = 4;
  HashCounts exact_;
  std::array<std::vector<Bucket>, kQuarters> quarters_;  ///< empty before the first picture
};

}  // namespace fusion
