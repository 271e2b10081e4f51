#include "pipeline/model/load_model.h"

#include <torch/types.h>

#include <algorithm>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/linear.h"
#include "foundation/nn/parameter.h"
#include "foundation/nn/tensor_io.h"
#include "pipeline/model/adapter.h"

namespace fusion {

namespace {

constexpr const char* kEmbeddingName = "model.embed_tokens.weight";

/// Whether a parameter is the file itself rather than a copy in another dtype or place.
bool is_mapped(const torch::nn::Module& module, const Checkpoint& checkpoint) {
  const auto parameters = module.named_parameters();
  return std::any_of(parameters.begin(), parameters.end(), [&](const auto& item) {
    return item.value().data_ptr() == checkpoint.find(item.key())->view->bytes.data();
  });
}

template <class Model, class Config>
Model ready_to_answer(Config config, const Checkpoint& checkpoint, const LoadOptions& options) {
  use_stored_vocabulary(config, checkpoint);
  Model model(std::move(config));
  load_parameters(*model, checkpoint, options);
  set_requires_grad(*model, false);
  model->eval();
  return model;
}

}  // namespace

std::vector<TensorSpec> tensor_table(const torch::nn::Module& module) {
  std::vector<TensorSpec> table;
  for (const auto& item : module.named_parameters()) {
    table.push_back({.name = item.key(), .shape = item.value().sizes().vec()});
  }
  return table;
}

void load_parameters(torch::nn::Module& module, const Checkpoint& checkpoint, const LoadOptions& options) {
  const TableDiff diff = compare_tables(tensor_table(module), checkpoint.table());
  if (!diff.empty()) {
    throw Error({.who = checkpoint.folder(),
                 .expected = "the tensors that config.json describes",
                 .got = diff.describe(),
                 .cause = "config.json and the weights are not of the same model, or a shard is missing"});
  }
  const torch::NoGradGuard no_grad;
  std::optional<torch::ScalarType> dtype = options.dtype;
  for (auto& item : module.named_parameters()) {
    const StoredTensor& stored = *checkpoint.find(item.key());
    const auto values = tensor_of(stored.file, *stored.view);
    const std::string who = cat(checkpoint.folder(), ": tensor ", item.key());
    if (!values.is_floating_point()) {
      throw Error({.who = who,
                   .expected = "F64, F32, F16 or BF16 weights",
                   .got = std::string(dtype_name(stored.view->dtype)),
                   .cause = "a quantised checkpoint?"});
    }
    if (!dtype) dtype = values.scalar_type();
    if (!options.dtype && values.scalar_type() != *dtype) {
      throw Error({.who = who,
                   .expected = cat(c10::toString(*dtype), ", as the tensors before it"),
                   .got = c10::toString(values.scalar_type()),
                   .hint = "choose one precision for all, such as --dtype float32"});
    }
    item.value().set_data(values.to(options.device, *dtype));
  }
}

void use_stored_vocabulary(LanguageConfig& config, const Checkpoint& checkpoint) {
  const StoredTensor* embedding = checkpoint.find(kEmbeddingName);
  if (embedding != nullptr && embedding->view->shape.size() == 2) {
    config.decoder.vocab_size = embedding->view->shape[0];
  }
}

FusionModel load_fusion_model(const std::string& folder, const LoadOptions& options) {
  const LoadedModel loaded = load_model(folder, options);
  if (loaded.fusion) return FusionModel(loaded.fusion);
  throw Error({.who = folder, .expected = "a FUSION checkpoint", .got = "a plain language model"});
}

LoadedModel load_model(const std::string& folder, const LoadOptions& options) {
  const ConfigFiles files = read_config_files(folder);
  LoadedModel loaded;
  std::shared_ptr<const Checkpoint> checkpoint;
  if (is_plain_language_model(files)) {
    LanguageConfig config = parse_language_config(files, folder);
    checkpoint = std::make_shared<Checkpoint>(folder);
    loaded.language = ready_to_answer<LanguageModel>(std::move(config), *checkpoint, options).ptr();
  } else {
    FusionConfig config = parse_fusion_config(files, folder);
    if (options.image_tokens) config.image_tokens = options.image_tokens;
    checkpoint = std::make_shared<Checkpoint>(folder);
    loaded.fusion = ready_to_answer<FusionModel>(std::move(config), *checkpoint, options).ptr();
    loaded.language = loaded.fusion;
  }
  if (is_mapped(*loaded.language, *checkpoint)) loaded.mapped = checkpoint;
  if (!options.adapter.empty()) load_adapter(*loaded.language, options.adapter);
  if (options.int8) quantise_matrices(*loaded.language);
  return loaded;
}

void require_vocabulary(const std::string& folder, int64_t tokens, int64_t rows, bool may_be_padded) {
  if (tokens == rows || (may_be_padded && tokens < rows)) return;
  throw Error({.who = folder,
               .expected = cat("a tokenizer of ", rows, " tokens, one for each row of the embedding table"),
               .got = cat(tokens),
               .cause = "the tokenizer files belong to another model, or its added tokens are missing",
               .hint = "copy the tokenizer files of this checkpoint into the folder"});
}

}  // namespace fusion
