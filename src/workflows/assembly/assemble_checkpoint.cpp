#include "workflows/assembly/assemble_checkpoint.h"

#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string_view>
#include <system_error>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "pipeline/model/load_model.h"
#include "pipeline/preprocess/conversation.h"
#include "workflows/assembly/assembled_config.h"
#include "workflows/assembly/random_tensor.h"
#include "workflows/assembly/source_folder.h"
#include "workflows/assembly/stored_weights.h"

namespace fusion {

namespace {

using nlohmann::json;

constexpr std::string_view kTowerPrefix = "model.vision_tower.vision_tower.";
constexpr std::string_view kPositions = "vision_model.embeddings.position_embedding.weight";
constexpr std::string_view kEmbedding = "model.embed_tokens.weight";
constexpr std::string_view kHead = "lm_head.weight";

/// The tensors of a FUSION model by where they come from, each under its name there.
struct Tables {
  std::vector<TensorSpec> tower;
  std::vector<TensorSpec> language;
  std::vector<TensorSpec> fresh;
};

Tables tables_of(const FusionConfig& config) {
  const FusionModel model(config, torch::TensorOptions(torch::kMeta));
  Tables tables;
  for (TensorSpec& spec : tensor_table(*model)) {
    const auto in = [&](std::string_view part) { return spec.name.starts_with(part); };
    if (in(kTowerPrefix)) {
      spec.name.erase(0, kTowerPrefix.size());
      tables.tower.push_back(std::move(spec));
    } else if (in("model.mm_projector.") || in("model.aux_projector.") || in("model.vision_sampler_layers.")) {
      tables.fresh.push_back(std::move(spec));
    } else {
      tables.language.push_back(std::move(spec));
    }
  }
  return tables;
}

/// Under which name a tensor that FUSION does not use is reported; nothing: it has no business being there.
using Leftover = std::function<std::optional<std::string>(std::string_view)>;

Leftover vision_leftover(int64_t kept_layers) {
  return [last = cat("vision_model.encoder.layers.", kept_layers, ".")](std::string_view name) {
    for (const std::string_view part : {std::string_view(last), std::string_view("vision_model.head.")}) {
      if (name.starts_with(part)) return std::optional(cat(part, "*"));
    }
    if (name == "vision_model.embeddings.position_ids") return std::optional(std::string(name));
    if (name.starts_with("vision_model.")) return std::optional<std::string>();
    const size_t dot = name.find('.');
    return std::optional(dot == std::string_view::npos ? std::string(name) : cat(name.substr(0, dot), ".*"));
  };
}

Leftover language_leftover(bool tied) {
  return [tied](std::string_view name) {
    if (tied && name == kHead) return std::optional(std::string(name));
    // A buffer that old versions of transformers saved.
    constexpr std::string_view kFrequencies = "rotary_emb.inv_freq";
    return name.ends_with(kFrequencies) ? std::optional(cat("*.", kFrequencies)) : std::nullopt;
  };
}

/// Throws Error unless the folder has all of `expected` and nothing more than leftovers, which are counted.
void check_tensors(const Checkpoint& checkpoint, const std::vector<TensorSpec>& expected, const Leftover& leftover,
                   std::map<std::string, size_t>& left_out) {
  std::vector<TensorSpec> actual;
  for (TensorSpec& spec : checkpoint.table()) {
    const bool used = std::ranges::find(expected, spec.name, &TensorSpec::name) != expected.end();
    const auto reported = used ? std::nullopt : leftover(spec.name);
    if (reported) {
      ++left_out[*reported];
    } else {
      actual.push_back(std::move(spec));
    }
  }
  const TableDiff diff = compare_tables(expected, actual);
  if (diff.empty()) return;
  throw Error({.who = checkpoint.folder(),
               .expected = "the tensors that its config.json describes",
               .got = diff.describe(),
               .cause = "config.json and the weights are not of the same model, or a shard is missing"});
}

/// A target that is also a source would be gone before it is read in full.
void refuse_source_as_target(const std::string& source, const std::string& folder) {
  std::error_code code;
  if (!std::filesystem::equivalent(source, folder, code) || code) return;
  throw Error({.who = folder,
               .expected = "another folder than those of the models that it is made from",
               .got = "one of them",
               .hint = "name a new folder"});
}

struct WeightPlan {
  DType dtype;
  uint64_t seed;
  int64_t rows;        ///< of embedding and head
  int64_t older_rows;  ///< of them, tokens that are not new
  int64_t grid_side;   ///< of the tower
  bool new_grid;       ///< than the stored one
};

std::vector<TensorSource> weights_of(const Tables& tables, const VisionSource& vision, const LanguageSource& language,
                                     const WeightPlan& plan) {
  std::vector<TensorSource> weights;
  for (const auto& [name, shape] : tables.language) {
    const StoredTensor& stored = *language.checkpoint.find(name);
    weights.push_back(name == kEmbedding || name == kHead
                          ? resized_table(stored, name, plan.dtype, plan.rows, plan.older_rows)
                          : converted_tensor(stored, name, plan.dtype));
  }
  for (const auto& [name, shape] : tables.tower) {
    const StoredTensor& stored = *vision.checkpoint.find(name);
    const std::string full_name = cat(kTowerPrefix, name);
    weights.push_back(plan.new_grid && name == kPositions
                          ? resized_positions(stored, full_name, plan.dtype, plan.grid_side)
                          : converted_tensor(stored, full_name, plan.dtype));
  }
  for (const TensorSpec& spec : tables.fresh) {
    weights.push_back(torch_default_tensor(spec, tables.fresh, plan.dtype, plan.seed));
  }
  return weights;
}

/// The control tokens `<|...|>` that the conversation is written with, in the order of its messages.
std::vector<std::string> marks_of(const ConversationTemplate& format) {
  std::vector<std::string> marks;
  for (const std::string_view text : {format.system, format.user, format.assistant, format.separator}) {
    for (size_t begin = text.find("<|"); begin != std::string_view::npos; begin = text.find("<|", begin + 1)) {
      const size_t end = text.find("|>", begin);
      if (end == std::string_view::npos) break;
      std::string mark(text.substr(begin, end + 2 - begin));
      if (std::ranges::find(marks, mark) == marks.end()) marks.push_back(std::move(mark));
    }
  }
  return marks;
}

/// A token that ends answers is one that ends them for generate() of transformers too.
void add_end_token(ConfigFiles& files, int64_t id) {
  const auto add = [id](json& config) {
    json& ids = config["eos_token_id"];
    if (!ids.is_array()) ids = ids.is_null() ? json::array() : json::array({ids});
    ids.push_back(id);
  };
  add(files.config);
  if (files.generation) add(*files.generation);
}

std::vector<std::string> warnings_of(const VisionConfig& stored, const FusionConfig& config,
                                     const std::vector<std::string>& new_marks) {
  std::vector<std::string> warnings;
  const int64_t before = stored.patches_per_side();
  const int64_t after = config.vision.patches_per_side();
  if (before != after) {
    warnings.push_back(cat("the position embeddings were resized from ", before, "x", before, " to ", after, "x", after,
                           " (bicubic): the tower was not trained at this size"));
  }
  if (!new_marks.empty()) {
    warnings.push_back(cat("the language model does not know the ", default_template(config.model_type).name,
                           " conversation: ", join(new_marks, ", "), " are new tokens that mean nothing to it yet"));
  }
  return warnings;
}

}  // namespace

AssembleReport assemble_checkpoint(const std::string& vision_folder, const std::string& language_folder,
                                   const std::string& folder, const AssembleOptions& options) {
  const VisionSource vision = open_vision_source(vision_folder);
  const LanguageSource language = open_language_source(language_folder);
  refuse_source_as_target(vision_folder, folder);
  refuse_source_as_target(language_folder, folder);

  FileTexts tokenizer_files = language.tokenizer_files;
  const ConversationTemplate& conversation = default_template(language.model_type);
  std::vector<std::string> marks = marks_of(conversation);
  std::erase_if(marks, [&](const std::string& mark) { return language.tokenizer->token_id(mark).has_value(); });
  std::vector<std::string> needed = {std::string(kVisionStart), std::string(kVisionEnd)};
  needed.insert(needed.end(), marks.begin(), marks.end());
  const auto new_tokens = add_special_tokens(tokenizer_files, *language.tokenizer, needed);
  const int64_t older_rows = language.tokenizer->vocab_size();
  const int64_t rows = older_rows + static_cast<int64_t>(new_tokens.size());
  const std::string dtype_name =
      options.dtype ? *options.dtype : weight_dtype_name(language.dtype, cat(language_folder, ": tensor ", kEmbedding));
  ConfigFiles files = assembled_config(vision, language, {.rows = rows, .dtype = dtype_name}, options);
  const auto end = std::ranges::find(new_tokens, conversation.stop());
  if (end != new_tokens.end()) add_end_token(files, older_rows + (end - new_tokens.begin()));
  const FusionConfig config = parse_fusion_config(files, folder);
  set_tokenizer_limits(tokenizer_files, config.max_length);

  FusionConfig stored = config;
  stored.decoder.vocab_size = language.stored_rows;
  stored.vision = vision.vision;
  const Tables tables = tables_of(stored);
  AssembleReport report{.dtype = dtype_name,
                        .vision_tower = config.vision_tower_name,
                        .model_type = config.model_type,
                        .rows_before = language.stored_rows,
                        .rows = rows,
                        .new_tokens = new_tokens,
                        .warnings = warnings_of(vision.vision, config, marks)};
  check_tensors(vision.checkpoint, tables.tower, vision_leftover(vision.vision.num_layers), report.left_out);
  check_tensors(language.checkpoint, tables.language, language_leftover(config.decoder.tie_word_embeddings),
                report.left_out);

  const DType dtype = weight_dtype(dtype_name);
  std::vector<TensorSource> weights =
      weights_of(tables, vision, language,
                 {.dtype = dtype,
                  .seed = options.seed,
                  .rows = rows,
                  .older_rows = older_rows,
                  .grid_side = config.vision.patches_per_side(),
                  .new_grid = config.vision.patches_per_side() != vision.vision.patches_per_side()});
  report.weight_bytes = total_bytes(weights);
  report.parameters = report.weight_bytes / dtype_size(dtype);
  for (const TensorSpec& spec : tables.fresh) {
    report.new_parameters += tensor_bytes(DType::kU8, spec.shape).value_or(0);
  }
  write_checkpoint_folder(folder,
                          {.files = std::move(files),
                           .tokenizer = std::move(tokenizer_files),
                           .weights = std::move(weights),
                           .last_check =
                               [&] {
                                 vision.checkpoint.require_unchanged();
                                 language.checkpoint.require_unchanged();
                               }},
                          options.save);
  return report;
}

std::string text_report(const AssembleReport& report) {
  std::string text =
      cat(report.model_type, " with the tower ", printable(report.vision_tower), ": ", count_text(report.parameters),
          " parameters (", bytes_text(report.weight_bytes), ", ", report.dtype, "), of which ",
          count_text(report.new_parameters), " are new and untrained: projectors and interaction layers\n");
  text += cat("vocabulary: ", grouped_text(static_cast<uint64_t>(report.rows_before)), " rows before, ",
              grouped_text(static_cast<uint64_t>(report.rows)), " now; ");
  text += report.new_tokens.empty()
              ? std::string("the vision tokens were there\n")
              : cat("new: ", join(report.new_tokens, ", "), ", each the mean of the tokens before\n");
  if (!report.left_out.empty()) {
    std::vector<std::string> parts;
    parts.reserve(report.left_out.size());
    for (const auto& [name, count] : report.left_out) {
      parts.push_back(count == 1 ? printable(name) : cat(printable(name), " (", count, ")"));
    }
    text += cat("left out: ", join(parts, ", "), "\n");
  }
  return text;
}

}  // namespace fusion
