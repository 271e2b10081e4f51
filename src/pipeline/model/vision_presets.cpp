#include "pipeline/model/vision_presets.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/model/config_values.h"
#include "pipeline/preprocess/tiles.h"

namespace fusion {

namespace {

constexpr int64_t kMaxSize = int64_t{1} << 20;

// Only the normalisation has defaults: those of the family's published image processors.
constexpr std::array<float, 3> kHalf{0.5F, 0.5F, 0.5F};
constexpr std::array<float, 3> kClipMean{0.48145466F, 0.4578275F, 0.40821073F};
constexpr std::array<float, 3> kClipStd{0.26862954F, 0.26130258F, 0.27577711F};

std::array<float, 3> three_numbers(const JsonObject& config, const char* key, const std::array<float, 3>& fallback) {
  const auto values = config.optional<std::vector<double>>(key);
  if (!values) return fallback;
  if (values->size() != 3) {
    throw Error({.who = config.who(key), .expected = "3 numbers, one a channel", .got = cat(values->size())});
  }
  std::array<float, 3> result{};
  std::transform(values->begin(), values->end(), result.begin(), [](double v) { return static_cast<float>(v); });
  return result;
}

VisionActivation read_activation(const JsonObject& config) {
  const auto name = config.required<std::string>("hidden_act");
  if (name == "gelu_pytorch_tanh") return VisionActivation::kGeluTanh;
  if (name == "quick_gelu") return VisionActivation::kQuickGelu;
  throw Error({.who = config.who("hidden_act"), .expected = "gelu_pytorch_tanh or quick_gelu", .got = printable(name)});
}

/// The reference deletes SigLIP's last layer and takes its features after the one before.
void make_siglip(VisionConfig& vision) {
  vision.num_layers -= 1;
  vision.feature_state = vision.num_layers;
}

/// The reference keeps CLIP's last layer, whose output nothing uses.
void make_clip(VisionConfig& vision) {
  vision.feature_state = vision.num_layers - 1;
  vision.class_token = true;
  vision.patch_bias = false;
  vision.early_attention = EarlyAttention::kBlindPatches;
}

}  // namespace

VisionConfig parse_vision_config(const nlohmann::json& json, const std::string& file) {
  const JsonObject config(json, file);
  const auto model_type = config.required<std::string>("model_type");
  const bool clip = model_type == "clip_vision_model";
  if (!clip && model_type != "siglip_vision_model" && model_type != "siglip2_vision_model") {
    throw Error({.who = config.who("model_type"),
                 .expected = "siglip_vision_model, siglip2_vision_model or clip_vision_model",
                 .got = printable(model_type)});
  }
  VisionConfig vision;
  vision.hidden_size = config.required_in_range("hidden_size", 1, kMaxSize);
  vision.intermediate_size = config.required_in_range("intermediate_size", 1, kMaxSize);
  // At least two layers must stay, one early and one late.
  vision.num_layers = config.required_in_range("num_hidden_layers", 3, 1024);
  vision.num_heads = config.required_in_range("num_attention_heads", 1, kMaxSize);
  vision.num_channels = config.required_in_range("num_channels", 3, 3);
  vision.image_size = config.required_in_range("image_size", 1, kMaxTileSize);
  vision.patch_size = config.required_in_range("patch_size", 1, vision.image_size);
  vision.layer_norm_eps = required_positive(config, "layer_norm_eps");
  vision.activation = read_activation(config);
  vision.image_mean = three_numbers(config, "image_mean", clip ? kClipMean : kHalf);
  vision.image_std = three_numbers(config, "image_std", clip ? kClipStd : kHalf);
  clip ? make_clip(vision) : make_siglip(vision);
  if (vision.hidden_size % vision.num_heads != 0) {
    throw Error({.who = config.who("num_attention_heads"),
                 .expected = cat("a divisor of hidden_size ", vision.hidden_size),
                 .got = cat(vision.num_heads)});
  }
  return vision;
}

VisionConfig vision_config_of(const std::string& hub_name, const std::string& who) {
  std::string name = hub_name;
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto contains = [&](const char* part) { return name.find(part) != std::string::npos; };
  VisionConfig vision;
  vision.num_heads = 16;
  vision.image_size = 384;
  vision.layer_norm_eps = 1e-6;
  vision.image_mean = kHalf;
  vision.image_std = kHalf;
  if (contains("siglip2")) {
    vision.hidden_size = 1536;
    vision.intermediate_size = 6144;
    vision.num_layers = 40;
    vision.patch_size = 16;
    make_siglip(vision);
  } else if (contains("siglip")) {
    vision.hidden_size = 1152;
    vision.intermediate_size = 4304;
    vision.num_layers = 27;
    vision.patch_size = 14;
    make_siglip(vision);
  } else if (contains("clip")) {
    vision.hidden_size = 1024;
    vision.intermediate_size = 4096;
    vision.num_layers = 24;
    vision.patch_size = 14;
    vision.image_size = 336;
    vision.layer_norm_eps = 1e-5;
    vision.activation = VisionActivation::kQuickGelu;
    vision.image_mean = kClipMean;
    vision.image_std = kClipStd;
    make_clip(vision);
  } else {
    throw Error({.who = who,
                 .expected = "the name of a SigLIP, SigLIP2 or CLIP tower",
                 .got = printable(hub_name),
                 .hint = "put the tower's sizes into a vision_config.json beside config.json"});
  }
  return vision;
}

}  // namespace fusion
