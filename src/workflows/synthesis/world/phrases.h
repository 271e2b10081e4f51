#pragma once
// Small pieces of English that every sentence about a scene is made of.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workflows/synthesis/items/scene.h"

namespace fusion {

/// "a" or "an", by the sound of the word that follows: "an hour", "a unicorn".
std::string_view article(std::string_view word);

/// "a balloon", "an owl", "a pair of scissors" for a noun that is its own plural and ends with s.
std::string with_article(std::string_view noun, std::string_view nouns);

/// "zero" to "twenty"; digits from there on.
std::string number_word(int64_t number);

/// The first letter in upper case.
std::string capitalized(std::string text);

/// "a", "a and b", "a, b and c".
std::string list_phrase(const std::vector<std::string>& parts);

/// What is said of a group, from left to right.
struct NounPhrase {
  bool count = true;  ///< "three ...", or an article for one; else the bare words
  bool size = true;
  bool color = true;
};

/// "three small red balloons", "a blue car", "two owls".
std::string noun_phrase(const ObjectGroup& group, const NounPhrase& words = {});

/// noun_phrase() with "the" in front and no number: "the small red balloons".
std::string the_phrase(const ObjectGroup& group, const NounPhrase& words = {});

/// "is" or "are".
std::string_view verb_to_be(int64_t count);

}  // namespace fusion
