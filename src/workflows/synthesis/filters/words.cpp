#include "workflows/synthesis/filters/words.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "foundation/core/utf8.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace fusion {

namespace {

constexpr size_t kLongestWord = 64;  ///< in bytes; longer runs are data, not words

template <size_t N>
constexpr bool is_sorted_list(const std::array<std::string_view, N>& list) {
  return std::ranges::is_sorted(list);
}

constexpr auto kFunctionWords = std::to_array<std::string_view>(
    {"a",      "about",   "across", "after",  "against", "all",     "along", "also",  "am",    "among",   "an",
     "and",    "any",     "are",    "around", "as",      "at",      "be",    "been",  "being", "between", "both",
     "but",    "by",      "can",    "do",     "does",    "down",    "each",  "every", "for",   "from",    "had",
     "has",    "have",    "he",     "her",    "here",    "his",     "how",   "i",     "if",    "in",      "into",
     "is",     "it",      "its",    "more",   "most",    "near",    "next",  "no",    "not",   "of",      "off",
     "on",     "one",     "or",     "other",  "our",     "out",     "over",  "she",   "so",    "some",    "that",
     "the",    "their",   "them",   "then",   "there",   "these",   "they",  "this",  "those", "through", "to",
     "toward", "towards", "under",  "up",     "was",     "we",      "were",  "what",  "when",  "where",   "which",
     "while",  "who",     "whose",  "with",   "within",  "without", "you",   "your"});
static_assert(is_sorted_list(kFunctionWords));

constexpr auto kGenericWords = std::to_array<std::string_view>(
    {"amazing",  "awesome",      "background", "beautiful", "closeup",    "cool",    "cute",  "different",
     "great",    "illustration", "image",      "images",    "item",       "items",   "kind",  "lovely",
     "nice",     "object",       "objects",    "photo",     "photograph", "photos",  "pic",   "picture",
     "pictures", "pretty",       "scene",      "shot",      "show",       "showing", "shown", "shows",
     "someone",  "something",    "somewhere",  "sort",      "stock",      "stuff",   "thing", "things",
     "type",     "various",      "very",       "view",      "wallpaper"});
static_assert(is_sorted_list(kGenericWords));

constexpr auto kNumbers =
    std::to_array<std::string_view>({"zero",     "one",     "two",     "three",     "four",     "five",     "six",
                                     "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
                                     "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"});

bool between(uint32_t code, uint32_t first, uint32_t last) {
  return code >= first && code <= last;
}

bool is_invisible(uint32_t code) {
  return code == 0xAD || between(code, 0x200B, 0x200F) || between(code, 0x202A, 0x202E) ||
         between(code, 0x2060, 0x2064) || code == 0xFEFF;
}

bool is_apostrophe(uint32_t code) {
  return code == '\'' || code == 0x2019 || code == 0x02BC;
}

bool is_word_character(uint32_t code) {
  if (code < 0x80) return between(code | 0x20, 'a', 'z') || between(code, '0', '9');
  if (code < 0xC0) return code == 0xAA || code == 0xB5 || code == 0xBA;
  if (code == 0xD7 || code == 0xF7) return false;
  return !between(code, 0x2000, 0x2BFF) && !between(code, 0x3000, 0x3004) && !between(code, 0x3008, 0x3020) &&
         !between(code, 0xFF01, 0xFF0F) && !between(code, 0xFF1A, 0xFF20) && !between(code, 0xFF3B, 0xFF40) &&
         !between(code, 0xFF5B, 0xFF65) && !between(code, 0xE000, 0xF8FF) && code != 0xFFFD;
}

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr std::array<uint32_t, 4> kLead = {0, 0xC0, 0xE0, 0xF0};
  out.push_back(static_cast<char>(kLead[static_cast<size_t>(more)] | (code >> (6 * more))));
  for (int i = more - 1; i >= 0; --i) out.push_back(static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3F)));
}

void finish_word(std::string& word, Words& words) {
  while (word.ends_with('\'')) word.pop_back();
  if (!word.empty() && word.size() <= kLongestWord) words.push_back(word);
  word.clear();
}

}  // namespace

uint32_t fold_case(uint32_t code) {
  if (code < 0x80) return between(code, 'A', 'Z') ? code + 32 : code;
  if (between(code, 0xC0, 0xDE) && code != 0xD7) return code + 32;
  // Capitals and small letters in turn; within two ranges the capitals are the odd ones.
  if (between(code, 0x139, 0x148) || between(code, 0x179, 0x17E)) return code % 2 == 1 ? code + 1 : code;
  if (code == 0x178) return 0xFF;
  if (between(code, 0x100, 0x177) && code != 0x130 && code != 0x131) return code | 1;
  if (between(code, 0x391, 0x3A9)) return code + 32;
  if (code == 0x3C2) return 0x3C3;  // the sigma at a word's end
  if (between(code, 0x410, 0x42F)) return code + 32;
  if (between(code, 0x400, 0x40F)) return code + 80;
  if (between(code, 0x460, 0x481) || between(code, 0x48A, 0x4BF) || between(code, 0x4D0, 0x52F)) return code | 1;
  if (between(code, 0x531, 0x556)) return code + 48;
  if (between(code, 0x1E00, 0x1E95) || between(code, 0x1EA0, 0x1EFF)) return code | 1;
  if (between(code, 0xFF21, 0xFF3A)) return code - 0xFF21 + 'a';
  if (between(code, 0xFF41, 0xFF5A)) return code - 0xFF41 + 'a';
  if (between(code, 0xFF10, 0xFF19)) return code - 0xFF10 + '0';
  return code;
}

Words folded_words(std::string_view text) {
  Words words;
  std::string word;
  while (!text.empty()) {
    const Utf8Step step = utf8_front(text);
    text.remove_prefix(step.length);
    const bool character = step.kind == Utf8Step::Kind::kCharacter;
    if (character && is_invisible(step.code)) continue;
    if (character && is_word_character(step.code)) {
      if (word.size() <= kLongestWord) append_utf8(word, fold_case(step.code));
    } else if (character && is_apostrophe(step.code) && !word.empty()) {
      word.push_back('\'');
    } else {
      finish_word(word, words);
    }
  }
  finish_word(word, words);
  return words;
}

uint64_t hash_of(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

uint64_t combined_hash(uint64_t a, uint64_t b) {
  uint64_t value = a * 0x9e3779b97f4a7c15 + b;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

uint64_t hash_of(std::span<const std::string> words) {
  uint64_t hash = words.size();
  for (const std::string& word : words) hash = combined_hash(hash, hash_of(word));
  return hash;
}

double jaccard_index(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  std::vector<uint64_t> both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  const size_t together = a.size() + b.size() - both.size();
  return together == 0 ? 1 : static_cast<double>(both.size()) / static_cast<double>(together);
}

void make_set(std::vector<uint64_t>& elements) {
  std::ranges::sort(elements);
  const auto repeated = std::ranges::unique(elements);
  elements.erase(repeated.begin(), repeated.end());
}

bool is_function_word(std::string_view word) {
  return std::ranges::binary_search(kFunctionWords, word);
}

bool is_generic_word(std::string_view word) {
  return std::ranges::binary_search(kGenericWords, word);
}

int64_t number_of(std::string_view word) {
  constexpr size_t kMostDigits = 4;
  if (!word.empty() && word.size() <= kMostDigits &&
      std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; })) {
    int64_t value = 0;
    for (const char c : word) value = value * 10 + (c - '0');
    return value;
  }
  const auto found = std::ranges::find(kNumbers, word);
  return found == kNumbers.end() ? -1 : found - kNumbers.begin();
}

}  // namespace fusion
