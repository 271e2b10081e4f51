#pragma once
// What any text from outside must be before it becomes part of an item.

#include <cstdint>
#include <string>
#include <string_view>

namespace fusion {

/// `text` without the white space around it.
std::string_view trimmed(std::string_view text);

/// What is wrong with a text: broken UTF-8, control characters but line breaks and tabs, nothing in it, more than
/// `max_bytes`, or "<image>", which stands for the picture in a record. "" where nothing is.
std::string problem_of_text(std::string_view text, size_t max_bytes);

}  // namespace fusion
