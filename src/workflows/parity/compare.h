#pragma once
// Is it what the reference computed?

#include <vector>

#include "workflows/parity/checks.h"
#include "workflows/parity/golden_case.h"
#include "workflows/parity/replay.h"

namespace fusion {

/// The largest error that counts as equal, relative to the largest magnitude of the tensor.
struct ParityBounds {
  double stage = 1e-5;
  double gradient = 1e-4;
};

/// Checks everything in the case that is not an input: stages, losses, gradients (values and norms), optimizer runs and
/// generated ids. Padded positions are compared with nothing.
std::vector<StageCheck> compare(const GoldenCase& golden, const Replay& replay, const ParityBounds& bounds);

}  // namespace fusion
