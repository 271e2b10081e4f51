#pragma once
// What a run goes on from: checkpoints/step-N in the run's folder.
//
//     step-00000100/trainer.json                     position, settings, what the data were (RunPosition)
//     step-00000100/state-00001-of-00002.safetensors what process 0 of 2 owns of weights and optimiser
//
// No generator states are among it, because none goes on from one step to the next: everything drawn in a step is a
// function of the run's seed and the step. Any number of processes can read what any other number wrote.

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "foundation/checkpoint/safetensors.h"
#include "workflows/training/communication/communicator.h"
#include "workflows/training/optimization/sharded_adamw.h"

namespace fusion {

/// Where a run is.
struct RunPosition {
  int64_t step = 0;                ///< optimiser steps done
  int64_t total_steps = 0;         ///< of the whole run
  uint64_t data_fingerprint = 0;   ///< Mixture::fingerprint()
  uint64_t model_fingerprint = 0;  ///< weights_fingerprint() of the checkpoint that the run began with
  /// model_file_fingerprints() of that checkpoint; empty in older ones of a run
  std::map<std::string, uint64_t> model_files = {};
  int64_t records_read = 0;  ///< by all processes, broken ones among them
  int64_t records_broken = 0;
  std::optional<int64_t> best_step = {};
  std::optional<double> best_loss = {};               ///< of the validation
  std::map<std::string, int64_t> skipped_steps = {};  ///< ShardedAdamW::skipped_steps()
  bool validation_due = false;                        ///< the validation of this step is still to come
  nlohmann::ordered_json config = {};                 ///< write_train_config()
};

/// The checkpoints of a run.
class RunCheckpoints {
 public:
  /// \param folder  the run's
  explicit RunCheckpoints(const std::string& folder);

  /// Steps of the complete ones, ascending. A folder that is being written has another name. Throws Error where the
  /// folder is there and cannot be read.
  std::vector<int64_t> steps() const;
  std::string path_of(int64_t step) const;

  /// Writes the checkpoint of `position.step` in all processes together. It has its name when all of it is on the disk;
  /// on an Error (a full disk) those that were there are as they were, and nothing of the new one stays.
  void write(const RunPosition& position, const ShardedAdamW& optimizer, Communicator& communicator) const;

  /// Writes into the checkpoint of `position.step`, which is there, how its validation came out. In one process.
  void record_validation(const RunPosition& position) const;

  /// Removes all but the `keep` latest and the one of `best_step`, and what a killed program left half-written.
  void prune(int64_t keep, std::optional<int64_t> best_step) const;

 private:
  std::string folder_;
};

/// A checkpoint that was opened. Throws Error on one that is incomplete or damaged.
class StoredState {
 public:
  explicit StoredState(const std::string& folder);

  const RunPosition& position() const { return position_; }
  const std::string& folder() const { return folder_; }
  /// All values of a parameter's state, 1-D, whoever wrote them. Throws Error where there are none or some are missing.
  torch::Tensor values(const std::string& kind, const std::string& name) const;
  /// Names of the parameters it holds.
  std::vector<std::string> parameter_names() const;

 private:
  struct Part {
    std::shared_ptr<SafetensorsFile> file;
    const TensorView* view;
  };

  std::string folder_;
  RunPosition position_;
  /// By "kind:name", the parts by their first element.
  std::map<std::string, std::map<int64_t, Part>> parts_;
};

}  // namespace fusion
