#pragma once
// Golden folders of what happens before the model: pictures, prompts and tokenizers must be equal to the byte.

#include <string>
#include <vector>

#include "foundation/nn/trace.h"
#include "workflows/parity/checks.h"

namespace fusion {

/// preproc.json: tiles of pictures and the resampler alone.
/// \param stages  receives what was computed, under the golden's names
std::vector<StageCheck> check_pictures(const std::string& folder, Trace& stages);

/// prompts.json: conversation templates, rendered text.
std::vector<StageCheck> check_prompts(const std::string& folder);

/// golden.json: a tokenizer's ids, decoded text, placeholders and training labels.
std::vector<StageCheck> check_tokenizer(const std::string& folder);

}  // namespace fusion
