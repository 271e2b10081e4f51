#include "pipeline/model/fusion_config.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/model/config_values.h"
#include "pipeline/model/vision_presets.h"

namespace fusion {

namespace {

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

/// "4,16,36,64,144" -> {4, 16, 36, 64, 144}: each a square number. "0" -> {0}: no latent tokens.
std::vector<int64_t> read_query_lengths(const JsonObject& config, const InteractionConfig& interaction) {
  const auto text = config.required<std::string>("query_len");
  if (text == "0") {
    if (interaction.count == 0) return {0};
    throw Error({.who = config.who("query_len"),
                 .expected = cat("latent tokens for ", interaction.count, " interaction layers"),
                 .got = "0",
                 .hint = "a model without latent tokens has a num_of_vision_sampler_layers of 0"});
  }
  std::vector<int64_t> lengths;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    int64_t length = 0;
    const auto [next, status] = std::from_chars(at, end, length);
    const bool separated = next == end || *next == ',';
    if (status != std::errc() || !separated || !is_latent_count(length)) {
      throw Error({.who = config.who("query_len"),
                   .expected = cat("square numbers up to ", kMaxLatents,
                                   ", as in \"4,16,36,64,144\", or \"0\" alone for a model without latent tokens"),
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

FusionConfig parse_fusion_config(const ConfigFiles& files, const std::string& folder) {
  const auto path = [&](const char* name) { return (std::filesystem::path(folder) / name).string(); };
  const JsonObject config(files.config, path("config.json"));
  FusionConfig result;
  result.model_type = config.required<std::string>("model_type");
  if (result.model_type != "fusion_phi" && result.model_type != "fusion_llama") {
    throw Error({.who = config.who("model_type"),
                 .expected = "fusion_phi or fusion_llama",
                 .got = printable(result.model_type),
                 .cause = is_plain_language_model(files) ? "a plain language model" : "a checkpoint of another model",
                 .hint = "FUSION checkpoints can be loaded, and for text alone plain ones of type phi3 or llama"});
  }
  result.decoder =
      read_decoder(config, result.model_type == "fusion_phi" ? ProjectionLayout::kFused : ProjectionLayout::kSeparate);
  result.decoder.interaction = read_interaction(config, result.decoder.num_layers, result.decoder.hidden_size);
  result.vision_tower_name = config.required<std::string>("mm_vision_tower");
  result.vision = files.vision ? parse_vision_config(*files.vision, path("vision_config.json"))
                               : vision_config_of(result.vision_tower_name, config.who("mm_vision_tower"));
  result.vision.text_guided = config.optional<bool>("text_guided_encoding").value_or(true);
  result.instruct_id_zero_is_padding = config.optional<bool>("instruct_id_zero_is_padding").value_or(true);
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
  result.query_lengths = read_query_lengths(config, result.decoder.interaction);
  result.max_length = config.required_in_range("tokenizer_model_max_length", 1, kMaxConfigSize);
  result.image_tokens = read_token_grid(config, "image_tokens");
  // An answer may go on past max_length, to the last position.
  const int64_t positions = std::max(result.max_length, result.decoder.rope.max_positions);
  refuse_short_sliding_window(config, positions);
  result.eos_token_ids = read_eos_token_ids(config, files.generation, path("generation_config.json"));
  result.notes = notes_of_unknown_keys(config);
  return result;
}

FusionConfig read_fusion_config(const std::string& folder) {
  return parse_fusion_config(read_config_files(folder), folder);
}

}  // namespace fusion
