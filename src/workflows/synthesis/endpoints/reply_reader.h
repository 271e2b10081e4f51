#pragma once
// What a text model's reply must be to become part of an item. Errors are worded for the model.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/items/item.h"
#include "workflows/synthesis/kinds/kind.h"

namespace fusion {

/// {"descriptions": ["...", ...]}: as many as the kind has pictures, all different. Throws Error.
std::vector<std::string> descriptions_of_reply(const nlohmann::json& reply, const Kind& kind);

/// {"conversation": [{"question": ..., "answer": ..., "options": [...]}, ...]} as the kind wants it: rounds (further
/// ones are left out), words of an answer, number of options. The options of a choice are shuffled, for models like to
/// put the right one first; the question gets them and a request for the letter, which is the answer. Throws Error.
Conversation conversation_of_reply(const nlohmann::json& reply, const Kind& kind, RandomSource& random);

}  // namespace fusion
