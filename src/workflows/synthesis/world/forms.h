#pragma once
// Sentences with choices and slots: "[A picture|An image] of {things} {place}."

#include <functional>
#include <string>
#include <string_view>

#include "foundation/core/random_source.h"

namespace fusion {

/// The words for a slot.
using SlotWords = std::function<std::string(std::string_view slot)>;

/// One of each choice, drawn, each slot filled in, and every sentence begun in upper case. Choices do not nest.
std::string expand_form(std::string_view form, const SlotWords& words, RandomSource& random);

}  // namespace fusion
