#include "workflows/synthesis/filters/phrase_set.h"

#include <algorithm>

#include "foundation/core/text.h"

namespace fusion {

PhraseSet::PhraseSet(std::span<const std::string_view> phrases) {
  for (const std::string_view phrase : phrases) add(phrase);
}

void PhraseSet::add(std::string_view phrase) {
  Words words = folded_words(phrase);
  if (words.empty()) return;
  by_first_word_[words.front()].push_back(std::move(words));
}

void PhraseSet::add_lines(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    add(line.substr(0, line.find('#')));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::optional<std::string> PhraseSet::find(std::span<const std::string> words) const {
  for (size_t i = 0; i < words.size(); ++i) {
    const auto found = by_first_word_.find(words[i]);
    if (found == by_first_word_.end()) continue;
    const std::span<const std::string> rest = words.subspan(i);
    for (const Words& phrase : found->second) {
      if (phrase.size() <= rest.size() && std::ranges::equal(phrase, rest.first(phrase.size()))) {
        return join(phrase, " ");
      }
    }
  }
  return std::nullopt;
}

}  // namespace fusion
