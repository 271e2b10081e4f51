#include "workflows/assembly/init_checkpoint.h"

#include <torch/types.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/tensor_io.h"
#include "pipeline/model/load_model.h"
#include "pipeline/preprocess/conversation.h"
#include "pipeline/preprocess/tokenizer.h"
#include "workflows/assembly/fitted_embeddings.h"
#include "workflows/assembly/random_tensor.h"
#include "workflows/assembly/standin_tokenizer.h"

namespace fusion {

namespace {

/// A tokenizer that knows what FUSION's prompts are made of.
std::unique_ptr<Tokenizer> load_fusion_tokenizer(const std::string& folder, const std::string& model_type) {
  auto tokenizer = load_tokenizer(folder);
  for (const std::string_view token : {kVisionStart, kVisionEnd, default_template(model_type).stop()}) {
    if (tokenizer->token_id(token)) continue;
    throw Error({.who = folder,
                 .expected = cat("a tokenizer with the token ", token),
                 .got = cat("one of ", tokenizer->vocab_size(), " tokens without it"),
                 .cause = "a tokenizer of another model, or one without the tokens that FUSION adds"});
  }
  return tokenizer;
}

/// The standard deviation of random matrices. Small models learn faster from a larger one than large models: what
/// passes through a layer keeps its size at about 1 / sqrt(width).
double initializer_range(const JsonObject& config) {
  const double range = config.optional<double>("initializer_range").value_or(kInitializerRange);
  if (range > 0 && range <= 1) return range;
  throw Error({.who = config.who("initializer_range"),
               .expected = "a number over 0, at most 1",
               .got = cat(range),
               .hint = "leave it out for 0.02"});
}

/// Of the weights, as older and newer versions of transformers write it.
std::string dtype_of(const JsonObject& config) {
  const auto older = config.optional<std::string>("torch_dtype");
  return older ? *older : config.optional<std::string>("dtype").value_or("float32");
}

std::vector<TensorSource> weights_of(const FusionConfig& config, DType dtype, uint64_t seed, double stddev) {
  const FusionModel model(config, torch::TensorOptions(torch::kMeta));
  std::vector<TensorSource> weights;
  for (const TensorSpec& spec : tensor_table(*model)) weights.push_back(random_tensor(spec, dtype, seed, stddev));
  return weights;
}

constexpr std::string_view kEmbeddings = "model.vision_tower.vision_tower.vision_model.embeddings.";

/// Puts `value`, which has a tensor's values in any shape, in the place of the random ones.
void replace_source(std::vector<TensorSource>& weights, std::string_view name, const torch::Tensor& value) {
  const std::string full = cat(kEmbeddings, name);
  const auto found = std::ranges::find(weights, full, &TensorSource::name);
  if (found == weights.end()) {
    throw Error({.who = full, .expected = "a tensor of the model", .got = "none of that name"});
  }
  *found = source_of(full, value.reshape(found->shape).to(scalar_type_of(found->dtype, full)));
}

void fit_embeddings(std::vector<TensorSource>& weights, const VisionConfig& config, const InitOptions& options,
                    InitReport& report) {
  const std::string& pictures = *options.pictures;
  const uint64_t seed = options.seed;
  if (config.class_token) {
    throw Error({.who = pictures, .expected = "a SigLIP tower to fit to its pictures", .got = "a CLIP"});
  }
  const auto mixture = Mixture::open(pictures, {});
  const PatchStatistics statistics = patch_statistics(*mixture, config, seed, options.on_record);
  report.pictures = statistics.pictures;
  report.records = statistics.records;
  const auto filters = whitening_filters(statistics, config.hidden_size, seed);
  replace_source(weights, "patch_embedding.weight", filters.weight);
  replace_source(weights, "patch_embedding.bias", filters.bias);
  replace_source(weights, "position_embedding.weight",
                 wave_positions(config.patches_per_side(), config.hidden_size, seed + 1));
}

}  // namespace

InitReport init_checkpoint(const Preset& preset, const std::string& folder, const InitOptions& options) {
  ConfigFiles files = preset.files;
  const JsonObject given_config(preset.files.config, preset.name + ": config.json");
  const std::string dtype_name = options.dtype ? *options.dtype : dtype_of(given_config);
  const DType dtype = weight_dtype(dtype_name);
  files.config["torch_dtype"] = dtype_name;
  files.config.erase("dtype");
  const auto& source = options.tokenizer_folder;
  const auto given =
      source ? load_fusion_tokenizer(*source, given_config.required<std::string>("model_type")) : nullptr;
  // One row of the embedding table a token, as the reference resizes it.
  if (given) files.config["vocab_size"] = given->vocab_size();
  const FusionConfig config = parse_fusion_config(files, preset.name);
  std::vector<TensorSource> weights = weights_of(config, dtype, options.seed, initializer_range(given_config));
  InitReport report{.parameters = total_bytes(weights) / dtype_size(dtype),
                    .weight_bytes = total_bytes(weights),
                    .tensors = weights.size(),
                    .dtype = dtype_name,
                    .tokenizer = given ? given->kind() : "byte-level stand-in"};
  check_target(folder, report.weight_bytes, options.save.force);  // before a vocabulary of any size is made
  if (options.pictures) fit_embeddings(weights, config.vision, options, report);
  write_checkpoint_folder(folder,
                          {.files = std::move(files),
                           .tokenizer = source ? read_tokenizer_files(*source)
                                               : standin_tokenizer(config.model_type, config.decoder.vocab_size),
                           .weights = std::move(weights)},
                          options.save);
  return report;
}

}  // namespace fusion
