#pragma once
// Small facts about the words of a round.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "workflows/synthesis/items/item.h"

namespace fusion {

/// For comparing: letters in lower case, digits, everything else of ASCII as one space between them.
std::string normal_text(std::string_view text);

/// What the answer comes down to, normalised: the round's truth, or where that is not known an answer of at most three
/// words; nothing for longer ones.
std::optional<std::string> bare_answer(const Round& round);

/// Equal on every machine. Another `seed`, another hash.
uint64_t text_hash(std::string_view text, uint64_t seed = 0);

/// Whether the conversation goes into the data set. Both have been judged.
bool is_kept(const Item& item, const Conversation& conversation);

}  // namespace fusion
