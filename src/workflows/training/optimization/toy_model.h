#pragma once
// For tests only: a model small enough to be trained in no time, and its batches.

#include <ATen/CPUGeneratorImpl.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

namespace fusion {

/// Two layers and a third that a batch may leave out. Sizes are odd, so that no part of them is a whole parameter.
struct ToyModel : torch::nn::Module {
  static constexpr int64_t kInputs = 19;

  ToyModel() {
    first = register_module("first", torch::nn::Linear(kInputs, 37));
    second = register_module("second", torch::nn::Linear(37, 11));
    last = register_module("last", torch::nn::Linear(torch::nn::LinearOptions(11, 11).bias(false)));
    const torch::NoGradGuard no_grad;
    auto generator = at::make_generator<at::CPUGeneratorImpl>(5);
    for (auto& parameter : parameters()) parameter.normal_(0.0, 0.3, generator);
  }

  /// The mean over the rows of x [rows, kInputs].
  torch::Tensor loss(const torch::Tensor& x, bool with_last) {
    auto y = second(torch::gelu(first(x.to(first->weight.scalar_type()))));
    if (with_last) y = y + last(y);
    return y.square().sum(1).mean();
  }

  torch::nn::Linear first{nullptr};
  torch::nn::Linear second{nullptr};
  torch::nn::Linear last{nullptr};
};

/// A batch of `rows` rows, [rows, kInputs], the same ones for the same seed.
inline torch::Tensor toy_batch(uint64_t seed, int64_t rows = 8) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(1000 + seed);
  return torch::empty({rows, ToyModel::kInputs}).normal_(0.0, 1.0, generator);
}

}  // namespace fusion
