#pragma once
// What a training run is told: a YAML file, strictly read (docs/training.md describes every key).

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "foundation/config/fields.h"
#include "workflows/training/adapters/lora.h"
#include "workflows/training/optimization/learning_rate.h"
#include "workflows/training/optimization/parameter_groups.h"

namespace fusion {

/// "data": what is learnt from.
struct DataSettings {
  std::string mixture;                   ///< a mixture YAML, or one .json or .jsonl file
  std::vector<std::string> image_roots;  ///< folders that pictures are looked for in
  int64_t workers = 2;
  int64_t prefetch = 4;
  double max_broken_share = 0.01;
  bool group_by_modality_length = true;

  static constexpr auto fields() {
    return std::tuple(
        field("mixture", &DataSettings::mixture, "a mixture YAML, or one .json or .jsonl file"),
        defaulted("image_roots", &DataSettings::image_roots, "folders that pictures are looked for in"),
        defaulted("workers", &DataSettings::workers, "threads that decode and resize; 0: none but the trainer's own"),
        defaulted("prefetch", &DataSettings::prefetch, "micro-batches that are read ahead"),
        defaulted("max_broken_share", &DataSettings::max_broken_share,
                  "end the run beyond this share of broken records"),
        defaulted("group_by_modality_length", &DataSettings::group_by_modality_length,
                  "batches of text or of pictures, of similar lengths"));
  }
};

/// "optimizer": AdamW.
struct OptimizerSettings {
  double learning_rate = 0;
  double weight_decay = 0;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  std::optional<double> clip_norm = 1.0;
  std::optional<double> ema_decay;

  static constexpr auto fields() {
    return std::tuple(
        field("learning_rate", &OptimizerSettings::learning_rate, "of what no group says otherwise about"),
        defaulted("weight_decay", &OptimizerSettings::weight_decay, "of matrices; norms and biases have none"),
        defaulted("beta1", &OptimizerSettings::beta1, "decay of the mean of gradients"),
        defaulted("beta2", &OptimizerSettings::beta2, "decay of the mean of their squares"),
        defaulted("epsilon", &OptimizerSettings::epsilon, "added to the root of the latter"),
        defaulted("clip_norm", &OptimizerSettings::clip_norm, "longest gradient; null: as long as it is"),
        field("ema_decay", &OptimizerSettings::ema_decay, "keep a moving average of the weights, which is exported"));
  }
};

/// "schedule": how the learning rate changes.
struct ScheduleSettings {
  std::string kind = "cosine";
  double warmup_ratio = 0.03;

  static constexpr auto fields() {
    return std::tuple(defaulted("kind", &ScheduleSettings::kind, "cosine, linear or constant"),
                      defaulted("warmup_ratio", &ScheduleSettings::warmup_ratio, "share of the steps it rises over"));
  }
};

/// "checkpoints": what the run can go on from.
struct CheckpointSettings {
  int64_t every = 1000;
  int64_t keep = 1;

  static constexpr auto fields() {
    return std::tuple(defaulted("every", &CheckpointSettings::every, "steps from one to the next"),
                      defaulted("keep", &CheckpointSettings::keep, "how many of the latest stay, beside the best"));
  }
};

/// "validation": what is looked at between.
struct ValidationSettings {
  std::string mixture;
  int64_t every = 1000;
  int64_t samples = 200;
  int64_t answers = 4;
  int64_t max_new_tokens = 64;

  static constexpr auto fields() {
    return std::tuple(field("mixture", &ValidationSettings::mixture, "as data.mixture"),
                      defaulted("every", &ValidationSettings::every, "steps from one to the next"),
                      defaulted("samples", &ValidationSettings::samples, "at most so many records, the first ones"),
                      defaulted("answers", &ValidationSettings::answers, "how many of them are answered in words"),
                      defaulted("max_new_tokens", &ValidationSettings::max_new_tokens, "tokens of such an answer"));
  }
};

/// The whole run. Paths are relative to the folder of the file that names them.
struct TrainConfig {
  std::string model;
  std::string output;
  int64_t seed = 0;
  double epochs = 1;
  std::optional<int64_t> steps;
  int64_t batch_size = 0;
  int64_t micro_batch_size = 0;
  std::optional<int64_t> max_length;
  std::vector<int64_t> query_lengths;
  std::optional<double> mapping_loss_weight;
  std::string precision = "float32";
  std::string export_dtype = "bfloat16";
  bool activation_checkpointing = false;
  bool tensorboard = true;

  static constexpr auto fields() {
    return std::tuple(
        field("model", &TrainConfig::model, "folder of the checkpoint to start from"),
        field("output", &TrainConfig::output, "folder of the run"),
        defaulted("seed", &TrainConfig::seed, "of the order of the data and of everything drawn"),
        defaulted("epochs", &TrainConfig::epochs, "passes over the data"),
        field("steps", &TrainConfig::steps, "optimizer steps, instead of epochs"),
        field("batch_size", &TrainConfig::batch_size, "samples of a step, over all processes"),
        field("micro_batch_size", &TrainConfig::micro_batch_size, "samples that one process computes at once"),
        field("max_length", &TrainConfig::max_length, "positions of a sequence; null: the model's"),
        defaulted("query_lengths", &TrainConfig::query_lengths,
                  "latent counts to draw from, 0 for none (the four tiles are not looked at); empty: the model's"),
        field("mapping_loss_weight", &TrainConfig::mapping_loss_weight, "of both mapping losses; null: the model's"),
        defaulted("precision", &TrainConfig::precision, "float32, or bfloat16 for mixed precision"),
        defaulted("export_dtype", &TrainConfig::export_dtype, "float32, bfloat16 or float16"),
        defaulted("activation_checkpointing", &TrainConfig::activation_checkpointing, "less memory, a third slower"),
        defaulted("tensorboard", &TrainConfig::tensorboard, "write event files"));
  }

  DataSettings data;
  OptimizerSettings optimizer;
  std::vector<GroupRule> groups;
  std::optional<LoraSettings> lora;
  ScheduleSettings schedule;
  CheckpointSettings checkpoints;
  std::optional<ValidationSettings> validation;
};

/// Reads and checks the file. Throws Error on an unknown or missing key, a wrong type, and values that make no sense
/// together; whether files exist shows later.
TrainConfig read_train_config(const std::string& path);

/// The same of what the file at `path` holds.
TrainConfig parse_train_config(const nlohmann::json& json, const std::string& path);

/// The file's form of the config, defaults written out, paths absolute.
nlohmann::ordered_json write_train_config(const TrainConfig& config);

/// Every key of the file: type, default, meaning.
std::string describe_train_config();

/// What decides the numbers of a run and may therefore not change when it goes on: a line for each difference.
std::vector<std::string> differences_that_matter(const TrainConfig& run, const TrainConfig& now);

ScheduleKind schedule_kind(const std::string& name);

/// Optimizer steps of the whole run.
int64_t total_steps(const TrainConfig& config, int64_t steps_per_epoch);

/// Throws Error where so many processes cannot share a batch evenly.
void require_even_share(const TrainConfig& config, int64_t world_size);

}  // namespace fusion
