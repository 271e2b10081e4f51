#pragma once
// What stands on signs.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/core/random_source.h"

namespace fusion {

enum class SignForm {
  kWord,      ///< two to six letters: "STOP"
  kLongWord,  ///< "BREAKFAST"
  kNotice,    ///< two lines or three: "WET / PAINT"
  kShop,      ///< "Anna's / Bakery"
  kPrice,     ///< "$12.50"
  kTime,      ///< "4:35"
  kNumber,    ///< "ROOM 17"
  kLetters,   ///< letters without vowels, at times with a number: "BXK 41"
  kSyllables  ///< three to six letters that can be spoken and are hardly ever a word: only reading tells
};

/// The forms by name: "word", "long_word", "notice", "shop", "price", "time", "number", "letters", "syllables"; none
/// for all but the last. Throws Error on another name.
std::vector<SignForm> sign_forms(std::span<const std::string> names);

/// Words for a sign, in one to three lines, of one of the forms: mostly short words in capitals.
std::string draw_sign_text(std::span<const SignForm> forms, RandomSource& random);

/// A text of the same form as `text`, and another one.
std::string draw_other_sign_text(const std::string& text, RandomSource& random);

}  // namespace fusion
