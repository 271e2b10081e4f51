#pragma once
// Pictures in JSON.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fusion {

/// The usual alphabet, padded, in one line (RFC 4648, section 4).
std::string base64_encode(std::span<const std::byte> bytes);

/// Its inverse; line breaks may stand in the text. Nothing where it is no base64.
std::optional<std::vector<std::byte>> base64_decode(std::string_view text);

}  // namespace fusion
