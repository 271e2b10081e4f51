#pragma once
// The table behind find_template.

#include <span>

#include "pipeline/preprocess/conversation.h"

namespace fusion {

/// Every format that the reference names; two names of one format are two entries.
std::span<const ConversationTemplate> conversation_templates();

}  // namespace fusion
