#pragma once
// How often each of many texts was seen, in bounded memory.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fusion {

/// Counts the first `max_texts` different texts one by one, and later ones together.
class TopCounts {
 public:
  explicit TopCounts(size_t max_texts = 4096) : max_texts_(max_texts) {}

  void add(const std::string& text);

  struct Entry {
    std::string text;
    int64_t count = 0;
  };
  /// The most frequent ones first; equally frequent ones by their letters.
  std::vector<Entry> top(size_t limit) const;

  int64_t total() const { return total_; }
  /// Different texts that are counted one by one.
  size_t size() const { return counts_.size(); }
  /// Whether there may be more different ones than that.
  bool is_full() const { return counts_.size() == max_texts_; }

 private:
  size_t max_texts_;
  std::map<std::string, int64_t> counts_;
  int64_t total_ = 0;
};

}  // namespace fusion
