#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {

std::string replace_broken_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const Utf8Step step = utf8_front(bytes);
    out += step.kind == Utf8Step::Kind::kCharacter ? bytes.substr(0, step.length) : kReplacement;
    bytes.remove_prefix(step.length);
  }
  return out;
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  size_t done = 0;
  for (size_t at = text.find(from); at != std::string_view::npos; at = text.find(from, done)) {
    out += text.substr(done, at - done);
    out += to;
    done = at + from.size();
  }
  return out += text.substr(done);
}

std::string_view utf8_back(std::string_view text) {
  size_t begin = text.size() - 1;
  while (begin > 0 && (static_cast<uint8_t>(text[begin]) & 0xC0) == 0x80) --begin;
  return text.substr(begin);
}

bool is_space(uint32_t code, SpaceRule rule) {
  if (code <= 0x20) return code == 0x20 || (code >= 9 && code <= 13) || (code >= 0x1C && rule == SpaceRule::kPython);
  if (code < 0x80) return false;
  return code == 0x85 || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
         code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

size_t leading_space(std::string_view text, SpaceRule rule) {
  size_t length = 0;
  while (length < text.size()) {
    const Utf8Step step = utf8_front(text.substr(length));
    if (!is_space(step.code, rule)) break;
    length += step.length;
  }
  return length;
}

size_t trailing_space(std::string_view text, SpaceRule rule) {
  size_t length = 0;
  while (length < text.size()) {
    const std::string_view last = utf8_back(text.substr(0, text.size() - length));
    if (!is_space(utf8_front(last).code, rule)) break;
    length += last.size();
  }
  return length;
}

std::string_view strip(std::string_view text) {
  text.remove_prefix(leading_space(text, SpaceRule::kPython));
  text.remove_suffix(trailing_space(text, SpaceRule::kPython));
  return text;
}

}  // namespace fusion
