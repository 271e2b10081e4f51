#include "workflows/training/loop/training_model.h"

#include <torch/types.h>

#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/tensor_io.h"
#include "pipeline/model/load_model.h"
#include "workflows/assembly/checkpoint_folder.h"

namespace fusion {

namespace {

/// The tensor in the dtype, converted when it is its turn to be written.
TensorSource converted(const std::string& name, const torch::Tensor& tensor, DType dtype) {
  return {.name = name,
          .dtype = dtype,
          .shape = tensor.sizes().vec(),
          .produce = [tensor, dtype, name](const ByteSink& sink) {
            const torch::NoGradGuard no_grad;
            source_of(name, tensor.to(scalar_type_of(dtype, name))).produce(sink);
          }};
}

void apply_settings(FusionConfig& model, const TrainConfig& config) {
  if (config.max_length) model.max_length = std::min(model.max_length, *config.max_length);
  if (config.mapping_loss_weight) model.mapping_loss_weight = *config.mapping_loss_weight;
}

}  // namespace

SampleOptions TrainingModel::samples() const {
  const VisionConfig& vision = model->config().vision;
  return {.tile_size = vision.image_size,
          .mean = vision.image_mean,
          .std = vision.image_std,
          .max_length = model->config().max_length};
}

TrainingModel load_training_model(const TrainConfig& config, torch::Device device) {
  FusionConfig model_config = read_fusion_config(config.model);
  apply_settings(model_config, config);
  const auto checkpoint = std::make_shared<Checkpoint>(config.model);
  use_stored_vocabulary(model_config, *checkpoint);

  TrainingModel result;
  result.model = FusionModel(model_config);
  load_parameters(*result.model, *checkpoint, {.device = device, .dtype = torch::kFloat32});
  result.model->train();
  result.model->set_recompute(config.activation_checkpointing);
  result.tokenizer = load_tokenizer(config.model);
  result.format = &default_template(model_config.model_type);
  result.query_lengths = config.query_lengths.empty() ? model_config.query_lengths : config.query_lengths;
  if (result.tokenizer->vocab_size() != model_config.decoder.vocab_size) {
    throw Error({.who = config.model,
                 .expected = cat("a tokenizer of ", model_config.decoder.vocab_size, " tokens"),
                 .got = cat(result.tokenizer->vocab_size()),
                 .cause = "the tokenizer files belong to another model"});
  }
  return result;
}

std::optional<Autocast> autocast_of(const TrainConfig& config, torch::Device device) {
  if (config.precision != "bfloat16") return std::nullopt;
  return Autocast{.device = device.type(), .dtype = torch::kBFloat16};
}

void export_model(const TrainConfig& config, FusionModelImpl& model, const std::string& folder) {
  const DType dtype = weight_dtype(config.export_dtype);
  ConfigFiles files = read_config_files(config.model);
  files.config["torch_dtype"] = config.export_dtype;
  if (config.max_length) files.config["tokenizer_model_max_length"] = model.config().max_length;
  std::vector<TensorSource> weights;
  for (const auto& item : model.named_parameters()) weights.push_back(converted(item.key(), item.value(), dtype));
  write_checkpoint_folder(
      folder,
      {.files = std::move(files), .tokenizer = read_tokenizer_files(config.model), .weights = std::move(weights)},
      {.force = true});
}

}  // namespace fusion
