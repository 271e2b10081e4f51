#include "workflows/synthesis/filters/conversations/balance.h"

#include <algorithm>

namespace fusion {

namespace {

constexpr size_t kMostAnswers = 65536;
constexpr double kMayHave = 1.2;  ///< times the fair share

uint64_t question_of(const RoundFacts& round) {
  return hash_of(round.asked);
}

bool is_ahead(int64_t count, int64_t total, double share, int64_t slack) {
  return static_cast<double>(count + 1 - slack) > share * static_cast<double>(total + 1);
}

}  // namespace

uint64_t Balance::group_of(const ConversationFacts& conversation, const RoundFacts& round) {
  // Numbers and words are answers of one sort: a kind that asks for both shares its answers among them.
  const AnswerSort sort = round.sort == AnswerSort::kNumber ? AnswerSort::kOther : round.sort;
  const uint64_t options = round.option ? round.round->options.size() : 0;
  return combined_hash(combined_hash(hash_of(conversation.conversation->kind), static_cast<uint64_t>(sort)), options);
}

uint64_t Balance::answer_of(const RoundFacts& round) {
  return round.option ? static_cast<uint64_t>(*round.option) : hash_of(round.value);
}

double Balance::share_of(const RoundFacts& round, size_t different) const {
  if (round.sort == AnswerSort::kYesNo) return options_.yes_no;
  if (round.sort == AnswerSort::kLetter) return options_.letter / static_cast<double>(round.round->options.size());
  return std::max(options_.answer, kMayHave / static_cast<double>(std::max<size_t>(different, 1)));
}

Verdict Balance::check_round(const ConversationFacts& conversation, const RoundFacts& round) const {
  const uint64_t answer = answer_of(round);
  const auto group = groups_.find(group_of(conversation, round));
  if (group != groups_.end()) {
    const Counts& counts = group->second;
    const auto found = counts.by_answer.find(answer);
    const int64_t count = found == counts.by_answer.end() ? 0 : found->second;
    if (is_ahead(count, counts.total, share_of(round, counts.by_answer.size()), options_.slack)) {
      const std::string shown = round.option ? std::string(1, static_cast<char>('A' + *round.option)) : round.value;
      return cat("'", printable(shown), "' was the answer ", count, " times of ", counts.total);
    }
  }
  if (round.option || round.asked.empty()) return std::nullopt;
  const uint64_t question = question_of(round);
  const int64_t asked = questions_.count(question);
  const int64_t answered = answers_to_questions_.count(combined_hash(question, answer));
  if (!is_ahead(answered, asked, options_.same_question, options_.slack)) return std::nullopt;
  return cat("'", printable(round.value), "' was the answer to this question ", answered, " times of ", asked);
}

Verdict Balance::check(const ConversationFacts& conversation) const {
  for (const RoundFacts& round : conversation.rounds) {
    if (round.sort == AnswerSort::kUnknown) continue;
    if (Verdict verdict = check_round(conversation, round)) return verdict;
  }
  return std::nullopt;
}

void Balance::remember(const ConversationFacts& conversation) {
  for (const RoundFacts& round : conversation.rounds) {
    if (round.sort == AnswerSort::kUnknown) continue;
    Counts& counts = groups_[group_of(conversation, round)];
    ++counts.total;
    const uint64_t answer = answer_of(round);
    if (counts.by_answer.size() < kMostAnswers || counts.by_answer.contains(answer)) ++counts.by_answer[answer];
    if (round.option || round.asked.empty()) continue;
    questions_.add(question_of(round));
    answers_to_questions_.add(combined_hash(question_of(round), answer));
  }
}

}  // namespace fusion
