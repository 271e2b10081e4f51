#include "workflows/evaluation/scoring/answer_match.h"

#include <algorithm>
#include <array>

namespace fusion {

namespace {

constexpr auto kNumbers = std::to_array<std::string_view>(
    {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"});
constexpr auto kArticles = std::to_array<std::string_view>({"a", "an", "the"});
constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kMarks = ".,;:!?\"'()[]";

char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view without_marks(std::string_view word) {
  const size_t begin = word.find_first_not_of(kMarks);
  if (begin == std::string_view::npos) return {};
  return word.substr(begin, word.find_last_not_of(kMarks) - begin + 1);
}

std::string normalised_word(std::string_view word) {
  std::string text(without_marks(word));
  std::ranges::transform(text, text.begin(), small);
  const auto number = std::ranges::find(kNumbers, text);
  return number == kNumbers.end() ? text : std::to_string(number - kNumbers.begin());
}

}  // namespace

std::string normalised_answer(std::string_view text) {
  std::string result;
  std::string article;
  for (size_t at = text.find_first_not_of(kSpace); at != std::string_view::npos;
       at = text.find_first_not_of(kSpace, at)) {
    const size_t end = std::min(text.find_first_of(kSpace, at), text.size());
    const std::string word = normalised_word(text.substr(at, end - at));
    at = end;
    if (word.empty()) continue;
    if (std::ranges::find(kArticles, word) != kArticles.end()) {
      article = word;
      continue;
    }
    if (!result.empty()) result += ' ';
    result += word;
  }
  // The letter A can be an answer.
  return result.empty() ? article : result;
}

bool same_answer(std::string_view a, std::string_view b) {
  return normalised_answer(a) == normalised_answer(b);
}

}  // namespace fusion
