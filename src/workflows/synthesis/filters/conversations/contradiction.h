#pragma once

#include <deque>
#include <map>
#include <tuple>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"

namespace fusion {

struct ContradictionOptions {
  bool enabled = true;

  static constexpr auto fields() {
    return std::tuple(defaulted("enabled", &ContradictionOptions::enabled, "whether it is asked"));
  }
};

/// Two answers to one question about an item's picture, in whichever of its conversations and ways to ask: yes and no,
/// two counts of one thing, two options of which each was offered to the other question, or two known truths. The later
/// conversation is dropped. Free answers in other words are no contradiction. Remembers the kept rounds of one item.
class Contradiction final : public ConversationFilter {
 public:
  explicit Contradiction(const ContradictionOptions& /*options*/) {}

  void begin_item() override;
  Verdict check(const ConversationFacts& conversation) const override;
  void remember(const ConversationFacts& conversation) override;

 private:
  std::map<Words, const RoundFacts*> answers_;  ///< by what was asked
  std::deque<RoundFacts> kept_;
};

}  // namespace fusion
