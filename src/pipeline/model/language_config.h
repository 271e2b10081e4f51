#pragma once
// What config.json says of the language model, strictly read. FUSION checkpoints and plain Phi-3 and LLaMA ones say it
// with the same keys.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "foundation/config/json_object.h"
#include "pipeline/decoder/decoder_config.h"

namespace fusion {

/// Far above any real size, far below what overflows a product of two.
inline constexpr int64_t kMaxConfigSize = int64_t{1} << 24;

/// Everything that decides what a language model computes and when it ends.
struct LanguageConfig {
  std::string model_type;  ///< of config.json
  DecoderConfig decoder;
  int64_t max_length = 0;              ///< positions that a prompt may have
  std::vector<int64_t> eos_token_ids;  ///< from generation_config.json, else config.json
  std::vector<std::string> notes;      ///< keys of config.json that this program does not know and ignores
};

/// The parts of a checkpoint folder that configure a model.
struct ConfigFiles {
  nlohmann::json config;                 ///< config.json
  std::optional<nlohmann::json> vision;  ///< vision_config.json: the tower's sizes, where the name does not imply them
  std::optional<nlohmann::json> generation;  ///< generation_config.json
};

/// Reads the files of `folder`. Throws Error where config.json is missing or unreadable.
ConfigFiles read_config_files(const std::string& folder);

/// Whether the files are those of a plain Phi-3 or LLaMA checkpoint rather than of a FUSION one.
bool is_plain_language_model(const ConfigFiles& files);

/// The configuration of a plain Phi-3 or LLaMA checkpoint; the same errors as parse_fusion_config.
/// \param folder  names the files in errors
LanguageConfig parse_language_config(const ConfigFiles& files, const std::string& folder);

/// The decoder without interaction layers. Throws Error on a missing size and on a setting that would make this program
/// compute something else than the checkpoint expects.
DecoderConfig read_decoder(const JsonObject& config, ProjectionLayout layout);

/// Ids that end an answer: of generation_config.json where it names some, else of config.json.
/// \param generation_file  names the former in errors
std::vector<int64_t> read_eos_token_ids(const JsonObject& config, const std::optional<nlohmann::json>& generation,
                                        const std::string& generation_file);

/// Throws Error where attention would be cut to a window that is shorter than `positions`.
void refuse_short_sliding_window(const JsonObject& config, int64_t positions);

/// For settings of which only one value is supported: throws Error unless absent or equal to it.
template <class T>
void require_if_present(const JsonObject& object, const char* key, const T& supported);

/// Marks keys as read that say nothing about what inference or training here computes, and lists what is left as notes.
std::vector<std::string> notes_of_unknown_keys(const JsonObject& config);

}  // namespace fusion
