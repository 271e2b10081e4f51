#include "workflows/synthesis/filters/conversations/choice.h"

#include <set>

namespace fusion {

namespace {

Verdict check_round(const Round& round) {
  std::set<Words> different;
  for (const std::string& option : round.options) {
    if (!different.insert(folded_words(option)).second) return cat("the option '", printable(option), "' twice");
  }
  const auto answered = option_named(round.answer, round.options);
  if (!answered) return cat("'", printable(round.answer), "' is none of the options");
  if (round.truth.empty()) return std::nullopt;
  if (option_named(round.truth, round.options) == answered) return std::nullopt;
  return cat("'", printable(round.answer), "' is answered where '", printable(round.truth), "' is true");
}

}  // namespace

Verdict Choice::check(const ConversationFacts& conversation) const {
  for (const RoundFacts& round : conversation.rounds) {
    if (round.round->options.empty()) continue;
    if (Verdict verdict = check_round(*round.round)) return verdict;
  }
  return std::nullopt;
}

}  // namespace fusion
