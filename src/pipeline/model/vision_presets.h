#pragma once
// The sizes of vision towers: from a file, or implied by the tower's hub name as with the published models.

#include <nlohmann/json.hpp>
#include <string>

#include "pipeline/vision/vision_config.h"

namespace fusion {

/// Reads a vision_config.json in Hugging Face form (model_type siglip_vision_model, siglip2_vision_model or
/// clip_vision_model). `num_hidden_layers` is that of the whole published tower. Throws Error on a missing size.
VisionConfig parse_vision_config(const nlohmann::json& json, const std::string& file);

/// The tower that a hub name stands for, as the reference picks it: "siglip2" in the name is SigLIP2-giant (patch 16,
/// 384), else "siglip" is SigLIP-so400m (patch 14, 384), else "clip" is CLIP-L (patch 14, 336).
/// Throws Error, naming `who`, on another name.
VisionConfig vision_config_of(const std::string& hub_name, const std::string& who);

}  // namespace fusion
