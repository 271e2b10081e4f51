#include "workflows/synthesis/filters/similar_texts.h"

#include <algorithm>

namespace fusion {

namespace {

constexpr size_t kMostWords = 1000;

std::vector<uint16_t> codes_of(const Words& text) {
  std::vector<uint16_t> codes;
  for (size_t i = 0; i < std::min(text.size(), kMostWords); ++i) codes.push_back(hash_of(text[i]) & 0xFFFF);
  return codes;
}

uint64_t spread(uint64_t value, size_t band) {
  return combined_hash(value, band);
}

uint8_t tag_of(uint64_t spread_value) {
  return static_cast<uint8_t>(spread_value >> 56);
}

}  // namespace

SimilarTexts::Shingles SimilarTexts::shingles_of(const Codes& codes) const {
  Codes padded(shingle_ - 1);
  padded.insert(padded.end(), codes.begin(), codes.end());
  padded.resize(padded.size() + shingle_ - 1);
  Shingles all;
  for (size_t i = 0; i + shingle_ <= padded.size(); ++i) {
    uint64_t hash = 0;
    for (size_t k = i; k < i + shingle_; ++k) hash = combined_hash(hash, padded[k]);
    all.push_back(hash);
  }
  make_set(all);
  return all;
}

SimilarTexts::Codes SimilarTexts::codes_of_text(size_t number) const {
  const auto begin = static_cast<std::ptrdiff_t>(number == 0 ? 0 : ends_[number - 1]);
  return {codes_.begin() + begin, codes_.begin() + static_cast<std::ptrdiff_t>(ends_[number])};
}

bool SimilarTexts::contains(const Words& text, double least) const {
  if (ends_.empty()) return false;
  const Shingles shingles = shingles_of(codes_of(text));
  const MinHash hash = min_hash(shingles);
  for (size_t band = 0; band < kBands; ++band) {
    const uint64_t value = spread(hash[band], band);
    const Bucket& bucket = tables_[band][value % tables_[band].size()];
    for (size_t place = 0; place < kPlaces && bucket.numbers[place] != 0; ++place) {
      if (bucket.tags[place] != tag_of(value)) continue;
      if (jaccard_index(shingles, shingles_of(codes_of_text(bucket.numbers[place] - 1))) >= least) return true;
    }
  }
  return false;
}

void SimilarTexts::add(const Words& text) {
  const Codes codes = codes_of(text);
  codes_.insert(codes_.end(), codes.begin(), codes.end());
  ends_.push_back(codes_.size());
  if (ends_.size() > kPlaces * tables_[0].size()) {
    grow();
  } else {
    enter(ends_.size() - 1, min_hash(shingles_of(codes)));
  }
}

void SimilarTexts::grow() {
  constexpr size_t kFirstBuckets = 128;
  const size_t buckets = tables_[0].empty() ? kFirstBuckets : 2 * tables_[0].size();
  for (std::vector<Bucket>& table : tables_) table = std::vector<Bucket>(buckets);
  for (size_t number = 0; number < ends_.size(); ++number) {
    enter(number, min_hash(shingles_of(codes_of_text(number))));
  }
}

void SimilarTexts::enter(size_t number, const MinHash& hash) {
  for (size_t band = 0; band < kBands; ++band) {
    const uint64_t value = spread(hash[band], band);
    Bucket& bucket = tables_[band][value % tables_[band].size()];
    std::shift_right(bucket.numbers.begin(), bucket.numbers.end(), 1);
    std::shift_right(bucket.tags.begin(), bucket.tags.end(), 1);
    bucket.numbers[0] = static_cast<uint32_t>(number + 1);
    bucket.tags[0] = tag_of(value);
  }
}

}  // namespace fusion
