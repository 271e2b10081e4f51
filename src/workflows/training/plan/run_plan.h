#pragma once
// What a training run will be and cost, before anything of it is loaded.
//
//     const RunPlan plan = plan_run(config, {.world_size = 32, .device = find_device("h100")});
//     std::cout << text_report(plan);
//     require_fit(plan);

#include <optional>
#include <string>
#include <vector>

#include "pipeline/model/fusion_config.h"
#include "workflows/training/loop/train_config.h"
#include "workflows/training/plan/activations.h"
#include "workflows/training/plan/compute.h"
#include "workflows/training/plan/devices.h"

namespace fusion {

struct PlanOptions {
  int64_t world_size = 1;
  PlannedDevice device;                     ///< of each process
  double utilisation = 0.4;                 ///< share of the device's speed that a step reaches
  std::optional<std::string> model = {};    ///< a folder or preset to plan with in place of the config's model
  std::optional<int64_t> records = {};      ///< assumed where there are no data
  std::optional<int64_t> mean_length = {};  ///< positions of an ordinary sequence, where there are no data
};

/// A group of parameters as the optimiser will have it.
struct PlannedGroup {
  std::string name;
  size_t tensors = 0;
  uint64_t parameters = 0;
  double learning_rate = 0;
  double weight_decay = 0;
};

/// Bytes in each process.
struct MemoryPlan {
  double weights = 0;           ///< all of them in every process, float32 what is trained
  double narrow_weights = 0;    ///< the 16-bit copies that mixed precision multiplies with
  double gradients = 0;         ///< of one process all; of many the own part
  double gradients_moving = 0;  ///< of many: what is not yet summed over the processes
  double optimizer = 0;         ///< AdamW's two averages, each process its part
  double ema = 0;               ///< likewise
  ActivationMemory activations;

  double total() const {
    return weights + narrow_weights + gradients + gradients_moving + optimizer + ema + activations.total();
  }
};

struct RunPlan {
  std::string model;  ///< the folder, or the preset's name
  TrainConfig config;
  PlanOptions options;

  FusionConfig shapes;
  std::vector<PlannedTensor> tensors;
  std::vector<PlannedGroup> groups;
  uint64_t trained = 0;  ///< parameters
  uint64_t frozen = 0;
  double frozen_bytes = 4;  ///< of each frozen parameter: beside adapters they stay in 16 bits

  bool from_data = false;          ///< records and lengths are those of the data
  std::optional<int64_t> records;  ///< of an epoch
  std::optional<int64_t> steps;
  std::optional<int64_t> warmup_steps;
  int64_t micro_batches = 0;  ///< of each process in a step
  BatchShape longest;         ///< the micro-batch that memory is told for
  BatchShape ordinary;        ///< the one that the time is told for

  MemoryPlan memory;
  StepCompute step;  ///< of a whole step, in all processes
  std::vector<std::string> notes;

  double tokens_per_step() const { return static_cast<double>(config.batch_size) * ordinary.length; }
  double speed() const;                        ///< of all devices at the utilisation; 0: not known
  std::optional<double> total_flops() const;   ///< of all steps
  std::optional<double> hours() const;         ///< of the whole run
  std::optional<double> device_hours() const;  ///< of all devices together
};

/// Reads the model's configuration and the headers of its weights, and, where the data are there, the records' lengths.
/// `config.model` may end in the name of a preset where no such folder is. Throws Error on what training would refuse:
/// a batch size that the processes cannot share evenly, settings that the model cannot have, a group that matches
/// nothing, data that are there and wrong. That the model's weights or tokenizer do not fit it becomes a note.
RunPlan plan_run(const TrainConfig& config, const PlanOptions& options);

/// Throws Error where a process needs more memory than its device has, saying what takes how much and which settings
/// would help.
void require_fit(const RunPlan& plan);

}  // namespace fusion
