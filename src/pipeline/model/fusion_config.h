#pragma once
// The configuration of a published FUSION checkpoint, read strictly.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "foundation/config/json_object.h"
#include "pipeline/model/language_config.h"
#include "pipeline/vision/vision_config.h"

namespace fusion {

/// Every question carries its latent tokens: more would crowd out the text.
inline constexpr int64_t kMaxLatents = 1024;
/// The context that latents look at has the square of this many cells for each of them.
inline constexpr int64_t kMaxWindow = 16;

/// A square number from 1 to kMaxLatents.
bool is_latent_count(int64_t count);

/// Rows and columns of a grid of image tokens; the published towers have 27 and 24.
inline constexpr int64_t kMaxGridSide = 64;

/// A grid of image tokens, rows by columns (FUSION-L's setting).
struct TokenGrid {
  int64_t height = 0;
  int64_t width = 0;
};

/// Everything that decides what the model computes.
/// `model_type` is "fusion_phi" or "fusion_llama", `max_length` tokenizer_model_max_length: sequences are cut to it
/// after substitution.
struct FusionConfig : LanguageConfig {
  std::string vision_tower_name;  ///< mm_vision_tower
  VisionConfig vision;
  /// Latent counts the model was trained with, ascending; {0}: it has no latent tokens, and no tiles to look back at.
  std::vector<int64_t> query_lengths;
  /// instruct_id_zero_is_padding: a question's id 0, a "!" of LLaMA-3, is padding to the tower and the mapping losses,
  /// as it was when the published checkpoints were trained. New models have it off.
  bool instruct_id_zero_is_padding = true;
  double mapping_loss_weight = 0.1;       ///< lambda of the two mapping losses, fixed in the reference
  std::optional<TokenGrid> image_tokens;  ///< FUSION-L: the view's features are resized to this grid

  bool has_latents() const { return !query_lengths.empty() && query_lengths.back() > 0; }

  /// Image tokens that stand in the text for one picture.
  int64_t num_image_tokens() const {
    return image_tokens ? image_tokens->height * image_tokens->width : vision.num_patches();
  }
};

/// The grid under `key`, [rows, columns], or nothing where the key is missing or null.
std::optional<TokenGrid> read_token_grid(const JsonObject& object, const char* key);

/// Throws Error on a missing size, a wrong type, and on every setting that would make this program compute something
/// else than the checkpoint expects. Keys it does not know are listed in `notes`.
/// \param folder  names the files in errors
FusionConfig parse_fusion_config(const ConfigFiles& files, const std::string& folder);

/// read_config_files and parse_fusion_config.
FusionConfig read_fusion_config(const std::string& folder);

}  // namespace fusion
