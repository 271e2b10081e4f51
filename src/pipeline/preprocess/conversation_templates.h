#pragma once
// The tables behind find_template.

#include <span>

#include "pipeline/preprocess/conversation.h"

namespace fusion {

/// Every format that the reference names; two names of one format are two entries.
std::span<const ConversationTemplate> conversation_templates();

/// The formats of plain language models (style kChat), and `raw`, which adds nothing to the text.
std::span<const ConversationTemplate> chat_formats();

}  // namespace fusion
