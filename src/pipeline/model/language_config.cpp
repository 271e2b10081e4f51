#include "pipeline/model/language_config.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "foundation/config/json_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/model/config_values.h"

namespace fusion {

namespace {

constexpr int64_t kMaxLayers = 1024;

// Keys of published config files that say nothing about what inference or training here computes.
constexpr const char* kIgnoredKeys[] = {
    "_name_or_path",
    "architectures",
    "attention_dropout",
    "auto_map",
    "bos_token_id",
    "embd_pdrop",
    "freeze_mm_mlp_adapter",
    "image_crop_resolution",
    "image_grid_pinpoints",
    "image_split_resolution",
    "initializer_range",
    "mm_projector_lr",
    "mm_use_im_patch_token",
    "mm_vision_select_feature",
    "mm_vision_select_layer",
    "mm_vision_tower_lr",
    "model_type",
    "pretraining_tp",
    "resid_pdrop",
    "tokenizer_padding_side",
    "torch_dtype",
    "dtype",
    "transformers_version",
    "tune_mm_mlp_adapter",
    "unfreeze_mm_vision_tower",
    "use_cache",
    "use_mm_proj",
};

[[noreturn]] void refuse(const JsonObject& object, const char* key, std::string expected, std::string got) {
  throw Error({.who = object.who(key),
               .expected = std::move(expected),
               .got = std::move(got),
               .hint = "this checkpoint needs a feature that this program does not have"});
}

/// How a plain checkpoint's model_type stores its projections; nothing for other models.
std::optional<ProjectionLayout> layout_of_plain(const nlohmann::json& config) {
  const auto type = config.is_object() ? config.find("model_type") : config.end();
  if (type == config.end()) return std::nullopt;
  if (*type == "phi3") return ProjectionLayout::kFused;
  if (*type == "llama") return ProjectionLayout::kSeparate;
  return std::nullopt;
}

std::vector<double> rope_factors(const JsonObject& scaling, const char* key, int64_t head_dim) {
  auto factors = scaling.required<std::vector<double>>(key);
  const bool positive = std::all_of(factors.begin(), factors.end(), [](double f) { return std::isfinite(f) && f > 0; });
  if (static_cast<int64_t>(factors.size()) != head_dim / 2 || !positive) {
    throw Error(
        {.who = scaling.who(key),
         .expected = cat(head_dim / 2, " positive numbers, one for each pair of a head's ", head_dim, " values"),
         .got = cat(factors.size(), " values")});
  }
  return factors;
}

RopeConfig read_rope(const JsonObject& config, int64_t head_dim) {
  RopeConfig rope;
  rope.head_dim = head_dim;
  rope.theta = config.required<double>("rope_theta");
  if (!(rope.theta > 1)) {
    throw Error({.who = config.who("rope_theta"), .expected = "a number above 1", .got = cat(rope.theta)});
  }
  rope.max_positions = config.required_in_range("max_position_embeddings", 1, kMaxConfigSize);
  const auto original = config.optional<int64_t>("original_max_position_embeddings");
  const auto scaling = config.optional_object("rope_scaling");
  if (!scaling) return rope;

  const auto type = scaling->optional<std::string>("rope_type");
  const auto old_type = scaling->optional<std::string>("type");  // the key's name before transformers 4.43
  const std::string kind = type ? *type : old_type.value_or("");
  if (kind == "llama3") {
    rope.scaling = RopeScaling::kLlama3;
    rope.factor = scaling->required<double>("factor");
    rope.low_freq_factor = scaling->required<double>("low_freq_factor");
    rope.high_freq_factor = scaling->required<double>("high_freq_factor");
    rope.original_positions = scaling->required_in_range("original_max_position_embeddings", 1, kMaxConfigSize);
    if (!(rope.factor >= 1 && rope.low_freq_factor > 0 && rope.high_freq_factor > rope.low_freq_factor)) {
      throw Error(
          {.who = config.who("rope_scaling"),
           .expected = "factor >= 1 and 0 < low_freq_factor < high_freq_factor",
           .got = cat("factor ", rope.factor, ", low ", rope.low_freq_factor, ", high ", rope.high_freq_factor)});
    }
  } else if (kind == "longrope" || kind == "su") {
    rope.scaling = RopeScaling::kLongRope;
    rope.short_factors = rope_factors(*scaling, "short_factor", head_dim);
    rope.long_factors = rope_factors(*scaling, "long_factor", head_dim);
    if (!original || *original < 2) {
      throw Error({.who = config.who("original_max_position_embeddings"),
                   .expected = "the context length of the pre-training, which long rope needs",
                   .got = original ? cat(*original) : "nothing"});
    }
    rope.original_positions = *original;
  } else if (kind != "default") {
    refuse(config, "rope_scaling", "type llama3, longrope or default", printable(kind));
  }
  scaling->refuse_unread_keys();
  return rope;
}

int64_t read_head_dim(const JsonObject& config, const DecoderConfig& decoder) {
  const auto stated = config.optional<int64_t>("head_dim");
  if (!stated && decoder.hidden_size % decoder.num_heads != 0) {
    throw Error({.who = config.who("num_attention_heads"),
                 .expected = cat("a divisor of hidden_size ", decoder.hidden_size),
                 .got = cat(decoder.num_heads)});
  }
  const int64_t head_dim = stated.value_or(decoder.hidden_size / decoder.num_heads);
  if (head_dim < 2 || head_dim > kMaxConfigSize || head_dim % 2 != 0) {
    throw Error({.who = config.who("head_dim"), .expected = "an even number of values a head", .got = cat(head_dim)});
  }
  return head_dim;
}

std::vector<int64_t> read_token_ids(const JsonObject& object, const char* key) {
  const nlohmann::json* value = object.find(key);
  if (value == nullptr || value->is_null()) return {};
  if (value->is_number_integer()) return {object.required<int64_t>(key)};
  return object.required<std::vector<int64_t>>(key);
}

}  // namespace

ConfigFiles read_config_files(const std::string& folder) {
  const auto path = [&](const char* name) { return (std::filesystem::path(folder) / name).string(); };
  const auto read_if_there = [&](const char* name) -> std::optional<nlohmann::json> {
    if (!std::filesystem::exists(path(name))) return std::nullopt;
    return read_json_file(path(name));
  };
  if (!std::filesystem::is_directory(folder)) {
    throw Error({.who = folder,
                 .expected = "the folder of a checkpoint",
                 .got = std::filesystem::exists(folder) ? "a file" : "nothing there",
                 .hint = "give the folder that holds config.json, or make a small model: fusion init nano DIR"});
  }
  if (!std::filesystem::exists(path("config.json"))) {
    throw Error({.who = folder,
                 .expected = "a config.json",
                 .got = std::filesystem::is_empty(folder) ? "an empty folder" : "a folder without one",
                 .cause = "an incomplete download?",
                 .hint = "give the folder of a checkpoint, or make a small one: fusion init nano DIR"});
  }
  return {.config = read_json_file(path("config.json")),
          .vision = read_if_there("vision_config.json"),
          .generation = read_if_there("generation_config.json")};
}

bool is_plain_language_model(const ConfigFiles& files) {
  return layout_of_plain(files.config).has_value();
}

LanguageConfig parse_language_config(const ConfigFiles& files, const std::string& folder) {
  const auto path = [&](const char* name) { return (std::filesystem::path(folder) / name).string(); };
  const JsonObject config(files.config, path("config.json"));
  const auto layout = layout_of_plain(files.config);
  LanguageConfig result;
  result.model_type = config.required<std::string>("model_type");
  if (!layout) {
    throw Error({.who = config.who("model_type"), .expected = "phi3 or llama", .got = printable(result.model_type)});
  }
  result.decoder = read_decoder(config, *layout);
  result.max_length = result.decoder.rope.max_positions;
  refuse_short_sliding_window(config, result.max_length);
  result.eos_token_ids = read_eos_token_ids(config, files.generation, path("generation_config.json"));
  result.notes = notes_of_unknown_keys(config);
  return result;
}

DecoderConfig read_decoder(const JsonObject& config, ProjectionLayout layout) {
  DecoderConfig decoder;
  decoder.layout = layout;
  decoder.hidden_size = config.required_in_range("hidden_size", 1, kMaxConfigSize);
  decoder.intermediate_size = config.required_in_range("intermediate_size", 1, kMaxConfigSize);
  decoder.num_layers = config.required_in_range("num_hidden_layers", 1, kMaxLayers);
  decoder.num_heads = config.required_in_range("num_attention_heads", 1, kMaxConfigSize);
  decoder.num_kv_heads = config.required_in_range("num_key_value_heads", 1, kMaxConfigSize);
  if (decoder.num_heads % decoder.num_kv_heads != 0) {
    throw Error({.who = config.who("num_key_value_heads"),
                 .expected = cat("a divisor of the ", decoder.num_heads, " attention heads"),
                 .got = cat(decoder.num_kv_heads)});
  }
  decoder.head_dim = read_head_dim(config, decoder);
  decoder.vocab_size = config.required_in_range("vocab_size", 1, kMaxConfigSize);
  decoder.rms_norm_eps = required_positive(config, "rms_norm_eps");
  decoder.attention_bias = config.optional<bool>("attention_bias").value_or(false);
  decoder.mlp_bias = config.optional<bool>("mlp_bias").value_or(false);
  decoder.tie_word_embeddings = config.optional<bool>("tie_word_embeddings").value_or(false);
  decoder.pad_token_id = config.optional<int64_t>("pad_token_id").value_or(-1);
  if (decoder.pad_token_id >= decoder.vocab_size) decoder.pad_token_id = -1;  // no such row to hold back
  decoder.rope = read_rope(config, decoder.head_dim);
  require_if_present<std::string>(config, "hidden_act", "silu");
  require_if_present<double>(config, "partial_rotary_factor", 1.0);
  return decoder;
}

std::vector<int64_t> read_eos_token_ids(const JsonObject& config, const std::optional<nlohmann::json>& generation,
                                        const std::string& generation_file) {
  const auto own = read_token_ids(config, "eos_token_id");
  if (!generation) return own;
  const auto ids = read_token_ids(JsonObject(*generation, generation_file), "eos_token_id");
  return ids.empty() ? own : ids;
}

void refuse_short_sliding_window(const JsonObject& config, int64_t positions) {
  const auto sliding_window = config.optional<int64_t>("sliding_window");
  if (sliding_window && *sliding_window < positions) {
    refuse(config, "sliding_window", cat("at least the context of ", positions), cat(*sliding_window));
  }
}

std::vector<std::string> notes_of_unknown_keys(const JsonObject& config) {
  for (const char* key : kIgnoredKeys) config.find(key);
  std::vector<std::string> notes;
  for (const std::string& key : config.unread_keys()) {
    notes.push_back(cat(config.who(key), " is not known here and was ignored"));
  }
  return notes;
}

template <class T>
void require_if_present(const JsonObject& object, const char* key, const T& supported) {
  const auto value = object.optional<T>(key);
  if (value && *value != supported) refuse(object, key, cat(supported), cat(*value));
}

template void require_if_present<bool>(const JsonObject&, const char*, const bool&);
template void require_if_present<double>(const JsonObject&, const char*, const double&);
template void require_if_present<std::string>(const JsonObject&, const char*, const std::string&);

}  // namespace fusion
