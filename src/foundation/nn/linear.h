#pragma once
// Linear: the one place that knows how a matrix is stored.

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <optional>

namespace fusion {

/// A low-rank addition to a matrix (LoRA, arXiv 2106.09685, section 4.1), in the terms of Hugging Face's PEFT.
struct AdapterOptions {
  int64_t rank = 0;
  double alpha = 0;
  double dropout = 0;  ///< share of the inputs that the adapter does not see in training

  double scale() const { return alpha / static_cast<double>(rank); }
};

/// y = x Wᵀ + b. Parameters: `weight` [out, in], and `bias` [out] if asked for.
class LinearImpl : public torch::nn::Module {
 public:
  LinearImpl(int64_t in_features, int64_t out_features, bool bias, const torch::TensorOptions& options);

  /// x [..., in] -> [..., out]
  torch::Tensor forward(const torch::Tensor& x) const;

  /// From now on y = x Wᵀ + b + alpha / rank · B(A(dropout(x))), with the parameters `lora_A` and `lora_B`. Inputs are
  /// dropped in training mode only, by torch's default generator.
  /// \param a  [rank, in]
  /// \param b  [out, rank]
  /// Throws Error where the shapes do not fit, and where there is an adapter already.
  void add_adapter(const AdapterOptions& options, const torch::Tensor& a, const torch::Tensor& b);

  /// From now on W is kept as 8-bit integers, with a scale for each of its rows that takes the largest value to 127: a
  /// quarter of float32's memory, each value within 0.4 % of its row's largest. Inputs and outputs stay as they are.
  /// Of bfloat16 inputs a row's result is the same, whatever it is computed together with; of floats up to rounding.
  /// For answering only: there are no gradients, and W is gone. Done a second time it changes nothing.
  void quantise();
  bool is_quantised() const { return scale_.defined(); }

  const std::optional<AdapterOptions>& adapter() const { return adapter_; }
  /// W, without what an adapter adds; its integers after quantise().
  const torch::Tensor& weight() const { return weight_; }
  /// The W of a plain Linear that gives the same: W + alpha / rank · B A, added in float32 and then in W's dtype. W
  /// itself without an adapter.
  torch::Tensor merged_weight() const;

 private:
  torch::Tensor product(const torch::Tensor& x) const;

  torch::Tensor weight_;
  torch::Tensor bias_;
  torch::Tensor scale_;  // [out], after quantise()
  std::optional<AdapterOptions> adapter_;
  torch::Tensor lora_a_;
  torch::Tensor lora_b_;
};
TORCH_MODULE(Linear);

/// quantise() of every Linear in the module.
void quantise_matrices(torch::nn::Module& module);

}  // namespace fusion
