#pragma once
// A golden case: what the reference computed for a small model (parity/goldens/README.md says how to read one).

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "foundation/config/json_object.h"
#include "foundation/nn/trace.h"
#include "pipeline/model/fusion_model.h"

namespace fusion {

/// What the optimizer did to the golden model.
struct GoldenOptimizer {
  double lr = 0;
  double beta1 = 0;
  double beta2 = 0;
  double eps = 0;
  double weight_decay = 0;
  std::optional<double> clip;  ///< total gradient norm
  int64_t steps = 0;
  std::vector<double> losses;      ///< before each step, and after the last; empty where the case has none
  std::vector<double> grad_norms;  ///< before clipping, each step; empty where the case has none
};

struct GoldenCase {
  std::string name;
  std::string folder;
  FusionConfig config;  ///< the folder's, with the case's window and image-token grid
  int64_t query_len = 0;
  int64_t max_new_tokens = 0;
  Trace tensors;                                            ///< case.safetensors: inputs and every stage
  std::map<std::string, std::optional<double>> grad_norms;  ///< nothing: the parameter has no gradient
  std::optional<GoldenOptimizer> adamw1;
  std::optional<GoldenOptimizer> adamw3;

  const torch::Tensor& at(const std::string& tensor) const;
  bool has(const std::string& tensor) const { return tensors.contains(tensor); }
};

/// The longest answer that a golden file may ask for.
inline constexpr int64_t kMaxGoldenTokens = 1 << 16;

/// The latent count of a golden run, "query_len_used". Throws Error where it is no square number.
int64_t read_query_len(const JsonObject& meta);

/// Throws Error where the folder is not a case or a part of it is missing or malformed.
GoldenCase load_golden_case(const std::string& folder);

}  // namespace fusion
