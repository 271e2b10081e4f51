#pragma once
// From the tower's states to one feature per patch (FUSION section 3.1: deep and shallow states side by side).

#include <torch/types.h>

namespace fusion {

/// Collects the states of a tower as they come: the last one (`last_state`), the mean of the early and the mean of the
/// late ones. With n layers and half = n / 2 the means run over states 0 .. half-1 and half .. 2 half - 1, the
/// embeddings being state 0; with an odd n, state n-1 is in neither (so in the reference).
class FeatureStack {
 public:
  FeatureStack(int64_t num_layers, int64_t last_state) : num_layers_(num_layers), last_state_(last_state) {}

  /// State k = 0 .. num_layers, each [B, N, Dv].
  void add(int64_t k, const torch::Tensor& hidden);

  /// [B, N, 3 Dv]: last, early mean, late mean.
  torch::Tensor features() const;

  /// [B, N, Dv]: state 0.
  const torch::Tensor& embeddings() const { return first_; }

 private:
  int64_t num_layers_;
  int64_t last_state_;
  torch::Tensor first_;
  torch::Tensor last_;
  torch::Tensor early_sum_;  // float32, whatever the states are: the means are rounded once
  torch::Tensor late_sum_;
};

}  // namespace fusion
