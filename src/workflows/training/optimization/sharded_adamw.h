#pragma once
// AdamW over one process or many, each of which keeps an equal part of the optimiser's state and of the gradients, as
// ZeRO-2 does it (arXiv 1910.02054, section 5): reduce-scatter the gradients, update the own part, all-gather.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workflows/training/communication/communicator.h"
#include "workflows/training/optimization/flat_parameters.h"
#include "workflows/training/optimization/gradient_shards.h"
#include "workflows/training/optimization/parameter_groups.h"

namespace fusion {

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  std::optional<double> ema_decay = {};  ///< also average the weights: ema = decay * ema + (1 - decay) * weight
  int64_t bucket_bytes = 25 << 20;       ///< of weights whose gradients travel together
};

/// A 1-D part of a parameter that this process owns.
struct ParameterPiece {
  std::string name;
  int64_t begin = 0;     ///< its first element in the flattened parameter
  torch::Tensor values;  ///< a view: of the weights or of the state
};

/// The update of torch.optim.AdamW: a parameter without a gradient is left as it is, weight decay included, and counts
/// its own steps. The same inputs with the same number of processes and threads give the same bits.
///
/// Gradients are summed over backward passes and processes: divide the loss by their number. One step is
///
///     for (micro_batch) { loss.backward(); optimizer.finish_backward(); }
///     const double norm = optimizer.gradient_norm();
///     if (std::isfinite(norm)) optimizer.step(rate, clip, norm); else optimizer.clear_gradients();
///
/// Every process makes the same calls. They throw Error as the Communicator does; so does backward().
class ShardedAdamW {
 public:
  /// Moves the parameters into flat float32 memory of its own and makes every process start from those of process 0.
  /// The communicator must outlive the optimiser.
  ShardedAdamW(GroupedParameters grouped, const AdamWOptions& options, Communicator& communicator);

  /// After every micro-batch's backward(): completes what is summed over the processes.
  void finish_backward() { gradients_.finish_backward(); }
  /// Euclidean norm of the summed gradient, the same number in every process. Not finite where a gradient is not.
  double gradient_norm() const;
  /// Updates the parameters and clears the gradients.
  /// \param rate_factor  multiplies the learning rate of every group
  /// \param clip_norm    scales a gradient that is longer down to this length
  /// \param norm         what gradient_norm() gave
  void step(double rate_factor, std::optional<double> clip_norm, double norm);
  /// Forgets the gradients without a step.
  void clear_gradients() { gradients_.clear(); }
  /// Memory that gradients take now in this process.
  int64_t gradient_bytes() const { return gradients_.bytes(); }

  const GroupedParameters& parameters() const { return grouped_; }

  /// The kinds of state: "weight", "exp_avg", "exp_avg_sq", and "ema" with an average.
  std::vector<std::string> kinds() const;
  /// What this process owns of a kind. Over all processes the pieces make up every parameter that is not frozen.
  std::vector<ParameterPiece> pieces(const std::string& kind) const;
  /// Takes weights and state from what any number of processes wrote: source(kind, name) gives a parameter's values of
  /// a kind, flattened and whole. Throws Error where it has another size.
  void load(const std::function<torch::Tensor(const std::string& kind, const std::string& name)>& source);

  int64_t steps() const { return steps_; }
  /// For parameters that had no gradient in some steps: in how many.
  std::map<std::string, int64_t> skipped_steps() const;
  /// What steps() and skipped_steps() gave. Throws Error for a parameter that is not there.
  void set_steps(int64_t steps, const std::map<std::string, int64_t>& skipped = {});

  /// Puts the averaged weights into the parameters, until use_weights(). Without an average both do nothing.
  void use_ema();
  void use_weights();

 private:
  /// What this process keeps of a bucket; 1-D tensors of the bucket's part.
  struct Shard {
    torch::Tensor weights;  ///< a view of the bucket's
    torch::Tensor exp_avg;
    torch::Tensor exp_avg_sq;
    torch::Tensor ema;           ///< undefined without an average
    torch::Tensor kept_weights;  ///< the weights themselves, while the average stands in their place
  };
  /// The part of one parameter that this process owns.
  struct Owned {
    size_t bucket = 0;
    size_t parameter = 0;
    int64_t begin = 0;     ///< in the flattened parameter
    int64_t in_shard = 0;  ///< in the shard
    int64_t size = 0;
  };

  struct UpdateLists;
  std::vector<Owned> owned_pieces() const;
  UpdateLists lists_of_group(size_t group);
  const torch::Tensor& state(const Shard& shard, const std::string& kind) const;
  void gather_weights();

  GroupedParameters grouped_;
  AdamWOptions options_;
  Communicator& communicator_;
  std::vector<FlatBucket> buckets_;
  GradientShards gradients_;
  std::vector<Shard> shards_;                  ///< one for each bucket
  std::vector<Owned> owned_;                   ///< in the order of the buckets
  std::vector<std::vector<int64_t>> skipped_;  ///< steps without a gradient, of every parameter of every bucket
  int64_t steps_ = 0;
};

}  // namespace fusion
