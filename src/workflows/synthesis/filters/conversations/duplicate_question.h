#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"
#include "workflows/synthesis/filters/share_counts.h"

namespace fusion {

struct DuplicateQuestionOptions {
  bool enabled = true;
  double similarity = 0.8;
  double max_share = 0.2;
  int64_t free = 100;

  static constexpr auto fields() {
    using Self = DuplicateQuestionOptions;
    return std::tuple(
        defaulted("enabled", &Self::enabled, "whether it is asked"),
        defaulted("similarity", &Self::similarity, "of two questions about one picture, from which on one is dropped"),
        defaulted("max_share", &Self::max_share, "of one question's exact words among all the run's questions"),
        defaulted("free", &Self::free, "so many of each question are kept in any case"));
  }
  void check(std::string_view section) const {
    require_option(section, "similarity", similarity, 0.1, 1.0);
    require_option(section, "max_share", max_share, 0.0001, 1.0);
    require_option<int64_t>(section, "free", free, 1, 1'000'000'000);
  }
};

/// What was asked about the picture already (Jaccard index of the pairs of neighbouring words, without those that only
/// ask; an open question and one with options may stand side by side), and questions that a writer asks of nearly every
/// picture. A run of one kind with a dozen ways to ask stays below the default share.
///
/// Memory: 4 MB, whatever comes.
class DuplicateQuestion final : public ConversationFilter {
 public:
  explicit DuplicateQuestion(const DuplicateQuestionOptions& options) : options_(options) {}

  void begin_item() override { asked_.clear(); }
  Verdict check(const ConversationFacts& conversation) const override;
  void remember(const ConversationFacts& conversation) override;

 private:
  /// A question's pairs of words, in order and each once.
  using Pairs = std::vector<uint64_t>;
  static Pairs pairs_of(const RoundFacts& round);

  DuplicateQuestionOptions options_;
  std::vector<Pairs> asked_;  ///< about this item's picture
  ShareCounts run_;
};

}  // namespace fusion
