#pragma once
// UTF-8 with the replacement rules and the white space of the references: Python, Rust, SentencePiece.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/core/utf8.h"

namespace fusion {

inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// `bytes` with each broken part replaced by one U+FFFD.
std::string replace_broken_utf8(std::string_view bytes);

/// The last character of valid UTF-8; `text` is not empty.
std::string_view utf8_back(std::string_view text);

/// `text` with every `from` as `to`; `from` is not empty.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

/// Where white space is asked about.
enum class SpaceRule {
  kPython,   ///< str.strip() and str.isspace()
  kUnicode,  ///< the White_Space property (Rust): without U+001C .. U+001F
};

bool is_space(uint32_t code, SpaceRule rule);
/// How many bytes of white space valid UTF-8 begins or ends with.
size_t leading_space(std::string_view text, SpaceRule rule);
size_t trailing_space(std::string_view text, SpaceRule rule);
/// Python's str.strip().
std::string_view strip(std::string_view text);

}  // namespace fusion
