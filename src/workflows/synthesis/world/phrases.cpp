#include "workflows/synthesis/world/phrases.h"

#include <algorithm>
#include <array>

namespace fusion {

namespace {

constexpr std::string_view kVowels = "aeiou";
// Written with a vowel and spoken with a consonant, and the other way round.
constexpr std::array<std::string_view, 10> kSpokenConsonant = {"uni",  "use", "ute", "uku", "one",
                                                               "once", "eu",  "ewe", "ufo", "ura"};
constexpr std::array<std::string_view, 5> kSpokenVowel = {"hour", "honest", "heir", "x-ray", "mp3"};

constexpr std::array<std::string_view, 21> kNumbers = {
    "zero",     "one",     "two",     "three",     "four",     "five",     "six",
    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"};

bool is_pair(std::string_view noun, std::string_view nouns) {
  return noun == nouns && noun.ends_with('s');
}

void append(std::string& text, std::string_view word) {
  if (word.empty()) return;
  if (!text.empty()) text += ' ';
  text += word;
}

}  // namespace

std::string_view article(std::string_view word) {
  const auto begins = [word](std::string_view start) { return word.starts_with(start); };
  if (std::ranges::any_of(kSpokenConsonant, begins)) return "a";
  if (std::ranges::any_of(kSpokenVowel, begins)) return "an";
  return !word.empty() && kVowels.find(word.front()) != std::string_view::npos ? "an" : "a";
}

std::string with_article(std::string_view noun, std::string_view nouns) {
  std::string text(is_pair(noun, nouns) ? "a pair of" : article(noun));
  append(text, noun);
  return text;
}

std::string number_word(int64_t number) {
  const bool has_word = number >= 0 && number < static_cast<int64_t>(kNumbers.size());
  return has_word ? std::string(kNumbers[static_cast<size_t>(number)]) : std::to_string(number);
}

std::string capitalized(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string list_phrase(const std::vector<std::string>& parts) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

std::string noun_phrase(const ObjectGroup& group, const NounPhrase& words) {
  const bool one = group.count() == 1;
  std::string bare;
  if (words.size) append(bare, group.size);
  if (words.color) append(bare, group.color);
  append(bare, one ? group.noun : group.nouns);
  if (!words.count) return bare;
  std::string text;
  if (is_pair(group.noun, group.nouns)) {
    text = one ? "a pair of" : number_word(group.count()) + " pairs of";
  } else {
    text = one ? std::string(article(bare)) : number_word(group.count());
  }
  append(text, bare);
  return text;
}

std::string the_phrase(const ObjectGroup& group, const NounPhrase& words) {
  return "the " + noun_phrase(group, {.count = false, .size = words.size, .color = words.color});
}

std::string_view verb_to_be(int64_t count) {
  return count == 1 ? "is" : "are";
}

}  // namespace fusion
