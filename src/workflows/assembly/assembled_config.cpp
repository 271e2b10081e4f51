#include "workflows/assembly/assembled_config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/model/presets.h"
#include "pipeline/model/vision_presets.h"
#include "pipeline/preprocess/tiles.h"

namespace fusion {

namespace {

using nlohmann::json;

// The published towers.
constexpr std::array<const char*, 2> kHubNames = {"google/siglip-so400m-patch14-384",
                                                  "google/siglip2-giant-opt-patch16-384"};

// Keys of the language model that would be wrong in the new folder: where it came from, code beside it, and the dtype
// under its newer name.
constexpr std::array<const char*, 4> kDropped = {"_name_or_path", "auto_map", "dtype", "quantization_config"};

constexpr int64_t kMaxPlan = 1024;  // layers; far above any decoder

void check_range(const char* who, int64_t value, int64_t min, int64_t max) {
  if (value >= min && value <= max) return;
  throw Error({.who = who, .expected = cat("a number from ", min, " to ", max), .got = cat(value)});
}

/// Throws Error where the decoder has not the layers for the plan, with the largest one of the same kind.
void check_plan(const InteractionPlan& plan, const DecoderConfig& decoder, const std::string& folder) {
  check_range("interaction_layers", plan.start, 0, decoder.num_layers - 1);
  const int64_t fitting = (decoder.num_layers - 1 - plan.start) / plan.stride + 1;
  if (plan.count > fitting) {
    throw Error(
        {.who = folder,
         .expected = cat("at least ", plan.start + (plan.count - 1) * plan.stride + 1, " decoder layers for ",
                         plan.count, " interaction layers from layer ", plan.start, " in steps of ", plan.stride),
         .got = cat(decoder.num_layers),
         .hint = cat("use --interaction-layers ", fitting, "/", plan.start, "/", plan.stride)});
  }
  const int64_t heads = decoder.interaction.heads;
  if (plan.count > 0 && decoder.hidden_size % heads != 0) {
    throw Error({.who = folder,
                 .expected = cat("a hidden_size that the ", heads, " heads of the interaction layers divide"),
                 .got = cat(decoder.hidden_size),
                 .hint = "take another language model"});
  }
}

InteractionPlan published_plan(const json& settings) {
  return {.count = settings.at("num_of_vision_sampler_layers"),
          .start = settings.at("start_of_vision_sampler_layers"),
          .stride = settings.at("stride_of_vision_sampler_layers")};
}

void set_interaction(json& config, const AssembleOptions& options, const DecoderConfig& decoder,
                     const std::string& folder) {
  const InteractionPlan plan = options.interaction.value_or(published_plan(config));
  check_plan(plan, decoder, folder);
  config["num_of_vision_sampler_layers"] = plan.count;
  config["start_of_vision_sampler_layers"] = plan.start;
  config["stride_of_vision_sampler_layers"] = plan.stride;
  if (options.query_lengths) config["query_len"] = join(*options.query_lengths, ",");
  if (options.window) config["window_size"] = *options.window;
  config["instruct_id_zero_is_padding"] = false;
}

void set_max_length(json& config, const std::optional<int64_t>& wanted, int64_t positions) {
  if (wanted) check_range("max_length", *wanted, 1, positions);
  json& length = config["tokenizer_model_max_length"];
  length = wanted.value_or(std::min(length.get<int64_t>(), positions));
}

bool names_siglip(std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name.find("siglip") != std::string::npos;
}

/// Sets the tower's name and width, and gives its sizes where the name does not imply them.
std::optional<json> set_tower(json& config, const VisionSource& source, const std::optional<int64_t>& image_size) {
  json sizes = source.config;
  if (image_size) {
    check_range("image_size", *image_size, source.vision.patch_size, kMaxTileSize);
    sizes["image_size"] = *image_size;
  }
  const VisionConfig vision = parse_vision_config(sizes, "vision_config.json");
  config["mm_hidden_size"] = vision.hidden_size;
  for (const char* name : kHubNames) {
    if (vision != vision_config_of(name, "")) continue;
    config["mm_vision_tower"] = name;
    return std::nullopt;
  }
  config["mm_vision_tower"] = names_siglip(source.given_name) ? source.given_name : cat("siglip-", source.given_name);
  return sizes;
}

}  // namespace

void check_options(const AssembleOptions& options) {
  const auto& lengths = options.query_lengths;
  if (lengths && (lengths->empty() || !std::ranges::all_of(*lengths, is_latent_count))) {
    throw Error({.who = "query_len",
                 .expected = cat("square numbers up to ", kMaxLatents, ", such as 4,16,36,64,144"),
                 .got = lengths->empty() ? "none" : join(*lengths, ",")});
  }
  if (options.window) check_range("window", *options.window, 1, kMaxWindow);
  if (!options.interaction) return;
  check_range("interaction_layers", options.interaction->count, 0, kMaxPlan);
  check_range("interaction_layers", options.interaction->start, 0, kMaxPlan);
  check_range("interaction_layers", options.interaction->stride, 1, kMaxPlan);
}

ConfigFiles assembled_config(const VisionSource& vision, const LanguageSource& language, const WeightForm& form,
                             const AssembleOptions& options) {
  check_options(options);
  const std::string& folder = language.checkpoint.folder();
  const LanguageConfig base = parse_language_config(language.files, folder);
  json config = language.files.config;
  for (const char* key : kDropped) config.erase(key);
  config.update(fusion_settings());
  config["model_type"] = language.model_type;
  config["architectures"] =
      json::array({language.model_type == "fusion_phi" ? "FusionPhiForCausalLM" : "FusionLlamaForCausalLM"});
  config["vocab_size"] = form.rows;
  config["torch_dtype"] = form.dtype;
  set_interaction(config, options, base.decoder, folder);
  set_max_length(config, options.max_length, base.decoder.rope.max_positions);
  auto sizes = set_tower(config, vision, options.image_size);
  return {.config = std::move(config), .vision = std::move(sizes), .generation = language.files.generation};
}

}  // namespace fusion
