#include "pipeline/model/fusion_config.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/model/config_values.h"
#include "pipeline/model/vision_presets.h"

namespace fusion {

namespace {

constexpr int64_t kMaxSize = int64_t{1} << 24;  // far above any real size, far below what overflows a product of two
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

/// For settings of which only one value is supported: absent or equal to it.
template <class T>
void require_if_present(const JsonObject& object, const char* key, const T& supported) {
  const auto value = object.optional<T>(key);
  if (value && *value != supported) refuse(object, key, cat(supported), cat(*value));
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
  rope.max_positions = config.required_in_range("max_position_embeddings", 1, kMaxSize);
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
    rope.original_positions = scaling->required_in_range("original_max_position_embeddings", 1, kMaxSize);
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

InteractionConfig read_interaction(const JsonObject& config, int64_t num_layers, int64_t width) {
  InteractionConfig interaction;
  interaction.count = config.required_in_range("num_of_vision_sampler_layers", 0, num_layers);
  interaction.start = config.required_in_range("start_of_vision_sampler_layers", 0, num_layers);
  interaction.stride = config.required_in_range("stride_of_vision_sampler_layers", 1, num_layers);
  interaction.window = config.required_in_range("window_size", 1, kMaxWindow);
  if (interaction.count > 0 && interaction.start + (interaction.count - 1) * interaction.stride >= num_layers) {
    throw Error(
        {.who = config.who("num_of_vision_sampler_layers"),
         .expected = cat("interaction layers that fit between ", num_layers, " decoder layers"),
         .got = cat(interaction.count, " from layer ", interaction.start, " in steps of ", interaction.stride)});
  }
  if (interaction.count > 0 && width % interaction.heads != 0) {
    throw Error({.who = config.who("hidden_size"),
                 .expected = cat("a multiple of the ", interaction.heads, " heads of the interaction layers"),
                 .got = cat(width)});
  }
  return interaction;
}

int64_t read_head_dim(const JsonObject& config, const DecoderConfig& decoder) {
  const auto stated = config.optional<int64_t>("head_dim");
  if (!stated && decoder.hidden_size % decoder.num_heads != 0) {
    throw Error({.who = config.who("num_attention_heads"),
                 .expected = cat("a divisor of hidden_size ", decoder.hidden_size),
                 .got = cat(decoder.num_heads)});
  }
  const int64_t head_dim = stated.value_or(decoder.hidden_size / decoder.num_heads);
  if (head_dim < 2 || head_dim > kMaxSize || head_dim % 2 != 0) {
    throw Error({.who = config.who("head_dim"), .expected = "an even number of values a head", .got = cat(head_dim)});
  }
  return head_dim;
}

DecoderConfig read_decoder(const JsonObject& config, const std::string& model_type) {
  DecoderConfig decoder;
  decoder.layout = model_type == "fusion_phi" ? ProjectionLayout::kFused : ProjectionLayout::kSeparate;
  decoder.hidden_size = config.required_in_range("hidden_size", 1, kMaxSize);
  decoder.intermediate_size = config.required_in_range("intermediate_size", 1, kMaxSize);
  decoder.num_layers = config.required_in_range("num_hidden_layers", 1, kMaxLayers);
  decoder.num_heads = config.required_in_range("num_attention_heads", 1, kMaxSize);
  decoder.num_kv_heads = config.required_in_range("num_key_value_heads", 1, kMaxSize);
  if (decoder.num_heads % decoder.num_kv_heads != 0) {
    throw Error({.who = config.who("num_key_value_heads"),
                 .expected = cat("a divisor of the ", decoder.num_heads, " attention heads"),
                 .got = cat(decoder.num_kv_heads)});
  }
  decoder.head_dim = read_head_dim(config, decoder);
  decoder.vocab_size = config.required_in_range("vocab_size", 1, kMaxSize);
  decoder.rms_norm_eps = required_positive(config, "rms_norm_eps");
  decoder.attention_bias = config.optional<bool>("attention_bias").value_or(false);
  decoder.mlp_bias = config.optional<bool>("mlp_bias").value_or(false);
  decoder.tie_word_embeddings = config.optional<bool>("tie_word_embeddings").value_or(false);
  decoder.pad_token_id = config.optional<int64_t>("pad_token_id").value_or(-1);
  if (decoder.pad_token_id >= decoder.vocab_size) decoder.pad_token_id = -1;  // no such row to hold back
  decoder.rope = read_rope(config, decoder.head_dim);
  decoder.interaction = read_interaction(config, decoder.num_layers, decoder.hidden_size);
  require_if_present<std::string>(config, "hidden_act", "silu");
  require_if_present<double>(config, "partial_rotary_factor", 1.0);
  return decoder;
}

/// "4,16,36,64,144" -> {4, 16, 36, 64, 144}: each a square number.
std::vector<int64_t> read_query_lengths(const JsonObject& config) {
  const auto text = config.required<std::string>("query_len");
  std::vector<int64_t> lengths;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    int64_t length = 0;
    const auto [next, status] = std::from_chars(at, end, length);
    const bool separated = next == end || *next == ',';
    if (status != std::errc() || !separated || !is_latent_count(length)) {
      throw Error({.who = config.who("query_len"),
                   .expected = cat("square numbers up to ", kMaxLatents, ", as in \"4,16,36,64,144\""),
                   .got = printable(text)});
    }
    lengths.push_back(length);
    at = next == end ? end : next + 1;
  }
  if (lengths.empty()) {
    throw Error({.who = config.who("query_len"), .expected = "at least one latent count", .got = "none"});
  }
  std::sort(lengths.begin(), lengths.end());
  return lengths;
}

std::vector<int64_t> read_token_ids(const JsonObject& object, const char* key) {
  const nlohmann::json* value = object.find(key);
  if (value == nullptr || value->is_null()) return {};
  if (value->is_number_integer()) return {object.required<int64_t>(key)};
  return object.required<std::vector<int64_t>>(key);
}

}  // namespace

std::optional<TokenGrid> read_token_grid(const JsonObject& object, const char* key) {
  const auto grid = object.optional<std::vector<int64_t>>(key);
  if (!grid) return std::nullopt;
  const auto fits = [](int64_t side) { return side >= 1 && side <= kMaxGridSide; };
  if (grid->size() != 2 || !fits(grid->front()) || !fits(grid->back())) {
    throw Error({.who = object.who(key),
                 .expected = cat("[rows, columns], each from 1 to ", kMaxGridSide),
                 .got = cat("[", join(*grid, ", "), "]")});
  }
  return TokenGrid{.height = grid->front(), .width = grid->back()};
}

bool is_latent_count(int64_t count) {
  if (count < 1 || count > kMaxLatents) return false;
  const int64_t side = std::llround(std::sqrt(static_cast<double>(count)));
  return side * side == count;
}

ConfigFiles read_config_files(const std::string& folder) {
  const auto path = [&](const char* name) { return (std::filesystem::path(folder) / name).string(); };
  const auto read_if_there = [&](const char* name) -> std::optional<nlohmann::json> {
    if (!std::filesystem::exists(path(name))) return std::nullopt;
    return read_json_file(path(name));
  };
  if (!std::filesystem::is_directory(folder)) {
    throw Error({.who = folder,
                 .expected = "the folder of a FUSION checkpoint",
                 .got = std::filesystem::exists(folder) ? "a file" : "nothing there",
                 .hint = "give the folder that holds config.json"});
  }
  if (!std::filesystem::exists(path("config.json"))) {
    throw Error({.who = folder,
                 .expected = "a config.json",
                 .got = std::filesystem::is_empty(folder) ? "an empty folder" : "a folder without one",
                 .cause = "an incomplete download?",
                 .hint = "give the folder of a FUSION checkpoint, or make one with `fusion init`"});
  }
  return {.config = read_json_file(path("config.json")),
          .vision = read_if_there("vision_config.json"),
          .generation = read_if_there("generation_config.json")};
}

FusionConfig parse_fusion_config(const ConfigFiles& files, const std::string& folder) {
  const auto path = [&](const char* name) { return (std::filesystem::path(folder) / name).string(); };
  const JsonObject config(files.config, path("config.json"));
  FusionConfig result;
  result.model_type = config.required<std::string>("model_type");
  if (result.model_type != "fusion_phi" && result.model_type != "fusion_llama") {
    throw Error({.who = config.who("model_type"),
                 .expected = "fusion_phi or fusion_llama",
                 .got = printable(result.model_type),
                 .cause = "a checkpoint of another model",
                 .hint = "only FUSION checkpoints can be loaded"});
  }
  result.decoder = read_decoder(config, result.model_type);
  result.vision_tower_name = config.required<std::string>("mm_vision_tower");
  result.vision = files.vision ? parse_vision_config(*files.vision, path("vision_config.json"))
                               : vision_config_of(result.vision_tower_name, config.who("mm_vision_tower"));
  const auto vision_width = config.optional<int64_t>("mm_hidden_size");
  if (vision_width && *vision_width != result.vision.hidden_size) {
    throw Error({.who = config.who("mm_hidden_size"),
                 .expected = cat(result.vision.hidden_size, ", the width of ", printable(result.vision_tower_name)),
                 .got = cat(*vision_width),
                 .hint = "put the tower's own sizes into a vision_config.json beside config.json"});
  }
  require_if_present<std::string>(config, "mm_projector_type", "mlp2x_gelu");
  require_if_present<std::string>(config, "image_aspect_ratio", "static_hd");
  require_if_present<std::string>(config, "mm_patch_merge_type", "flat");
  require_if_present<bool>(config, "mm_use_im_start_end", true);
  result.query_lengths = read_query_lengths(config);
  result.max_length = config.required_in_range("tokenizer_model_max_length", 1, kMaxSize);
  result.image_tokens = read_token_grid(config, "image_tokens");
  // An answer may go on past max_length, to the last position.
  const int64_t positions = std::max(result.max_length, result.decoder.rope.max_positions);
  const auto sliding_window = config.optional<int64_t>("sliding_window");
  if (sliding_window && *sliding_window < positions) {
    refuse(config, "sliding_window", cat("at least the context of ", positions), cat(*sliding_window));
  }
  if (files.generation) {
    result.eos_token_ids =
        read_token_ids(JsonObject(*files.generation, path("generation_config.json")), "eos_token_id");
  }
  const auto config_eos = read_token_ids(config, "eos_token_id");
  if (result.eos_token_ids.empty()) result.eos_token_ids = config_eos;

  for (const char* key : kIgnoredKeys) config.find(key);
  for (const std::string& key : config.unread_keys()) {
    result.notes.push_back(cat(config.who(key), " is not known here and was ignored"));
  }
  return result;
}

FusionConfig read_fusion_config(const std::string& folder) {
  return parse_fusion_config(read_config_files(folder), folder);
}

}  // namespace fusion
