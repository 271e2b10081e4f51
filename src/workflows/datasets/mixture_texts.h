#pragma once
// What a mixture's records say, for a tokenizer to learn from.

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/preprocess/conversation.h"
#include "workflows/datasets/mixture.h"

namespace fusion {

/// Of each record the system message of the format without its control tokens, then every message as its prompt has it,
/// without the place of a picture; of at most `limit` records, spread evenly. Broken records are passed over.
std::vector<std::string> mixture_texts(const Mixture& mixture, const ConversationTemplate& format, int64_t limit);

}  // namespace fusion
