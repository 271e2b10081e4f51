#pragma once
// Unicode 16, which the `tokenizers` library splits by, on a PCRE2 that may know Unicode 14 only (Debian 12).

#include <string_view>

namespace fusion {

/// What category L, M, N, P or S holds in Unicode 16 and not in 14, to stand inside a class of PCRE2; "" for another
/// category. No character changed its category in between. Made by comparing the Oniguruma in tokenizers 0.21.4
/// with PCRE2 10.42 over every code point.
std::string_view newer_characters(std::string_view category);

}  // namespace fusion
