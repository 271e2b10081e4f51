#pragma once
// Verifying a golden folder of any kind: a model, a conversation, pictures, prompts, or a tokenizer.

#include <string>
#include <vector>

#include "workflows/parity/compare.h"
#include "workflows/parity/replay.h"

namespace fusion {

struct CaseReport {
  std::string name;
  std::vector<StageCheck> checks = {};
  Trace stages = {};  ///< what was computed, under the golden's names

  bool holds() const;
};

/// Whether the folder holds the file of any kind of case.
bool is_golden_case(const std::string& folder);

/// Replays the folder and compares. Which kind it is, its files say: case.json (a model), conversation.json (rounds of
/// questions), preproc.json (pictures), prompts.json (conversation templates), golden.json (a tokenizer). Throws Error
/// when it has none of them.
CaseReport verify_case(const std::string& folder, const ReplayOptions& options, const ParityBounds& bounds);

}  // namespace fusion
