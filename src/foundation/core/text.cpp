#include "foundation/core/text.h"

#include <algorithm>
#include <numeric>

#include "foundation/core/utf8.h"

namespace fusion {

namespace {

/// Letters to add, drop, change, or swap with their neighbour ("aks" for "ask"), each of them once at most.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);  // the row above the last one
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last.back();
}

/// What commands a terminal or breaks a line: controls of ASCII and of Latin-1, line ends of Unicode, and marks that
/// change the direction of the text after them.
bool is_unprintable(uint32_t code) {
  const auto within = [code](uint32_t first, uint32_t last) { return first <= code && code <= last; };
  return code < 0x20 || within(0x7F, 0x9F) || within(0x2028, 0x202E) || within(0x2066, 0x2069);
}

}  // namespace

std::string closest_match(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

int64_t word_count(std::string_view text) {
  constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";
  int64_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool space = kWhiteSpace.find(c) != std::string_view::npos;
    words += !space && !inside;
    inside = !space;
  }
  return words;
}

std::string printable(std::string_view text, size_t limit) {
  std::string out;
  std::string_view rest = text;
  while (!rest.empty()) {
    const Utf8Step step = utf8_front(rest);
    const size_t end = text.size() - rest.size() + step.length;
    if (end > limit) return out + "...";
    const bool shown = step.kind == Utf8Step::Kind::kCharacter && !is_unprintable(step.code);
    out += shown ? rest.substr(0, step.length) : "?";
    rest.remove_prefix(step.length);
  }
  return out;
}

}  // namespace fusion
