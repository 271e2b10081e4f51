#pragma once
// Keys and values of the positions a request has already read.

#include <torch/types.h>

#include <optional>
#include <utility>
#include <vector>

namespace fusion {

/// Preallocated for the whole budget of a request, so that a decode step allocates nothing that grows. Rows of a batch
/// may differ in length; then what stands past a row's end is masked, not gone.
class KvCache {
 public:
  /// \param shape  {B, kv heads, capacity in positions, head_dim} of each layer's keys and values
  /// Throws Error where there is not the memory.
  KvCache(int64_t num_layers, at::IntArrayRef shape, const torch::TensorOptions& options);

  /// Writes keys and values [B, kv heads, n, head_dim] behind the past of each row and returns all of `layer` so far.
  /// Every layer is appended to once before `advance(n)`. Where rows differ in length n is 1.
  std::pair<torch::Tensor, torch::Tensor> append(int64_t layer, const torch::Tensor& keys, const torch::Tensor& values);

  /// Makes the n positions written by the last appends part of the past.
  void advance(int64_t n);

  /// After a padded prefill: how many of the positions of each row are its own.
  void set_lengths(std::vector<int64_t> lengths);

  /// Goes on with these rows only.
  void keep_rows(const std::vector<int64_t>& rows);

  /// Positions of each row, without what was appended since the last advance.
  const std::vector<int64_t>& lengths() const { return lengths_; }

  /// Which positions a decode step may look at, its own included: [B, 1, 1, longest + 1] bool; nothing: all.
  std::optional<torch::Tensor> visible() const;

 private:
  int64_t longest() const;
  bool is_even() const;

  int64_t capacity_;
  std::vector<int64_t> lengths_;
  std::vector<torch::Tensor> keys_;
  std::vector<torch::Tensor> values_;
};

}  // namespace fusion
