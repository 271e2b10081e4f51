#include "workflows/synthesis/filters/conversations/duplicate_question.h"

#include <algorithm>
#include <iterator>

namespace fusion {

namespace {

double jaccard(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  std::vector<uint64_t> both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  const size_t together = a.size() + b.size() - both.size();
  return together == 0 ? 1 : static_cast<double>(both.size()) / static_cast<double>(together);
}

}  // namespace

DuplicateQuestion::Pairs DuplicateQuestion::pairs_of(const RoundFacts& round) {
  Pairs pairs = shingles(round.asked, 2);
  // An open question and a choice have no pair in common; one choice and another also differ in what they offer.
  for (uint64_t& pair : pairs) pair = combined_hash(pair, round.choices.empty() ? 0 : 1);
  for (const std::string& choice : round.choices) pairs.push_back(hash_of(choice));
  std::ranges::sort(pairs);
  const auto repeated = std::ranges::unique(pairs);
  pairs.erase(repeated.begin(), repeated.end());
  return pairs;
}

Verdict DuplicateQuestion::check(const ConversationFacts& conversation) const {
  std::vector<Pairs> own;
  for (const RoundFacts& round : conversation.rounds) {
    const Pairs pairs = pairs_of(round);
    const auto is_near = [&](const Pairs& other) { return jaccard(pairs, other) >= options_.similarity; };
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
