#pragma once
// Which records each optimiser step trains on.

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace fusion {

/// Deals the indices out to `chunks` chunks of one size and of nearly one total length: each goes to the shortest chunk
/// that is not full. Where their number is not a multiple of `chunks`, chunk c gets every chunks-th from c on.
/// \param lengths  lengths[i] is that of index i, its sign not counted
std::vector<std::vector<int64_t>> split_to_even_chunks(std::span<const int64_t> indices,
                                                       std::span<const int32_t> lengths, int64_t chunks);

struct BatchOrderOptions {
  int64_t batch_size = 1;        ///< records of an optimiser step, over all processes
  int64_t micro_batch_size = 1;  ///< records that go through the model together; divides batch_size
  uint64_t seed = 0;
  /// Records of a step are alike: all with pictures or all without, and micro-batches of near length, as the reference
  /// groups them. Otherwise they are shuffled and no more.
  bool group_by_modality_length = true;
};

/// Epoch after epoch, every record once in each. What a step trains on is a function of lengths, options and step
/// alone, so a run that was killed goes on exactly, whatever the number of its processes or workers.
///
/// Grouped: records with and without pictures are shuffled apart, each cut into steps of batch_size; the steps are
/// shuffled; what is left over, fewer than two steps, comes mixed at the end of the epoch.
/// Any number of threads may ask.
class BatchOrder {
 public:
  /// \param lengths  Mixture::modality_lengths(); must outlive this. Negative: without a picture
  /// Throws Error where there is no record, a size is below 1, or micro_batch_size does not divide batch_size.
  BatchOrder(std::span<const int32_t> lengths, const BatchOrderOptions& options);

  /// The last step of an epoch has the records that are left.
  int64_t steps_per_epoch() const;
  /// Records of the step as micro-batches; the last step of an epoch may have fewer or smaller ones, never an empty
  /// one. Steps count from 0 through all epochs.
  std::vector<std::vector<int64_t>> micro_batches(int64_t step) const;

 private:
  struct Epoch {
    int64_t number = -1;
    std::vector<int64_t> records = {};  ///< step after step
  };

  std::shared_ptr<const Epoch> epoch(int64_t number) const;
  Epoch grouped_epoch(int64_t number) const;
  Epoch shuffled_epoch(int64_t number) const;

  std::span<const int32_t> lengths_;
  BatchOrderOptions options_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Epoch> current_;
};

}  // namespace fusion
