#pragma once
// Computing everything that a golden case holds.

#include <map>
#include <string>
#include <vector>

#include "foundation/nn/trace.h"
#include "workflows/parity/golden_case.h"

namespace fusion {

struct ReplayOptions {
  torch::Device device = torch::kCPU;
  torch::ScalarType dtype = torch::kFloat32;
};

/// What one run of the optimizer gave beside the parameters.
struct OptimizerRun {
  std::vector<double> losses;      ///< before each step, and after the last
  std::vector<double> grad_norms;  ///< before clipping, each step
  /// Smallest magnitude that each gradient entry had in a step, as the optimizer saw it: Adam divides by it, so where
  /// it is only rounding noise the step's sign is too.
  std::map<std::string, torch::Tensor> smallest_gradients;
};

struct Replay {
  Trace stages;  ///< every stage under the golden's names, on the CPU: integers int64, masks uint8, the rest float32
  OptimizerRun adamw1;
  OptimizerRun adamw3;
};

/// A fresh copy of the case's model, so that no run sees what an earlier one did to the parameters.
FusionModel golden_model(const GoldenCase& golden, const ReplayOptions& options);

/// The case's batch with its labels.
PreparedInput golden_training_input(const GoldenCase& golden, const ReplayOptions& options);

/// Runs the case's model: forward and losses, gradients of every parameter that has one, the optimizer runs, and greedy
/// generation. Whatever the case has no input for is left out.
Replay replay(const GoldenCase& golden, const ReplayOptions& options);

/// Writes the stages as a safetensors file.
void dump_stages(const Trace& stages, const std::string& path);

}  // namespace fusion
