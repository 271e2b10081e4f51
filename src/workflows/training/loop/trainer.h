#pragma once
// The training loop.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "foundation/config/run_lock.h"
#include "workflows/datasets/batch_order.h"
#include "workflows/datasets/loader.h"
#include "workflows/datasets/mixture.h"
#include "workflows/training/communication/communicator.h"
#include "workflows/training/loop/run_checkpoint.h"
#include "workflows/training/loop/train_config.h"
#include "workflows/training/loop/training_model.h"
#include "workflows/training/loop/validation.h"
#include "workflows/training/optimization/sharded_adamw.h"
#include "workflows/training/run_log/append_file.h"
#include "workflows/training/run_log/metrics_log.h"
#include "workflows/training/run_log/tensorboard.h"

namespace fusion {

/// What is about to run, for people.
struct RunStart {
  int64_t total_steps = 0;
  int64_t first_step = 0;  ///< 0, or where an earlier run left off
  int64_t records = 0;
  int64_t world_size = 1;
  std::string groups;  ///< group_table()
};

/// What a caller hears, in process 0 only but for `stop_requested`. Every part may be left empty.
struct TrainListener {
  /// Records read of the data, while the run is made ready.
  std::function<void(uint64_t done, uint64_t total)> on_reading = {};
  std::function<void(const RunStart&)> on_start = {};
  std::function<void(const StepMetrics&, int64_t total_steps)> on_step = {};
  std::function<void(const ValidationMetrics&)> on_validation = {};
  std::function<void(const std::string&)> on_note = {};
  /// Asked once a step; true ends the run after the step, with a checkpoint.
  std::function<bool()> stop_requested = {};
};

enum class TrainEnd {
  kFinished,  ///< all steps are done and the model is exported
  kStopped,   ///< as asked; the same command goes on
};

/// One run: <output>/metrics.jsonl, event files, checkpoints/ and, when it is finished, model/ (and adapter/).
///
/// A run whose folder holds checkpoints goes on from the latest one. On CPUs, with the
/// same number of processes and one thread in each, it goes on to the bit; else within rounding.
class Trainer {
 public:
  /// Loads model, data and, where there is one, the latest checkpoint. All processes make it together.
  /// Throws Error on input that is wrong in any way, a batch size that the processes cannot share evenly, a checkpoint
  /// of another architecture, other data or other settings, processes that do not see the same, and a folder that
  /// another program trains in.
  Trainer(const TrainConfig& config, torch::Device device, Communicator& communicator, TrainListener listener);
  ~Trainer();

  /// Throws Error when the loss or the gradient is no number, after saving the batch for inspection; when too many
  /// records are broken; when the disk is full, with the checkpoints before as they were.
  TrainEnd run();

  FusionModelImpl& model() { return *parts_.model; }

 private:
  struct StepSums;

  void open_logs();
  void resume(const StoredState& state);
  std::unique_ptr<Loader> make_loader();
  std::optional<StepMetrics> train_step(bool& stop);
  void forward_backward(MicroBatch batch, int64_t micro_batch, int64_t count, StepSums& sums);
  void sum_over_processes(StepSums& sums);
  void judge_broken_records(const StepSums& sums);
  void report_broken(const BrokenRecord& record);
  [[noreturn]] void fail_on_step(const std::string& what);
  void note_missing_targets(const StepSums& sums);
  bool validate();  ///< whether it is the best so far
  /// \param saved  there is a checkpoint of this step, which learns how it came out
  void validate_and_record(bool saved);
  void save_checkpoint();
  void sync_logs();
  void finish();
  bool leads() const { return communicator_.rank() == 0; }
  void note(const std::string& text);

  TrainConfig config_;
  torch::Device device_;
  Communicator& communicator_;
  TrainListener listener_;
  TrainingModel parts_;
  std::shared_ptr<const Mixture> mixture_;
  std::shared_ptr<const SampleReader> reader_;
  std::unique_ptr<BatchOrder> order_;
  std::unique_ptr<ShardedAdamW> optimizer_;
  std::unique_ptr<Validation> validation_;
  RunCheckpoints checkpoints_;
  RunPosition position_;
  std::unique_ptr<Loader> loader_;
  std::unique_ptr<RunLock> lock_;  // in process 0, as are the logs
  std::unique_ptr<MetricsLog> log_;
  std::unique_ptr<TensorBoardLog> board_;
  std::unique_ptr<AppendFile> broken_list_;  // in the other processes, once there is something to list
  std::vector<std::string> broken_examples_;
  bool missing_targets_noted_ = false;
};

}  // namespace fusion
