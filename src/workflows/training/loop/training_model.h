#pragma once
// The model that a run trains, with what turns records into its input.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "foundation/nn/autocast.h"
#include "pipeline/model/fusion_model.h"
#include "pipeline/preprocess/conversation.h"
#include "pipeline/preprocess/tokenizer.h"
#include "workflows/datasets/sample.h"
#include "workflows/training/loop/train_config.h"

namespace fusion {

struct TrainingModel {
  FusionModel model{nullptr};  ///< in training mode
  std::shared_ptr<const Tokenizer> tokenizer = {};
  const ConversationTemplate* format = nullptr;
};

/// Puts the run's lengths and weights of losses in place of the model's own. Throws Error on a max_length that the
/// decoder has no positions for, and on latent counts for a model without latent tokens.
/// \param name  of the model, for errors
void apply_settings(const TrainConfig& config, const std::string& name, FusionConfig& model);

/// Loads the checkpoint that the run starts from, with the run's settings (apply_settings) and with adapters where the
/// run has them. All is float32, but for what adapters leave frozen: in mixed precision it stays bfloat16 where the
/// checkpoint is. Throws Error as load_model, apply_settings and add_adapters do, and on a model without a vision
/// tower.
TrainingModel load_training_model(const TrainConfig& config, torch::Device device);

/// Who learns how fast, as the run says.
GroupedParameters group_of_run(const TrainConfig& config, FusionModelImpl& model);

/// Mixed precision where the run has it.
std::optional<Autocast> autocast_of(const TrainConfig& config, torch::Device device);

/// Writes what was trained as a checkpoint folder that this program and the reference's loader read, in
/// config.export_dtype, over an earlier one of the run. Adapters are merged, one matrix at a time.
void export_model(const TrainConfig& config, FusionModelImpl& model, const std::string& folder);

/// Writes the adapters of a run that has them, in float32 and in PEFT's form.
void export_adapter(const TrainConfig& config, const FusionModelImpl& model, const std::string& folder);

}  // namespace fusion
