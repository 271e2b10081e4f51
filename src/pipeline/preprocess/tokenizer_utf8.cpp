#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {

namespace {

/// What may follow a lead byte: how many bytes, and between which bounds the first of them lies.
struct Lead {
  size_t length;
  uint8_t low;
  uint8_t high;
};

Lead lead_of(uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

Utf8Step utf8_front(std::string_view bytes) {
  const auto first = static_cast<uint8_t>(bytes[0]);
  const Lead lead = lead_of(first);
  if (lead.length == 0) return {};
  if (lead.length == 1) return {.kind = Utf8Step::Kind::kCharacter, .length = 1, .code = first};
  uint32_t code = first & (0xFFU >> (lead.length + 1));
  for (size_t i = 1; i < lead.length; ++i) {
    if (i == bytes.size()) return {.kind = Utf8Step::Kind::kIncomplete, .length = i};
    const auto byte = static_cast<uint8_t>(bytes[i]);
    const uint8_t low = i == 1 ? lead.low : 0x80;
    const uint8_t high = i == 1 ? lead.high : 0xBF;
    if (byte < low || byte > high) return {.kind = Utf8Step::Kind::kBroken, .length = i};
    code = code << 6 | (byte & 0x3FU);
  }
  return {.kind = Utf8Step::Kind::kCharacter, .length = lead.length, .code = code};
}

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
