#include "workflows/synthesis/filters/similar_texts.h"

#include <algorithm>

#include "workflows/synthesis/filters/words.h"

namespace fusion {

size_t SimilarTexts::bucket(size_t band, uint64_t key) const {
  return combined_hash(key, band) % (tables_[band].size() / kPlaces) * kPlaces;
}

bool SimilarTexts::contains(const MinHash& text, double least) const {
  if (texts_.empty()) return false;
  for (size_t band = 0; band < kBands; ++band) {
    const size_t first = bucket(band, text[band]);
    for (size_t place = first; place < first + kPlaces; ++place) {
      const uint32_t number = tables_[band][place];
      if (number == 0) break;
      const MinHash& other = texts_[number - 1];
      if (other[band] == text[band] && similarity(text, other) >= least) return true;
    }
  }
  return false;
}

void SimilarTexts::add(const MinHash& text) {
  texts_.push_back(text);
  if (texts_.size() > tables_[0].size()) {
    grow();
  } else {
    enter(static_cast<uint32_t>(texts_.size()));
  }
}

void SimilarTexts::grow() {
  constexpr size_t kFirstPlaces = 1024;
  const size_t places = tables_[0].empty() ? kFirstPlaces : 2 * tables_[0].size();
  for (std::vector<uint32_t>& table : tables_) table = std::vector<uint32_t>(places);
  for (size_t i = 0; i < texts_.size(); ++i) enter(static_cast<uint32_t>(i + 1));
}

void SimilarTexts::enter(uint32_t number) {
  const MinHash& text = texts_[number - 1];
  for (size_t band = 0; band < kBands; ++band) {
    const auto first = tables_[band].begin() + static_cast<std::ptrdiff_t>(bucket(band, text[band]));
    std::shift_right(first, first + kPlaces, 1);
    *first = number;
  }
}

}  // namespace fusion
