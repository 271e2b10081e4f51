#include "workflows/synthesis/filters/captions/language.h"

#include <algorithm>
#include <array>

#include "foundation/core/utf8.h"

namespace fusion {

namespace {

/// Frequent ones that are no English words.
constexpr auto kForeignWords = std::to_array<std::string_view>(
    {"auf", "aus",   "avec", "bei", "bir", "com",  "con",  "dans", "das",   "dei",   "del",   "della", "dem",
     "den", "der",   "des",  "di",  "du",  "een",  "ein",  "eine", "einem", "einen", "einer", "el",    "em",
     "en",  "est",   "et",   "gli", "het", "ist",  "la",   "las",  "le",    "les",   "los",   "mit",   "na",
     "nel", "nella", "och",  "op",  "os",  "para", "pour", "que",  "sein",  "sind",  "sobre", "su",    "sur",
     "um",  "un",    "una",  "und", "une", "uma",  "uno",  "van",  "vom",   "von",   "voor",  "zum",   "zur"});

bool is_foreign(const std::string& word) {
  return std::ranges::find(kForeignWords, word) != kForeignWords.end();
}

struct Letters {
  int64_t all = 0;
  int64_t latin = 0;
};

Letters count_letters(const Words& words) {
  Letters letters;
  for (const std::string& word : words) {
    for (std::string_view rest = word; !rest.empty();) {
      const Utf8Step step = utf8_front(rest);
      rest.remove_prefix(step.length);
      const bool latin = step.code >= 'a' && step.code <= 'z';
      letters.latin += latin ? 1 : 0;
      letters.all += latin || step.code >= 0x80 ? 1 : 0;
    }
  }
  return letters;
}

}  // namespace

Verdict Language::check(const CaptionFacts& caption) const {
  const Letters letters = count_letters(caption.words);
  if (static_cast<double>(letters.latin) < options_.min_latin_letters * static_cast<double>(letters.all)) {
    return cat(letters.latin, " of ", letters.all, " letters are Latin");
  }
  const int64_t english = std::ranges::count_if(caption.words, is_function_word);
  const int64_t foreign = std::ranges::count_if(caption.words, is_foreign);
  if (foreign > english) return cat(foreign, " function words of other languages, ", english, " of English");
  const auto words = static_cast<int64_t>(caption.words.size());
  if (words >= options_.judged_words &&
      static_cast<double>(english) < options_.min_function_words * static_cast<double>(words)) {
    return cat(english, " of ", words, " words are function words of English");
  }
  return std::nullopt;
}

}  // namespace fusion
