#pragma once
// For tests only: items as the filters see them.

#include <string>
#include <utility>
#include <vector>

#include "workflows/synthesis/filters/filter.h"

namespace fusion {

inline Item captioned(std::string caption) {
  Item item;
  item.caption = std::move(caption);
  return item;
}

inline Round asked(std::string question, std::string answer, std::string truth = "",
                   std::vector<std::string> options = {}) {
  Round round;
  round.question = std::move(question);
  round.answer = std::move(answer);
  round.truth = std::move(truth);
  round.options = std::move(options);
  return round;
}

inline Conversation talk(std::vector<Round> rounds, std::string kind = "Test") {
  Conversation conversation;
  conversation.kind = std::move(kind);
  conversation.rounds = std::move(rounds);
  return conversation;
}

/// A kind that allows nearly everything.
inline Kind lenient_kind(std::string name = "Test") {
  Kind kind;
  kind.name = std::move(name);
  kind.max_rounds = 5;
  kind.max_answer_words = 50;
  return kind;
}

inline bool passes(const CaptionFilter& filter, const std::string& caption) {
  const Item item = captioned(caption);
  return !filter.check(caption_facts(item)).has_value();
}

/// Checks, and remembers what passes, as the judge does.
inline bool keeps(CaptionFilter& filter, const std::string& caption) {
  const Item item = captioned(caption);
  const CaptionFacts facts = caption_facts(item);
  if (filter.check(facts)) return false;
  filter.remember(facts);
  return true;
}

inline bool passes(const ConversationFilter& filter, const Conversation& conversation,
                   const Kind& kind = lenient_kind()) {
  return !filter.check(conversation_facts(conversation, &kind)).has_value();
}

inline bool passes(const ConversationFilter& filter, const Round& round) {
  return passes(filter, talk({round}));
}

inline bool keeps(ConversationFilter& filter, const Conversation& conversation, const Kind& kind = lenient_kind()) {
  const ConversationFacts facts = conversation_facts(conversation, &kind);
  if (filter.check(facts)) return false;
  filter.remember(facts);
  return true;
}

}  // namespace fusion
