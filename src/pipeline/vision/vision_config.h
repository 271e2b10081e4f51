#pragma once
// The geometry of a vision tower.

#include <array>
#include <cstdint>

namespace fusion {

enum class VisionActivation { kGeluTanh, kQuickGelu };

/// What the reference does to attention in the early half of the tower when question tokens are present.
enum class EarlyAttention {
  kUniformInstruct,  ///< SigLIP, SigLIP2: each question token takes the plain mean of all values
  kBlindPatches,     ///< CLIP: patches do not see the question tokens yet
};

/// Sizes of a tower. None has a default: a wrong size must not pass silently.
struct VisionConfig {
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_layers = 0;     ///< layers that are kept: SigLIP loses the last of the published encoder
  int64_t feature_state = 0;  ///< the state that is taken as the tower's last: num_layers, with CLIP one less
  int64_t num_heads = 0;
  int64_t num_channels = 3;
  int64_t image_size = 0;  ///< side of a tile in pixels
  int64_t patch_size = 0;
  double layer_norm_eps = 0;
  VisionActivation activation = VisionActivation::kGeluTanh;
  EarlyAttention early_attention = EarlyAttention::kUniformInstruct;
  bool text_guided = true;   ///< false: in no layer do patches see the question tokens; for measuring what these do
  bool class_token = false;  ///< CLIP: a learned token before the patches, and a norm before the first layer
  bool patch_bias = true;    ///< CLIP's patch convolution has none
  std::array<float, 3> image_mean{};
  std::array<float, 3> image_std{};

  int64_t patches_per_side() const { return image_size / patch_size; }
  int64_t num_patches() const { return patches_per_side() * patches_per_side(); }
  int64_t num_early_layers() const { return num_layers / 2; }

  bool operator==(const VisionConfig&) const = default;
};

}  // namespace fusion
