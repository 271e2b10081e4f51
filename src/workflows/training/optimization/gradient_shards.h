#pragma once
// Gradients that are added up over the processes while the backward pass still runs, each process keeping its part.

#include <cstdint>
#include <vector>

#include "workflows/training/communication/communicator.h"
#include "workflows/training/optimization/flat_parameters.h"

namespace fusion {

/// Note [Order of the reductions]
/// A bucket is reduced as soon as all its parameters have their gradients and all buckets before it are reduced: the
/// order must be the same in every process, whatever its batch looks like. What is left is reduced in
/// finish_backward(). The first backward pass begins with the last parameters; from the second on, the order is the one
/// in which the buckets of process 0 became complete in the first.
///
/// Autograd may add to a gradient several times in a pass: where a block is computed again in the backward pass, each
/// of its uses does. As many additions are waited for as there were in an earlier pass; what comes after the reduction
/// all the same is reduced once more in finish_backward().
///
/// With one process nothing is reduced or copied: the gradients stay where autograd puts them.
class GradientShards {
 public:
  /// Both must outlive this object, and the buckets must stay where they are.
  GradientShards(const std::vector<FlatBucket>& buckets, Communicator& communicator);
  ~GradientShards();
  GradientShards(const GradientShards&) = delete;
  GradientShards& operator=(const GradientShards&) = delete;

  /// Reduces what the backward pass has not reduced yet. After every backward pass, in every process.
  void finish_backward();

  /// Whether the parameter got a gradient since clear(), in any process. Between finish_backward() and backward().
  bool has_gradient(size_t bucket, size_t parameter) const;

  /// The sum over processes and backward passes since clear() for elements [begin, begin + size) of the parameter, 1-D.
  /// The elements must be this process's own.
  torch::Tensor gradient(size_t bucket, size_t parameter, int64_t begin, int64_t size) const;

  /// Forgets all gradients and gives their memory back.
  void clear();

  /// Memory that gradients take now.
  int64_t bytes() const;

 private:
  /// What is known of a parameter's gradient.
  struct Slot {
    bool filled = false;         ///< it is in the bucket's `whole`
    bool seen = false;           ///< it got one since clear(); in any process, after finish_backward()
    int64_t additions = 0;       ///< in this backward pass
    int64_t most_additions = 1;  ///< in any pass so far
  };
  /// What is known of a bucket's gradients.
  struct Collected {
    torch::Tensor whole = {};      ///< [world_size * part] of this process, until it is reduced
    torch::Tensor part = {};       ///< [part] of the sum over all processes
    std::vector<Slot> slots = {};  ///< one for each parameter
    int64_t missing = 0;           ///< parameters that are not complete in this backward pass
    bool reduced = false;          ///< in this backward pass
    int64_t completed = 0;         ///< when: the number of the addition
  };

  class Hook;
  void collect(size_t bucket, size_t parameter);
  void reduce_complete_buckets();
  void reduce(size_t bucket);
  void exchange_seen();
  void learn_order();
  void begin_backward();

  const std::vector<FlatBucket>& buckets_;
  Communicator& communicator_;
  std::vector<Collected> collected_;
  std::vector<int64_t> order_;  ///< of the reductions
  int64_t additions_ = 0;       ///< in this backward pass
  size_t next_ = 0;             ///< place in `order_` of the bucket to be reduced next
  bool order_is_learnt_ = false;
};

}  // namespace fusion
