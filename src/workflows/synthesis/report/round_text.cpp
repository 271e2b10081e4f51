#include "workflows/synthesis/report/round_text.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace fusion {

std::string normal_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool word =
        upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (word) {
      out += upper ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::optional<std::string> bare_answer(const Round& round) {
  constexpr int64_t kMaxWords = 3;
  if (!round.truth.empty()) {
    std::string truth = normal_text(round.truth);
    return truth.empty() ? round.truth : truth;
  }
  if (word_count(round.answer) > kMaxWords) return std::nullopt;
  std::string answer = normal_text(round.answer);
  if (answer.empty()) return std::nullopt;
  return answer;
}

uint64_t text_hash(std::string_view text, uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

bool is_kept(const Item& item, const Conversation& conversation) {
  return item.dropped_by.empty() && conversation.dropped_by.empty();
}

}  // namespace fusion
