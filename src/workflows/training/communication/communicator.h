#pragma once
// Collectives between the processes of one run.

#include <torch/types.h>

#include <cstdint>
#include <memory>

namespace fusion {

/// Collectives are calls that every process of the run makes, the same ones in the same order with tensors of the same
/// sizes and types. Each returns when its tensors may be used. Throws Error, which says which collective it was, when
/// another process has died or does not answer in time; after that the communicator is of no use any more.
///
/// Tensors are contiguous and lie on the device that the communicator was made for.
class Communicator {
 public:
  virtual ~Communicator() = default;

  virtual int64_t rank() const = 0;
  virtual int64_t world_size() const = 0;

  /// In place: the sum over all processes.
  virtual void all_reduce_sum(torch::Tensor& tensor) = 0;
  /// Process r gets part r of the sum. `shard` [n], `whole` [world_size * n].
  virtual void reduce_scatter_sum(torch::Tensor& shard, const torch::Tensor& whole) = 0;
  /// Part r is what process r gave. `whole` [world_size * n], `shard` [n], which may lie inside of `whole`.
  virtual void all_gather(torch::Tensor& whole, const torch::Tensor& shard) = 0;
  /// In place: what process `root` has.
  virtual void broadcast(torch::Tensor& tensor, int64_t root) = 0;
  /// Returns when every process has come here.
  virtual void barrier() = 0;
};

/// A run of one process: nothing is sent anywhere.
std::unique_ptr<Communicator> single_process();

}  // namespace fusion
