#pragma once
// Is it what the reference computed?

#include <string>
#include <vector>

#include "workflows/parity/golden_case.h"
#include "workflows/parity/replay.h"

namespace fusion {

/// The largest error that counts as equal, relative to the largest magnitude of the tensor.
struct ParityBounds {
  double stage = 1e-5;
  double gradient = 1e-4;
};

/// One compared stage.
struct StageCheck {
  std::string name;
  std::string shape;  ///< "2x3x64"
  double error = 0;   ///< largest relative error; for integers the number of values that differ
  double bound = 0;   ///< 0: must be equal
  bool holds = false;
  std::string problem = {};  ///< why it was not compared: "not computed", "shape 3x4" ...
};

/// Checks everything in the case that is not an input: stages, losses, gradients (values and norms), optimizer runs and
/// generated ids. Padded positions are compared with nothing.
std::vector<StageCheck> compare(const GoldenCase& golden, const Replay& replay, const ParityBounds& bounds);

}  // namespace fusion
