#include "workflows/synthesis/filters/conversations/duplicate_question.h"

#include <algorithm>

namespace fusion {

DuplicateQuestion::Pairs DuplicateQuestion::pairs_of(const RoundFacts& round) {
  Pairs pairs = shingles(round.asked, 2);
  // An open question and a choice have no pair in common; one choice and another also differ in what they offer.
  for (uint64_t& pair : pairs) pair = combined_hash(pair, round.choices.empty() ? 0 : 1);
  for (const std::string& choice : round.choices) pairs.push_back(hash_of(choice));
  make_set(pairs);
  return pairs;
}

Verdict DuplicateQuestion::check(const ConversationFacts& conversation) const {
  std::vector<Pairs> own;
  for (const RoundFacts& round : conversation.rounds) {
    const Pairs pairs = pairs_of(round);
    const auto is_near = [&](const Pairs& other) { return jaccard_index(pairs, other) >= options_.similarity; };
    if (std::ranges::any_of(asked_, is_near) || std::ranges::any_of(own, is_near)) {
      return cat("'", printable(round.round->question), "' was asked about this picture");
    }
    if (run_.would_pass(hash_of(round.question), options_.max_share, options_.free)) {
      return cat("'", printable(round.round->question), "' was asked too often");
    }
    own.push_back(pairs);
  }
  return std::nullopt;
}

void DuplicateQuestion::remember(const ConversationFacts& conversation) {
  for (const RoundFacts& round : conversation.rounds) {
    asked_.push_back(pairs_of(round));
    run_.add(hash_of(round.question));
  }
}

}  // namespace fusion
