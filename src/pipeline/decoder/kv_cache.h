#pragma once
// Keys and values of the positions a request has already read.

#include <torch/types.h>

#include <utility>
#include <vector>

namespace fusion {

/// Preallocated for the whole budget of a request, so that a decode step allocates nothing that grows.
class KvCache {
 public:
  /// \param shape  {B, kv heads, capacity in positions, head_dim} of each layer's keys and values
  KvCache(int64_t num_layers, at::IntArrayRef shape, const torch::TensorOptions& options);

  /// Writes keys and values [B, kv heads, n, head_dim] of the next n positions and returns all of `layer` so far.
  /// Every layer is appended to once before `advance(n)`.
  std::pair<torch::Tensor, torch::Tensor> append(int64_t layer, const torch::Tensor& keys, const torch::Tensor& values);

  /// Makes the n positions written by the last appends part of the past.
  void advance(int64_t n) { length_ += n; }

  int64_t length() const { return length_; }

 private:
  int64_t length_ = 0;
  int64_t capacity_;
  std::vector<torch::Tensor> keys_;
  std::vector<torch::Tensor> values_;
};

}  // namespace fusion
