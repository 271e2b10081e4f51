#include "workflows/assembly/summary.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/model/load_model.h"
#include "pipeline/preprocess/chat_template.h"
#include "pipeline/preprocess/conversation.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

struct BlockName {
  std::string_view prefix;  ///< of its tensors' names
  std::string_view name;
  bool only_of_fusion = false;  ///< a plain language model has none
};
constexpr std::array<BlockName, 8> kBlockNames = {{{"model.vision_tower.", "vision tower", true},
                                                   {"model.mm_projector.", "mm_projector", true},
                                                   {"model.aux_projector.", "aux_projector", true},
                                                   {"model.embed_tokens.", "embeddings"},
                                                   {"model.layers.", "decoder layers"},
                                                   {"model.norm.", "decoder layers"},
                                                   {"model.vision_sampler_layers.", "interaction layers", true},
                                                   {"lm_head.", "head"}}};

bool is_linear(const TensorSpec& tensor) {
  return tensor.shape.size() == 2 && tensor.name.find("embed") == std::string::npos;
}

/// The blocks in the order of the data's way through them; parameters of no block would be a bug of the table above.
std::vector<BlockSummary> blocks_of(const std::vector<TensorSpec>& table, bool sees) {
  std::vector<BlockSummary> blocks;
  for (const BlockName& block : kBlockNames) {
    if (!sees && block.only_of_fusion) continue;
    if (blocks.empty() || blocks.back().name != block.name) blocks.push_back({.name = std::string(block.name)});
    for (const TensorSpec& tensor : table) {
      if (!tensor.name.starts_with(block.prefix)) continue;
      const auto count = static_cast<uint64_t>(
          std::accumulate(tensor.shape.begin(), tensor.shape.end(), int64_t{1}, std::multiplies<>()));
      ++blocks.back().tensors;
      blocks.back().parameters += count;
      if (is_linear(tensor)) blocks.back().linear += count;
    }
  }
  return blocks;
}

template <class Count>
auto sum_over(const std::vector<BlockSummary>& blocks, Count BlockSummary::* member) {
  return std::accumulate(blocks.begin(), blocks.end(), Count{0},
                         [&](Count sum, const BlockSummary& block) { return sum + block.*member; });
}

std::vector<TensorSpec> table_of(const ModelSummary& model) {
  const torch::TensorOptions nowhere(torch::kMeta);
  return model.sees ? tensor_table(*FusionModel(model.config, nowhere))
                    : tensor_table(*LanguageModel(model.config, nowhere));
}

ModelSummary summarise_config(std::string name, FusionConfig config) {
  ModelSummary model{.name = std::move(name), .config = std::move(config)};
  model.conversation = default_template(model.config.model_type).name;
  model.notes = model.config.notes;
  return model;
}

ModelSummary summarise_language(const std::string& folder, LanguageConfig config) {
  ModelSummary model{.name = folder, .sees = false};
  model.notes = config.notes;
  static_cast<LanguageConfig&>(model.config) = std::move(config);
  try {
    model.conversation = read_chat_template(folder).format->name;
  } catch (const Error& error) {
    model.notes.push_back(cat("no conversation template: ", error.what()));
  }
  return model;
}

bool has_weights(const std::string& folder) {
  return fs::exists(fs::path(folder) / "model.safetensors") ||
         fs::exists(fs::path(folder) / "model.safetensors.index.json");
}

WeightsSummary weights_of(const Checkpoint& checkpoint) {
  WeightsSummary weights{.bytes = checkpoint.total_bytes()};
  std::set<std::string> files;
  for (const auto& [name, stored] : checkpoint.tensors()) {
    files.insert(fs::path(stored.file->path()).filename().string());
    weights.parameters_by_dtype[std::string(dtype_name(stored.view->dtype))] +=
        static_cast<uint64_t>(stored.view->element_count());
  }
  weights.files.assign(files.begin(), files.end());
  return weights;
}

void add_weights(const std::string& folder, ModelSummary& model) {
  if (!has_weights(folder)) {
    model.notes.emplace_back("there are no weights here: only the configuration is described");
    return;
  }
  const Checkpoint checkpoint(folder);
  model.weights = weights_of(checkpoint);
  const int64_t stated = model.config.decoder.vocab_size;
  use_stored_vocabulary(model.config, checkpoint);
  if (const int64_t rows = model.config.decoder.vocab_size; rows != stated) {
    model.notes.push_back(
        cat("config.json says vocab_size ", stated, ", the embedding table has ", rows, " rows: these count"));
  }
  const TableDiff diff = compare_tables(table_of(model), checkpoint.table());
  if (!diff.empty())
    model.notes.push_back(cat("the weights do not fit config.json and cannot be loaded: ", diff.describe()));
}

void add_tokenizer(const std::string& folder, ModelSummary& model) {
  try {
    const auto tokenizer = load_tokenizer(folder);
    model.tokenizer = {
        .kind = tokenizer->kind(), .vocab_size = tokenizer->vocab_size(), .special = tokenizer->special()};
  } catch (const Error& error) {
    model.notes.push_back(cat("no tokenizer: ", error.what()));
    return;
  }
  const int64_t rows = model.config.decoder.vocab_size;
  const int64_t tokens = model.tokenizer->vocab_size;
  // Published language models may have rows behind the last token.
  if (model.sees ? tokens != rows : tokens > rows) {
    model.notes.push_back(cat("the tokenizer has ", tokens, " tokens, the embedding table ", rows, " rows"));
  }
}

}  // namespace

uint64_t ModelSummary::parameters() const {
  return sum_over(blocks, &BlockSummary::parameters);
}

size_t ModelSummary::tensors() const {
  return sum_over(blocks, &BlockSummary::tensors);
}

uint64_t weight_bytes(const ModelSummary& model, WeightFormat format) {
  const uint64_t all = model.parameters();
  const uint64_t linear = sum_over(model.blocks, &BlockSummary::linear);
  const uint64_t rest = 2 * (all - linear);
  switch (format) {
    case WeightFormat::kFloat32:
      return 4 * all;
    case WeightFormat::kBFloat16:
      return 2 * all;
    case WeightFormat::kInt8:
      return linear + rest;
    case WeightFormat::kInt4:
      return (linear + 1) / 2 + rest;
  }
  return 0;
}

uint64_t kv_bytes_per_position(const DecoderConfig& decoder) {
  constexpr int64_t kKeyAndValue = 2;
  constexpr int64_t kBytes = 2;
  return static_cast<uint64_t>(decoder.num_layers * decoder.num_kv_heads * decoder.head_dim * kKeyAndValue * kBytes);
}

ModelSummary summarise_preset(const Preset& preset) {
  ModelSummary model = summarise_config(preset.name, parse_fusion_config(preset.files, preset.name));
  model.description = preset.description;
  model.blocks = blocks_of(table_of(model), model.sees);
  return model;
}

ModelSummary summarise_checkpoint(const std::string& folder) {
  const ConfigFiles files = read_config_files(folder);
  ModelSummary model = is_plain_language_model(files) ? summarise_language(folder, parse_language_config(files, folder))
                                                      : summarise_config(folder, parse_fusion_config(files, folder));
  add_weights(folder, model);
  add_tokenizer(folder, model);
  model.blocks = blocks_of(table_of(model), model.sees);
  return model;
}

ModelSummary summarise(const std::string& folder_or_preset) {
  const std::vector<std::string> presets = preset_names();
  const bool exists = fs::exists(folder_or_preset);
  if (!exists && std::ranges::find(presets, folder_or_preset) != presets.end()) {
    return summarise_preset(find_preset(folder_or_preset));
  }
  if (!exists) {
    const std::string nearest = closest_match(folder_or_preset, presets);
    throw Error({.who = printable(folder_or_preset, 200),
                 .expected = cat("a checkpoint folder or one of ", join(presets, ", ")),
                 .got = "nothing of that name",
                 .hint = nearest.empty() ? "check the path" : cat("did you mean ", nearest, "?")});
  }
  return summarise_checkpoint(folder_or_preset);
}

}  // namespace fusion
