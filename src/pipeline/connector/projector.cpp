#include "pipeline/connector/projector.h"

#include <torch/types.h>

namespace fusion {

ProjectorImpl::ProjectorImpl(int64_t in_features, int64_t out_features, const torch::TensorOptions& options)
    : first_(register_module("0", Linear(in_features, out_features, /*bias=*/true, options))),
      second_(register_module("2", Linear(out_features, out_features, /*bias=*/true, options))) {}

torch::Tensor ProjectorImpl::forward(const torch::Tensor& x) {
  return second_(torch::gelu(first_(x)));
}

}  // namespace fusion
