#include "workflows/synthesis/report/top_counts.h"

#include <algorithm>

namespace fusion {

void TopCounts::add(const std::string& text) {
  ++total_;
  const auto found = counts_.find(text);
  if (found != counts_.end()) {
    ++found->second;
  } else if (counts_.size() < max_texts_) {
    counts_.emplace(text, 1);
  }
}

std::vector<TopCounts::Entry> TopCounts::top(size_t limit) const {
  std::vector<Entry> entries;
  entries.reserve(counts_.size());
  for (const auto& [text, count] : counts_) entries.push_back({.text = text, .count = count});
  std::ranges::stable_sort(entries, std::greater{}, &Entry::count);
  if (entries.size() > limit) entries.resize(limit);
  return entries;
}

}  // namespace fusion
