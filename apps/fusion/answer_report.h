#pragma once
// Answers for machines.

#include <nlohmann/json.hpp>
#include <string>

#include "pipeline/generation/assistant.h"

namespace fusion::app {

/// The fields that an answer has in every JSON output: answer, stop ("end", "stop", "length" or "cancelled"),
/// latent_tokens, prompt_positions, new_tokens, encoded_tiles, seconds {picture, first_token, total}; and the question
/// with its picture, null where there is none.
nlohmann::json answer_json(const std::string& picture, const std::string& question, const Answer& answer,
                           int64_t latents);

/// Text that any reader of JSON takes: broken UTF-8 is replaced. `indent` < 0: on one line.
std::string json_text(const nlohmann::json& value, int indent);

}  // namespace fusion::app
