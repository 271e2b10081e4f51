#pragma once
// Lengths of texts before they are tokenized.

#include <cstdint>
#include <string_view>

namespace fusion {

/// Words between white space, as Python's len(text.split()) counts them.
int64_t count_words(std::string_view text);

}  // namespace fusion
