#pragma once
// Words that are not to stand in a caption or a conversation.

#include <tuple>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"
#include "workflows/synthesis/filters/phrase_set.h"

namespace fusion {

struct UnsafeWordsOptions {
  bool enabled = true;
  bool built_in = true;
  std::string list = {};

  static constexpr auto fields() {
    using Self = UnsafeWordsOptions;
    return std::tuple(
        defaulted("enabled", &Self::enabled, "whether it is asked"),
        defaulted("built_in", &Self::built_in, "whether the list that comes with the program is taken"),
        defaulted("list", &Self::list, "file with further words or phrases, one a line; from the recipe's folder"));
  }
};

/// Whole words whatever their case, from the list unsafe_words.txt and a user's own. The list is short: what is drawn
/// from a caption with one of them is not for everybody's eyes. Names of groups and insults are a user's list's matter.
/// Throws Error where the user's file cannot be read, is larger than 4 MB or has no word. Remembers nothing.
PhraseSet unsafe_phrases(const UnsafeWordsOptions& options);

class UnsafeCaption final : public CaptionFilter {
 public:
  explicit UnsafeCaption(const UnsafeWordsOptions& options) : phrases_(unsafe_phrases(options)) {}

  Verdict check(const CaptionFacts& caption) const override;

 private:
  PhraseSet phrases_;
};

class UnsafeConversation final : public ConversationFilter {
 public:
  explicit UnsafeConversation(const UnsafeWordsOptions& options) : phrases_(unsafe_phrases(options)) {}

  Verdict check(const ConversationFacts& conversation) const override;

 private:
  PhraseSet phrases_;
};

}  // namespace fusion
