#pragma once
// What a whole run comes to, in one pass over its items and in bounded memory: what the report shows and the data card
// states.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "workflows/synthesis/items/item.h"
#include "workflows/synthesis/items/item_stream.h"
#include "workflows/synthesis/report/bias_report.h"
#include "workflows/synthesis/report/top_counts.h"

namespace fusion {

/// Texts by their number of words.
class LengthHistogram {
 public:
  static constexpr size_t kBins = 60;  ///< the last one is for all that are longer

  void add(int64_t words);
  const std::array<int64_t, kBins>& bins() const { return bins_; }
  int64_t count() const { return count_; }
  double mean() const { return count_ == 0 ? 0 : static_cast<double>(words_) / static_cast<double>(count_); }

 private:
  std::array<int64_t, kBins> bins_{};
  int64_t count_ = 0;
  int64_t words_ = 0;
};

struct DropExample {
  int64_t id = 0;
  std::string text;  ///< the first question, or the caption
  std::string reason;
};

/// What one filter dropped.
struct FilterDrops {
  int64_t items = 0;                  ///< whole ones
  int64_t conversations = 0;          ///< by themselves
  std::vector<DropExample> examples;  ///< the first few
};

/// Conversations of one kind.
struct KindFigures {
  int64_t written = 0;
  int64_t kept = 0;
  // Of the kept ones:
  int64_t rounds = 0;
  LengthHistogram question_words;
  LengthHistogram answer_words;
  TopCounts answers;  ///< bare ones
};

/// How far the items came.
struct Funnel {
  int64_t captions = 0;
  int64_t described = 0;
  int64_t drawn = 0;
  int64_t asked = 0;
  int64_t kept = 0;  ///< with at least one conversation

  int64_t conversations_written = 0;
  int64_t conversations_kept = 0;
  int64_t rounds_kept = 0;
};

/// A few kept items of every kind, chosen by a hash of their ids: the same ones in every report, from all over the run.
/// Another seed, other items.
class ItemSample {
 public:
  explicit ItemSample(size_t size, uint64_t seed = 1) : size_(size), seed_(seed) {}
  void add(const Item& item);
  /// `size` items at most, the kinds in turn; without what no gallery shows.
  std::vector<Item> items() const;

 private:
  size_t size_;
  uint64_t seed_;
  std::map<std::string, std::map<uint64_t, Item>> of_kind_;  ///< by hash
};

struct RunStatistics {
  Funnel funnel;
  std::map<std::string, KindFigures> kinds;
  std::map<std::string, FilterDrops> filters;
  LengthHistogram question_words;
  LengthHistogram answer_words;
  TopCounts objects;  ///< nouns that are asked about
  BiasReport bias;
  ItemSample sample{60};

  /// Takes a judged item, dropped or kept.
  void add(const Item& item);
};

/// All that is left in the stream.
RunStatistics collect_statistics(ItemStream& items);

}  // namespace fusion
