#include "workflows/synthesis/filters/conversations/contradiction.h"

#include <algorithm>

namespace fusion {

namespace {

/// Whether the round's question could have been answered with `value`.
bool could_be(const RoundFacts& round, const std::string& value) {
  return round.choices.empty() || std::ranges::find(round.choices, value) != round.choices.end();
}

bool contradict(const RoundFacts& a, const RoundFacts& b) {
  return a.value != b.value && could_be(a, b.value) && could_be(b, a.value);
}

bool is_bound(const RoundFacts& round) {
  return round.certain && !round.value.empty() && !round.asked.empty();
}

}  // namespace

void Contradiction::begin_item() {
  answers_.clear();
  kept_.clear();
}

Verdict Contradiction::check(const ConversationFacts& conversation) const {
  std::map<Words, const RoundFacts*> own;
  for (const RoundFacts& round : conversation.rounds) {
    if (!is_bound(round)) continue;
    const auto earlier = answers_.find(round.asked);
    const RoundFacts& before =
        earlier != answers_.end() ? *earlier->second : *own.try_emplace(round.asked, &round).first->second;
    if (!contradict(before, round)) continue;
    return cat("'", printable(before.value), "' and '", printable(round.value), "' answer '",
               printable(round.round->question), "'");
  }
  return std::nullopt;
}

void Contradiction::remember(const ConversationFacts& conversation) {
  for (const RoundFacts& round : conversation.rounds) {
    if (!is_bound(round)) continue;
    kept_.push_back(round);
    answers_.try_emplace(round.asked, &kept_.back());
  }
}

}  // namespace fusion
