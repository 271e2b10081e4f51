#pragma once
// How many floating-point operations a training step takes, from shapes alone.

#include <vector>

#include "pipeline/model/fusion_config.h"
#include "workflows/training/plan/batch_shape.h"

namespace fusion {

/// Note [Floating-point operations]
/// A product of n rows with a matrix of k elements is 2 n k operations, and as many again for the gradient of the rows
/// and for that of the matrix. Attention of n queries over m keys with width d is 4 n m d, half of it where it is
/// causal, and twice as much in the backward pass. All else (norms, activations, rotation, pooling, the optimiser) is
/// left out, as usual: it is memory that bounds it.
/// With everything trained this is three times the forward pass. Activation checkpointing adds the layers' forward pass
/// once more (four times, but for projectors and head); a frozen matrix needs no gradient of its own, and a part that
/// no gradient passes needs none at all.
struct StepCompute {
  double forward = 0;
  double input_gradients = 0;
  double weight_gradients = 0;
  double recomputed = 0;

  double total() const { return forward + input_gradients + weight_gradients + recomputed; }
  StepCompute times(double factor) const;
};

/// Of one micro-batch.
StepCompute compute_of(const FusionConfig& config, const std::vector<PlannedTensor>& tensors, const BatchShape& shape,
                       bool recompute);

/// Whether the forward pass multiplies with the parameter: every matrix but tables that are only looked up.
bool is_multiplied(const PlannedTensor& tensor, const FusionConfig& config);

}  // namespace fusion
