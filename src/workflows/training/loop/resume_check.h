#pragma once
// Whether a checkpoint belongs to the run that wants to go on from it.

#include "workflows/training/loop/run_checkpoint.h"

namespace fusion {

/// Throws Error, which lists all that differs, on other settings that decide numbers, other data, other parameters.
/// \param now  where the run would begin without the checkpoint
void require_same_run(const StoredState& state, const RunPosition& now, const ShardedAdamW& optimizer);

/// Whether both validate with the same records, so that their losses compare.
bool same_validation(const StoredState& state, const RunPosition& now);

}  // namespace fusion
