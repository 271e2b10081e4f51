#pragma once
// Rotary position embeddings: plain, LLaMA-3's frequency rule, and Phi-3's long rope.

#include <torch/types.h>

#include <vector>

namespace fusion {

enum class RopeScaling { kNone, kLlama3, kLongRope };

/// What config.json says of the rotation. Fields of the other scalings are unused.
struct RopeConfig {
  RopeScaling scaling = RopeScaling::kNone;
  int64_t head_dim = 0;
  double theta = 0;
  int64_t max_positions = 0;          ///< max_position_embeddings
  int64_t original_positions = 0;     ///< positions of the pre-training, before the context was extended
  double factor = 0;                  ///< kLlama3: how far low frequencies are stretched
  double low_freq_factor = 0;         ///< kLlama3
  double high_freq_factor = 0;        ///< kLlama3
  std::vector<double> short_factors;  ///< kLongRope, head_dim / 2 of them
  std::vector<double> long_factors;   ///< kLongRope, head_dim / 2 of them
};

/// cos and sin of every position, each [B, 1, S, head_dim], already multiplied by the long rope's attention factor.
struct RotaryAngles {
  torch::Tensor cos;
  torch::Tensor sin;
};

/// The angles of `position_ids` [B, S] (int64).
///
/// Long rope keeps two sets of frequencies, for contexts up to `original_positions` and past it. `context_lengths` are
/// the lengths that the rows' whole requests may grow to, so that cached keys and later queries always agree (the
/// reference chooses anew at every call): one for each row, or one for all.
/// \param dtype  of the result; the angles themselves are computed in float32
RotaryAngles rotary_angles(const RopeConfig& config, const torch::Tensor& position_ids, at::IntArrayRef context_lengths,
                           torch::ScalarType dtype);

/// Rotates x [B, heads, S, head_dim], halves convention: (a, b) -> (a cos - b sin, b cos + a sin).
torch::Tensor apply_rotary(const torch::Tensor& x, const RotaryAngles& angles);

}  // namespace fusion
