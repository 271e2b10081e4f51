#include "workflows/synthesis/filters/unsafe_words.h"

#include "foundation/config/input_file.h"
#include "foundation/core/embedded_file.h"

namespace fusion {

std::span<const EmbeddedFile> unsafe_word_files();

namespace {

Verdict verdict_on(const std::optional<std::string>& found) {
  if (!found) return std::nullopt;
  return cat("'", printable(*found), "' is on the list of unsafe words");
}

}  // namespace

PhraseSet unsafe_phrases(const UnsafeWordsOptions& options) {
  PhraseSet phrases;
  if (!options.list.empty()) {
    phrases.add_lines(read_text_file(options.list, uint64_t{4} << 20));
    if (phrases.empty()) {
      throw Error({.who = options.list, .expected = "words or phrases, one a line", .got = "none"});
    }
  }
  if (options.built_in) {
    for (const EmbeddedFile& file : unsafe_word_files()) phrases.add_lines(file.text);
  }
  return phrases;
}

Verdict UnsafeCaption::check(const CaptionFacts& caption) const {
  return verdict_on(phrases_.find(caption.words));
}

Verdict UnsafeConversation::check(const ConversationFacts& conversation) const {
  for (const RoundFacts& round : conversation.rounds) {
    for (const Words* words : {&round.question, &round.answer}) {
      if (Verdict verdict = verdict_on(phrases_.find(*words))) return verdict;
    }
  }
  return std::nullopt;
}

}  // namespace fusion
