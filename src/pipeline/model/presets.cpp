#include "pipeline/model/presets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <string_view>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

using nlohmann::json;

constexpr std::string_view kSiglip = "google/siglip-so400m-patch14-384";
constexpr std::string_view kSiglip2 = "google/siglip2-giant-opt-patch16-384";

// What FUSION adds to the config of its language model, but for the tower's name and width.
constexpr std::string_view kFusion = R"({
  "freeze_mm_mlp_adapter": false,
  "image_aspect_ratio": "static_hd",
  "mm_patch_merge_type": "flat",
  "mm_projector_lr": null,
  "mm_projector_type": "mlp2x_gelu",
  "mm_vision_tower_lr": null,
  "mm_use_im_patch_token": false,
  "mm_use_im_start_end": true,
  "mm_vision_select_feature": "patch",
  "mm_vision_select_layer": -2,
  "num_of_vision_sampler_layers": 10,
  "query_len": "4,16,36,64,144",
  "start_of_vision_sampler_layers": 0,
  "stride_of_vision_sampler_layers": 3,
  "tokenizer_model_max_length": 4096,
  "tokenizer_padding_side": "right",
  "tune_mm_mlp_adapter": false,
  "unfreeze_mm_vision_tower": true,
  "use_mm_proj": true,
  "window_size": 3
})";

// What the published models have in common beside that.
constexpr std::string_view kCommon = R"({
  "attention_dropout": 0.0,
  "hidden_act": "silu",
  "initializer_range": 0.02,
  "max_position_embeddings": 131072,
  "mm_vision_tower_lr": 1e-06,
  "num_attention_heads": 32,
  "num_hidden_layers": 32,
  "rms_norm_eps": 1e-05,
  "tie_word_embeddings": false,
  "torch_dtype": "bfloat16",
  "transformers_version": "4.48.1",
  "use_cache": true
})";

constexpr std::string_view kPhi = R"({
  "architectures": ["FusionPhiForCausalLM"],
  "bos_token_id": 1,
  "embd_pdrop": 0.0,
  "eos_token_id": 32000,
  "hidden_size": 3072,
  "intermediate_size": 8192,
  "model_type": "fusion_phi",
  "num_key_value_heads": 32,
  "original_max_position_embeddings": 4096,
  "pad_token_id": 32000,
  "resid_pdrop": 0.0,
  "rope_theta": 10000.0,
  "sliding_window": 262144,
  "vocab_size": 32013
})";

constexpr std::string_view kLlama = R"({
  "architectures": ["FusionLlamaForCausalLM"],
  "attention_bias": false,
  "bos_token_id": 128000,
  "eos_token_id": [128001, 128008, 128009],
  "head_dim": 128,
  "hidden_size": 4096,
  "intermediate_size": 14336,
  "mlp_bias": false,
  "model_type": "fusion_llama",
  "num_key_value_heads": 8,
  "pad_token_id": 128002,
  "pretraining_tp": 1,
  "rope_scaling": {
    "factor": 8.0,
    "high_freq_factor": 4.0,
    "low_freq_factor": 1.0,
    "original_max_position_embeddings": 8192,
    "rope_type": "llama3"
  },
  "rope_theta": 500000.0,
  "vocab_size": 128258
})";

// 259 bytes and control tokens, then Phi's 13 added tokens: see workflows/assembly/standin_tokenizer.h.
constexpr std::string_view kNano = R"({
  "eos_token_id": 259,
  "hidden_size": 128,
  "intermediate_size": 384,
  "max_position_embeddings": 4096,
  "num_attention_heads": 4,
  "num_hidden_layers": 6,
  "num_key_value_heads": 4,
  "num_of_vision_sampler_layers": 2,
  "original_max_position_embeddings": 1024,
  "pad_token_id": 259,
  "query_len": "4,16,36,64",
  "tokenizer_model_max_length": 1024,
  "torch_dtype": "float32",
  "vocab_size": 272
})";

constexpr std::string_view kNanoVision = R"({
  "attention_dropout": 0.0,
  "hidden_act": "gelu_pytorch_tanh",
  "hidden_size": 96,
  "image_size": 112,
  "intermediate_size": 256,
  "layer_norm_eps": 1e-06,
  "model_type": "siglip_vision_model",
  "num_attention_heads": 4,
  "num_channels": 3,
  "num_hidden_layers": 5,
  "patch_size": 14
})";

/// `count` numbers from `first` to `last`, growing evenly by ratio.
std::vector<double> geometric(int64_t count, double first, double last) {
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) {
    const double value = first * std::pow(last / first, static_cast<double>(i) / static_cast<double>(count - 1));
    values.push_back(std::round(value * 1e4) / 1e4);
  }
  return values;
}

/// The published factors came out of a search and are only in the checkpoints; these have their number and their range,
/// which is what a model with random weights needs of them.
json long_rope(int64_t head_dim) {
  return {{"short_factor", geometric(head_dim / 2, 1.0, 2.8)},
          {"long_factor", geometric(head_dim / 2, 1.08, 64.0)},
          {"type", "longrope"}};
}

json merged(std::initializer_list<std::string_view> parts) {
  json result = json::object();
  for (const std::string_view part : parts) result.update(json::parse(part));
  return result;
}

void set_tower(json& config, std::string_view name, int64_t width) {
  config["mm_vision_tower"] = name;
  config["mm_hidden_size"] = width;
}

json generation_of(const json& config, json end_tokens) {
  return {{"bos_token_id", config["bos_token_id"]},
          {"eos_token_id", std::move(end_tokens)},
          {"pad_token_id", config["pad_token_id"]},
          {"transformers_version", config["transformers_version"]}};
}

ConfigFiles phi_files(std::string_view tower, int64_t tower_width) {
  json config = merged({kFusion, kCommon, kPhi});
  config["rope_scaling"] = long_rope(96);
  set_tower(config, tower, tower_width);
  return {.config = config, .vision = {}, .generation = generation_of(config, {32007, 32001, 32000})};
}

ConfigFiles llama_files(std::string_view tower, int64_t tower_width, int64_t max_length) {
  json config = merged({kFusion, kCommon, kLlama});
  config["tokenizer_model_max_length"] = max_length;
  set_tower(config, tower, tower_width);
  return {.config = config, .vision = {}, .generation = generation_of(config, config["eos_token_id"])};
}

ConfigFiles nano_files() {
  json config = merged({kFusion, kCommon, kPhi, kNano});
  config["rope_scaling"] = long_rope(32);
  set_tower(config, "siglip-nano", 96);
  return {.config = config, .vision = json::parse(kNanoVision), .generation = generation_of(config, {266, 260, 259})};
}

struct Entry {
  std::string_view name;
  std::string_view description;
  ConfigFiles (*files)();
};

constexpr std::array<Entry, 5> kPresets = {{
    {.name = "fusion-phi3.5-3b",
     .description = "FUSION-Phi3.5-3B: Phi-3.5-mini and SigLIP-so400m",
     .files = [] { return phi_files(kSiglip, 1152); }},
    {.name = "fusion-x-phi3.5-3b",
     .description = "FUSION-X-Phi3.5-3B: Phi-3.5-mini and SigLIP2-giant",
     .files = [] { return phi_files(kSiglip2, 1536); }},
    {.name = "fusion-llama3.1-8b",
     .description = "FUSION-LLaMA3.1-8B: LLaMA-3.1-8B and SigLIP-so400m",
     .files = [] { return llama_files(kSiglip, 1152, 4096); }},
    {.name = "fusion-x-llama3.1-8b",
     .description = "FUSION-X-LLaMA3.1-8B: LLaMA-3.1-8B and SigLIP2-giant",
     .files = [] { return llama_files(kSiglip2, 1536, 3072); }},
    {.name = "nano", .description = "the same architecture at 2 million parameters, for tests", .files = nano_files},
}};

}  // namespace

json fusion_settings() {
  return json::parse(kFusion);
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  names.reserve(kPresets.size());
  for (const Entry& entry : kPresets) names.emplace_back(entry.name);
  return names;
}

Preset find_preset(const std::string& name) {
  for (const Entry& entry : kPresets) {
    if (entry.name == name) {
      return {.name = name, .files = entry.files(), .description = std::string(entry.description)};
    }
  }
  const std::string nearest = closest_match(name, preset_names());
  throw Error({.who = "preset",
               .expected = cat("one of ", join(preset_names(), ", ")),
               .got = cat("'", printable(name), "'"),
               .hint = nearest.empty() ? "" : cat("did you mean ", nearest, "?")});
}

Preset preset_or_folder(const std::string& text) {
  const auto names = preset_names();
  const bool is_name = std::ranges::find(names, text) != names.end();
  if (is_name || !std::filesystem::exists(std::filesystem::path(text) / "config.json")) return find_preset(text);
  return {.name = text, .files = read_config_files(text), .description = "as the folder's config.json says"};
}

}  // namespace fusion
