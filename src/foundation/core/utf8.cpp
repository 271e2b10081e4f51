#include "foundation/core/utf8.h"

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

}  // namespace fusion
