#pragma once
// Conversations with words that give away where they come from, or that are no answer.

#include <string>
#include <tuple>
#include <vector>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"
#include "workflows/synthesis/filters/phrase_set.h"

namespace fusion {

struct PhraseOptions {
  bool enabled = true;
  std::vector<std::string> phrases = {};

  static constexpr auto fields() {
    using Self = PhraseOptions;
    return std::tuple(defaulted("enabled", &Self::enabled, "whether it is asked"),
                      defaulted("phrases", &Self::phrases, "further phrases, besides the built-in ones"));
  }
};

/// "I cannot", "as an AI" and the like in an answer. Remembers nothing.
class Refusal final : public ConversationFilter {
 public:
  explicit Refusal(const PhraseOptions& options);

  Verdict check(const ConversationFacts& conversation) const override;

 private:
  PhraseSet phrases_;
};

/// A question or an answer that speaks of the text behind the picture ("the description", "not mentioned"), and a
/// question that holds its own short answer. Not looked at for the latter: yes and no, numbers, choices, and questions
/// that name what to choose from ("red or blue", "the cup, the hat", "from left to right"). Remembers nothing.
class AnswerLeak final : public ConversationFilter {
 public:
  explicit AnswerLeak(const PhraseOptions& options);

  Verdict check(const ConversationFacts& conversation) const override;

 private:
  PhraseSet phrases_;
};

}  // namespace fusion
