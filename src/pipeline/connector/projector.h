#pragma once
// The two projectors between the space of pictures and the space of words (FUSION section 3.1 and 3.3).

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "foundation/nn/linear.h"

namespace fusion {

/// Linear, GELU (erf), Linear, with biases; the checkpoint calls the two matrices `0` and `2`.
/// mm_projector: tower features (3 Dv) to the decoder's width; aux_projector: decoder's width to the tower's.
class ProjectorImpl : public torch::nn::Module {
 public:
  ProjectorImpl(int64_t in_features, int64_t out_features, const torch::TensorOptions& options);

  /// x [..., in] -> [..., out]
  torch::Tensor forward(const torch::Tensor& x);

 private:
  Linear first_;
  Linear second_;
};
TORCH_MODULE(Projector);

}  // namespace fusion
