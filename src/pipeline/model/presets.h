#pragma once
// Models known by name: the four published ones, and a tiny one for tests and first steps.

#include <string>
#include <vector>

#include "pipeline/model/fusion_config.h"

namespace fusion {

/// A model without weights.
struct Preset {
  std::string name;
  ConfigFiles files;        ///< as a checkpoint folder would hold them
  std::string description;  ///< one line, for people
};

/// What FUSION adds to the config.json of its language model before training, but for `mm_vision_tower` and
/// `mm_hidden_size`: interaction layers, latent counts and the other settings with their published values.
nlohmann::json fusion_settings();

/// fusion-phi3.5-3b, fusion-x-phi3.5-3b, fusion-llama3.1-8b, fusion-x-llama3.1-8b and nano.
std::vector<std::string> preset_names();

/// Throws Error on an unknown name, with the nearest known one.
Preset find_preset(const std::string& name);

/// find_preset, or, where the text is no preset's name but the path of a folder with a config.json, what its files
/// describe.
Preset preset_or_folder(const std::string& text);

}  // namespace fusion
