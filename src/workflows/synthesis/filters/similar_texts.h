#pragma once
// Finding a text like one that came before, among any number of them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "workflows/synthesis/filters/min_hash.h"
#include "workflows/synthesis/filters/words.h"

namespace fusion {

/// Texts as sets of shingles: runs of so many words, the ends counting as words, so that one other word changes as many
/// shingles as a shingle has words wherever it stands. Their Jaccard index is exact (words as 16-bit hashes) for the
/// texts that are compared, which are those that share a band of the MinHash: with an index of 0.9 that are 99 of 100,
/// with 0.8 about 77, with 0.7 about 38.
///
/// Memory: 48 to 88 bytes a text and 2 for each of its words, of which the first 1,000 count: 1.1 GB for 10 million of
/// 15 words. Time: at most 64 comparisons a text, for a place of a table remembers the last 8 texts that fell on it and
/// forgets the others.
class SimilarTexts {
 public:
  /// \param shingle  words of a shingle, at least 1
  explicit SimilarTexts(size_t shingle) : shingle_(shingle) {}

  /// Whether a text before has at least this Jaccard index.
  bool contains(const Words& text, double least) const;
  void add(const Words& text);
  size_t size() const { return ends_.size(); }

 private:
  using Codes = std::vector<uint16_t>;
  using Shingles = std::vector<uint64_t>;  ///< in order, each once

  static constexpr size_t kBands = std::tuple_size_v<MinHash>;
  static constexpr size_t kPlaces = 8;
  /// The texts that fell on one place, the last one first.
  struct Bucket {
    std::array<uint32_t, kPlaces> numbers = {};  ///< counted from 1; 0: none
    std::array<uint8_t, kPlaces> tags = {};      ///< of the band's value, to compare few that only share the bucket
  };

  Codes codes_of_text(size_t number) const;
  Shingles shingles_of(const Codes& codes) const;
  void grow();
  void enter(size_t number, const MinHash& hash);

  size_t shingle_;
  std::deque<uint16_t> codes_;  ///< of all texts, one after another
  std::deque<uint64_t> ends_;   ///< where each text ends in codes_
  std::array<std::vector<Bucket>, kBands> tables_;
};

}  // namespace fusion
