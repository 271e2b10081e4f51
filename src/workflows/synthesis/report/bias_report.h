#pragma once
// What a question alone, or the most frequent answer, gives away: how well one does without a look at the picture.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "workflows/synthesis/items/item.h"
#include "workflows/synthesis/report/guess_table.h"
#include "workflows/synthesis/report/top_counts.h"

namespace fusion {

struct BiasOptions {
  size_t max_questions = size_t{1} << 20;  ///< pairs of question and answer that are remembered
  size_t max_objects = size_t{1} << 18;    ///< the same of noun, query and answer
  size_t max_named_objects = 4096;         ///< pairs of noun and query that are listed by name
  double cap_within_kind = 0.6;            ///< a guess is to be right less often than this, within any kind
  double cap_over_all = 0.35;              ///< the same over all kinds
};

/// Guesses at the rounds of a kind whose bare answer is known (bare_answer()).
struct KindBias {
  std::string kind;
  int64_t rounds = 0;         ///< with a bare answer
  std::string most_frequent;  ///< bare answer
  Guess majority;             ///< the most frequent answer, counted over all rounds
  /// Learned on one half of the items, scored on the other: the most frequent answer to the same words, and to what is
  /// asked about the same noun ("color", "balloon"). What was not met before is answered with the kind's most frequent.
  Guess by_question;
  Guess by_object;

  double worst() const;
};

/// What is asked about a noun, and its most frequent answer.
struct ObjectBias {
  std::string object;
  std::string query;
  int64_t rounds = 0;
  std::string most_frequent;
  double share = 0;
};

struct BiasFigures {
  std::vector<KindBias> kinds;   ///< by name
  KindBias all;                  ///< the sums, each kind's guess at its own rounds
  double sampled_questions = 1;  ///< the share of the questions that by_question is measured on
  double sampled_objects = 1;
  std::vector<ObjectBias> objects;  ///< asked about often enough to tell, the most one-sided first
  double cap_within_kind = 0;
  double cap_over_all = 0;

  bool within_caps() const;
};

/// Counts in bounded memory, about 120 MB at most. Equal items in equal order give equal figures.
class BiasReport {
 public:
  explicit BiasReport(BiasOptions options = {});

  /// Takes the kept conversations of a judged item.
  void add(const Item& item);
  BiasFigures figures() const;

 private:
  struct KindCounts {
    uint32_t number = 0;  ///< of the kind, in the order in which they came
    TopCounts all;
    TopCounts learned;
  };

  void add(const std::string& kind, const Round& round, bool held_out);
  std::vector<ObjectBias> one_sided_objects() const;

  BiasOptions options_;
  std::map<std::string, KindCounts> kinds_;
  std::map<std::pair<std::string, std::string>, TopCounts> objects_;  ///< by noun and query
  GuessTable questions_;
  GuessTable nouns_;
};

}  // namespace fusion
