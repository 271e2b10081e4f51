#pragma once
// The vision tower: SigLIP, SigLIP2 or CLIP, with the question's tokens among the patches (FUSION section 3.1).
// It takes instruct states and does not know who made them.

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

#include <functional>
#include <optional>

#include "foundation/nn/norm.h"
#include "foundation/nn/trace.h"
#include "pipeline/vision/vision_config.h"
#include "pipeline/vision/vision_layer.h"

namespace fusion {

/// The question inside the tower.
struct InstructTokens {
  torch::Tensor states;   ///< [B, I, D] question tokens in the tower's width
  torch::Tensor visible;  ///< [B, I] bool: tokens that patches and words may attend to
  torch::Tensor
      present;  ///< [B, I] bool: tokens that count in the early layers' mean (see Note [Uniform instruct rows])
};

/// Called with k = 0 .. num_layers and the state [B, P + I, D] after k layers, class token removed.
using HiddenObserver = std::function<void(int64_t k, const torch::Tensor& hidden)>;

/// Registered names are those of the published checkpoints: vision_tower.vision_model.{embeddings,encoder,...}.
class VisionTowerImpl : public torch::nn::Module {
 public:
  VisionTowerImpl(VisionConfig config, const torch::TensorOptions& options);

  /// Runs the tower and shows every state to `observe`, the embeddings (k = 0) first. No norm follows the last layer:
  /// the features of FUSION are taken before it.
  /// \param pixels    [B, 3, image_size, image_size], normalised
  /// \param instruct  the question; nothing for the global tiles
  void forward(const torch::Tensor& pixels, const std::optional<InstructTokens>& instruct,
               const HiddenObserver& observe);

  /// See FusionModelImpl::set_recompute.
  void set_recompute(bool recompute) { recompute_ = recompute; }

  const VisionConfig& config() const { return config_; }

 private:
  torch::Tensor embed(const torch::Tensor& pixels) const;
  torch::Tensor run_layer(int64_t i, const torch::Tensor& x, const VisionMask& mask);
  VisionMask mask_for(const InstructTokens& instruct, const torch::Tensor& x) const;

  VisionConfig config_;
  bool recompute_ = false;
  torch::Tensor class_embedding_;
  torch::Tensor patch_weight_;
  torch::Tensor patch_bias_;
  torch::Tensor position_embedding_;
  LayerNorm pre_norm_{nullptr};
  torch::nn::ModuleList layers_;
};
TORCH_MODULE(VisionTower);

}  // namespace fusion
