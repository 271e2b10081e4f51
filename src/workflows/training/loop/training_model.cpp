#include "workflows/training/loop/training_model.h"

#include <torch/types.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/tensor_io.h"
#include "pipeline/model/adapter.h"
#include "pipeline/model/load_model.h"
#include "workflows/assembly/checkpoint_folder.h"
#include "workflows/assembly/tokenizer_files.h"

namespace fusion {

namespace {

/// The tensor in the dtype, made and converted when it is its turn to be written.
TensorSource converted(const std::string& name, at::IntArrayRef shape, DType dtype,
                       const std::function<torch::Tensor()>& tensor) {
  return {.name = name, .dtype = dtype, .shape = shape.vec(), .produce = [tensor, dtype, name](const ByteSink& sink) {
            const torch::NoGradGuard no_grad;
            source_of(name, tensor().to(scalar_type_of(dtype, name))).produce(sink);
          }};
}

/// What has no adapter, and the matrices that have one with it.
std::vector<TensorSource> merged_weights(const FusionModelImpl& model, DType dtype) {
  auto parameters = model.named_parameters();
  std::map<std::string, std::shared_ptr<LinearImpl>> adapted;
  std::set<std::string> halves;
  for (const auto& [name, linear] : linears_of(model)) {
    if (!linear->adapter()) continue;
    adapted[name + ".weight"] = linear;
    halves.insert({name + ".lora_A", name + ".lora_B"});
  }
  std::vector<TensorSource> weights;
  for (const auto& item : parameters) {
    if (halves.contains(item.key())) continue;
    const auto found = adapted.find(item.key());
    const auto tensor = [value = item.value(), linear = found == adapted.end() ? nullptr : found->second] {
      return linear ? linear->merged_weight() : value;
    };
    weights.push_back(converted(item.key(), item.value().sizes(), dtype, tensor));
  }
  return weights;
}

/// Frozen weights need no more digits than the checkpoint has: mixed precision multiplies in bfloat16 anyway. What is
/// trained becomes float32 in the optimiser.
torch::ScalarType loaded_dtype(const TrainConfig& config, const Checkpoint& checkpoint) {
  const bool narrow = std::ranges::all_of(checkpoint.tensors(),
                                          [](const auto& item) { return item.second.view->dtype == DType::kBF16; });
  return config.lora && config.precision == "bfloat16" && narrow ? torch::kBFloat16 : torch::kFloat32;
}

}  // namespace

void apply_settings(const TrainConfig& config, const std::string& name, FusionConfig& model) {
  if (config.max_length) {
    const int64_t positions = std::max(model.decoder.rope.max_positions, model.max_length);
    if (*config.max_length > positions) {
      throw Error({.who = "max_length",
                   .expected = cat("at most ", positions, " positions"),
                   .got = cat(*config.max_length),
                   .cause = cat("\"max_position_embeddings\" in the config.json of ", name),
                   .hint = "lower it, or leave it out for the model's own"});
    }
    model.max_length = *config.max_length;
  }
  if (config.mapping_loss_weight) model.mapping_loss_weight = *config.mapping_loss_weight;
  if (!config.query_lengths.empty() && !model.has_latents()) {
    throw Error({.who = "query_lengths",
                 .expected = "none, for this model has no latent tokens",
                 .got = join(config.query_lengths, ", "),
                 .cause = cat("\"query_len\": \"0\" in the config.json of ", name)});
  }
  if (!config.query_lengths.empty()) model.query_lengths = config.query_lengths;
  std::ranges::sort(model.query_lengths);
}

TrainingModel load_training_model(const TrainConfig& config, torch::Device device) {
  FusionConfig model_config = read_fusion_config(config.model);
  apply_settings(config, config.model, model_config);
  const auto checkpoint = std::make_shared<Checkpoint>(config.model);
  use_stored_vocabulary(model_config, *checkpoint);

  TrainingModel result;
  result.model = FusionModel(model_config);
  load_parameters(*result.model, *checkpoint, {.device = device, .dtype = loaded_dtype(config, *checkpoint)});
  if (config.lora) add_adapters(*result.model, *config.lora, static_cast<uint64_t>(config.seed));
  result.model->train();
  result.model->set_recompute(config.activation_checkpointing);
  result.tokenizer = load_tokenizer(config.model);
  result.format = &default_template(model_config.model_type);
  require_vocabulary(config.model, result.tokenizer->vocab_size(), model_config.decoder.vocab_size,
                     /*may_be_padded=*/false);
  return result;
}

GroupedParameters group_of_run(const TrainConfig& config, FusionModelImpl& model) {
  const OptimizerSettings& settings = config.optimizer;
  const auto group = config.lora ? group_trainable : group_parameters;
  return group(model, settings.learning_rate, settings.weight_decay, config.groups);
}

std::optional<Autocast> autocast_of(const TrainConfig& config, torch::Device device) {
  if (config.precision != "bfloat16") return std::nullopt;
  return Autocast{.device = device.type(), .dtype = torch::kBFloat16};
}

void export_model(const TrainConfig& config, FusionModelImpl& model, const std::string& folder) {
  const DType dtype = weight_dtype(config.export_dtype);
  ConfigFiles files = read_config_files(config.model);
  files.config["torch_dtype"] = config.export_dtype;
  FileTexts tokenizer = read_tokenizer_files(config.model);
  if (config.max_length) {
    files.config["tokenizer_model_max_length"] = model.config().max_length;
    set_tokenizer_limits(tokenizer, model.config().max_length);
  }
  // The default count of whoever asks the model is one of those it was trained with. A stage without latent tokens
  // leaves the counts of the model, which has their weights.
  std::vector<int64_t> counts = model.config().query_lengths;
  std::erase(counts, 0);
  if (!counts.empty()) files.config["query_len"] = join(counts, ",");
  write_checkpoint_folder(
      folder, {.files = std::move(files), .tokenizer = std::move(tokenizer), .weights = merged_weights(model, dtype)},
      {.force = true});
}

void export_adapter(const TrainConfig& config, const FusionModelImpl& model, const std::string& folder) {
  save_adapter(model, config.model, parameters_also_trained(model, *config.lora), folder);
}

}  // namespace fusion
