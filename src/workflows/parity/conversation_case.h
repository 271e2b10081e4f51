#pragma once
// Golden conversations: rounds of questions on one picture, each answered on the words of the earlier ones.

#include <string>
#include <vector>

#include "foundation/nn/trace.h"
#include "workflows/parity/checks.h"
#include "workflows/parity/compare.h"
#include "workflows/parity/replay.h"

namespace fusion {

/// conversation.json: holds the whole conversation with the folder's model, its own answers being the history, and
/// compares every round: prompt, ids, marks, question tokens, positions, logits, new ids, answer. Where the folder has
/// "cli_rounds", prompts that the reference's command line wrote, the model continues those too.
/// Throws Error where a part of the folder is missing or malformed.
/// \param stages  receives what was computed, under the golden's names
std::vector<StageCheck> check_conversation(const std::string& folder, const ReplayOptions& options,
                                           const ParityBounds& bounds, Trace& stages);

}  // namespace fusion
