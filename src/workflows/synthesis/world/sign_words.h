#pragma once
// What stands on signs.

#include <string>

#include "foundation/core/random_source.h"

namespace fusion {

/// Words for a sign, in one to three lines: mostly short words in capitals, also longer ones, notices, names of places,
/// prices, times, numbers, and letters that are no word, which only reading tells.
std::string draw_sign_text(RandomSource& random);

/// A text of the same form as `text`, and another one.
std::string draw_other_sign_text(const std::string& text, RandomSource& random);

}  // namespace fusion
