#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <tuple>
#include <unordered_map>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"
#include "workflows/synthesis/filters/share_counts.h"

namespace fusion {

struct BalanceOptions {
  bool enabled = true;
  double yes_no = 0.55;
  double letter = 1.2;
  double answer = 0.35;
  double same_question = 0.6;
  int64_t slack = 20;

  static constexpr auto fields() {
    using Self = BalanceOptions;
    return std::tuple(
        defaulted("enabled", &Self::enabled, "whether it is asked"),
        defaulted("yes_no", &Self::yes_no, "share of yes, and of no, among the two within a kind, at most"),
        defaulted("letter", &Self::letter, "share of an option's letter, at most, in times of its fair share"),
        defaulted("answer", &Self::answer, "share of any other answer among those within a kind, at most"),
        defaulted("same_question", &Self::same_question, "share of one answer to one question's words, at most"),
        defaulted("slack", &Self::slack, "so many of an answer are kept above its share"));
  }
  void check(std::string_view section) const {
    require_option(section, "yes_no", yes_no, 0.5, 1.0);
    require_option(section, "letter", letter, 1.0, 100.0);
    require_option(section, "answer", answer, 0.01, 1.0);
    require_option(section, "same_question", same_question, 0.1, 1.0);
    require_option<int64_t>(section, "slack", slack, 1, 1'000'000'000);
  }
};

/// Answers that are ahead of the others, for a guess from the question alone to gain nothing: yes or no, the letters of
/// a choice, any other bare answer of a kind, and any answer to one question's words. Decided as they come: the
/// conversation whose answer would be above its share by more than the slack is dropped. An answer may always have 1.2
/// times its fair share of the answers that were met; where there was one only, it is not ahead of another, so that a
/// kind with one answer is not dropped whole. Writers that are balanced, as the embedded grammar is, lose nothing.
///
/// Memory: 8 MB, and up to 65,536 answers of a kind and sort, of 60 bytes: an answer that is met later is rare.
class Balance final : public ConversationFilter {
 public:
  explicit Balance(const BalanceOptions& options) : options_(options) {}

  Verdict check(const ConversationFacts& conversation) const override;
  void remember(const ConversationFacts& conversation) override;

 private:
  struct Counts {
    std::unordered_map<uint64_t, int64_t> by_answer;
    int64_t total = 0;
  };

  static uint64_t group_of(const ConversationFacts& conversation, const RoundFacts& round);
  static uint64_t answer_of(const RoundFacts& round);
  double share_of(const RoundFacts& round, size_t different) const;
  Verdict check_round(const ConversationFacts& conversation, const RoundFacts& round) const;

  BalanceOptions options_;
  std::unordered_map<uint64_t, Counts> groups_;  ///< only looked up: its order has no say
  ShareCounts questions_;
  ShareCounts answers_to_questions_;
};

}  // namespace fusion
