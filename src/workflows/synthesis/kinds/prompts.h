#pragma once
// What a text model is sent for a kind, from the kind's prompts.
//
// Slots of `expand_prompt`: {caption}, {pictures} and {expand_rules}. The reply is {"descriptions": ["..."]}, with as
// many descriptions as the kind has pictures.
// Slots of `ask_prompt`: {description}, {descriptions} (numbered, where there are two pictures), {rounds}, {options},
// {min_answer_words}, {max_answer_words} and {ask_rules}. The reply is {"conversation": [{"question": "...",
// "answer": "..."}]}, each with "options": ["...", ...] for a choice, whose answer is the right option's text or
// letter.
//
// {expand_rules} and {ask_rules} are the rules that all kinds share, with the form of the reply:
// definitions/rules.yaml.

#include <string>
#include <vector>

#include "workflows/synthesis/kinds/kind.h"

namespace fusion {

/// The kind's expand_prompt, filled in. What a caption says about slots stays text.
std::string expand_request(const Kind& kind, const std::string& caption);

/// The kind's ask_prompt, filled in.
/// \param descriptions  one for each of the kind's pictures; throws Error where there are fewer
std::string ask_request(const Kind& kind, const std::vector<std::string>& descriptions);

/// Throws Error about `who` on a prompt that is empty, has an unknown slot, or lacks what it is about: the caption, or
/// the description(s).
void check_prompts(const Kind& kind, const std::string& who);

}  // namespace fusion
