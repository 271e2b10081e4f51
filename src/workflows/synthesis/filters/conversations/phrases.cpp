#include "workflows/synthesis/filters/conversations/phrases.h"

#include <algorithm>
#include <array>

namespace fusion {

namespace {

constexpr auto kRefusals = std::to_array<std::string_view>({"as a language model",
                                                            "as an ai",
                                                            "as an artificial intelligence",
                                                            "an ai language model",
                                                            "can't assist",
                                                            "can't help with",
                                                            "cannot answer",
                                                            "cannot assist",
                                                            "cannot be determined",
                                                            "cannot determine",
                                                            "cannot help with",
                                                            "do not have access",
                                                            "do not have enough information",
                                                            "don't have access",
                                                            "don't have enough information",
                                                            "i apologize",
                                                            "i am not able to",
                                                            "i am sorry",
                                                            "i am unable",
                                                            "i can not",
                                                            "i can't",
                                                            "i cannot",
                                                            "i do not know",
                                                            "i don't know",
                                                            "i'm not able to",
                                                            "i'm sorry",
                                                            "i'm unable",
                                                            "impossible to determine",
                                                            "impossible to say",
                                                            "impossible to tell",
                                                            "it is not possible to",
                                                            "my training data",
                                                            "unable to determine"});

constexpr auto kSources = std::to_array<std::string_view>({"according to the text",
                                                           "based on the text",
                                                           "does not mention",
                                                           "doesn't mention",
                                                           "is described as",
                                                           "isn't mentioned",
                                                           "mentioned in the",
                                                           "not described",
                                                           "not explicitly",
                                                           "not mentioned",
                                                           "not provided",
                                                           "not specified",
                                                           "not stated",
                                                           "provided text",
                                                           "the caption",
                                                           "the captions",
                                                           "the description",
                                                           "the descriptions",
                                                           "the given text",
                                                           "the passage",
                                                           "the prompt",
                                                           "the text describes",
                                                           "the text mentions",
                                                           "the text says that",
                                                           "was mentioned",
                                                           "were mentioned"});

PhraseSet with_own(std::span<const std::string_view> built_in, const std::vector<std::string>& own) {
  PhraseSet phrases(built_in);
  for (const std::string& phrase : own) phrases.add(phrase);
  return phrases;
}

/// Whether the question names what to choose from.
bool offers_alternatives(const RoundFacts& round) {
  constexpr auto kBetween = std::to_array<std::string_view>({"and", "between", "either", "or", "versus", "vs"});
  constexpr auto kSides = std::to_array<std::string_view>({"above", "below", "bottom", "left", "right", "top"});
  if (round.round->question.find_first_of(",:;/") != std::string::npos) return true;
  const auto count_of = [&round](const auto& list) {
    return std::ranges::count_if(
        round.question, [&list](const std::string& word) { return std::ranges::find(list, word) != list.end(); });
  };
  return count_of(kBetween) > 0 || count_of(kSides) > 1;
}

bool holds_its_answer(const RoundFacts& round) {
  if (round.sort != AnswerSort::kOther || is_function_word(round.value) || offers_alternatives(round)) return false;
  const Words value = folded_words(round.value);
  return !value.empty() && !std::ranges::search(round.question, value).empty();
}

}  // namespace

Refusal::Refusal(const PhraseOptions& options) : phrases_(with_own(kRefusals, options.phrases)) {}

Verdict Refusal::check(const ConversationFacts& conversation) const {
  for (const RoundFacts& round : conversation.rounds) {
    if (const auto found = phrases_.find(round.answer)) return cat("'", printable(*found), "' in an answer");
  }
  return std::nullopt;
}

AnswerLeak::AnswerLeak(const PhraseOptions& options) : phrases_(with_own(kSources, options.phrases)) {}

Verdict AnswerLeak::check(const ConversationFacts& conversation) const {
  for (const RoundFacts& round : conversation.rounds) {
    if (const auto found = phrases_.find(round.question)) return cat("'", printable(*found), "' in a question");
    if (const auto found = phrases_.find(round.answer)) return cat("'", printable(*found), "' in an answer");
    if (holds_its_answer(round)) return cat("the answer '", printable(round.value), "' stands in its question");
  }
  return std::nullopt;
}

}  // namespace fusion
