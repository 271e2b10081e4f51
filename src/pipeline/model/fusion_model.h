#pragma once
// FUSION: the stages wired together. Parameters are registered under the names of the published checkpoints.
//
//   picture ─► tiles ─► vision ─► connector ─► global grid ─► latents, windows ─┐
//              view ──► vision ─► connector ─► image tokens ─┐                  │
//   question ──► aux projector ──┘                           ├─► decoder ◄──────┘ ─► logits
//   text ────────────────────────────────────────────────────┘

#include <torch/nn/pimpl.h>

#include "foundation/nn/trace.h"
#include "pipeline/connector/projector.h"
#include "pipeline/model/fusion_config.h"
#include "pipeline/model/language_model.h"
#include "pipeline/model/reading.h"
#include "pipeline/vision/vision_tower.h"

namespace fusion {

/// A view and the question that looks at it.
struct ViewInput {
  torch::Tensor pixels;            ///< [B, 3, S, S]
  torch::Tensor instruct_ids;      ///< [B, I], as in PreparedInput
  torch::Tensor instruct_lengths;  ///< [B] or undefined, as in PreparedInput
};

/// What the view tile gave, seen together with the question.
struct ViewFeatures {
  torch::Tensor image_tokens;  ///< [B, V, H] what stands in the text
  MappingPairs pairs;          ///< for the mapping losses; `vision_features` only if asked for
};

/// What was seen of the N pictures of each row. A row with fewer repeats any of its own: nothing refers to it.
struct PictureFeatures {
  torch::Tensor image_tokens;  ///< [B, N, V, H] what stands in the text
  torch::Tensor grid;  ///< [B, N, 4P, H] the tiles' features, a grid of 2s x 2s; [B, N, 0, H] without latent tokens
};

struct ForwardOutput {
  torch::Tensor logits;  ///< [B, S, vocab] float32 (float64 of float64); rows at padding mean nothing
  Losses losses;
};

class FusionModelImpl : public LanguageModelImpl {
 public:
  explicit FusionModelImpl(FusionConfig config, const torch::TensorOptions& options = {});

  /// A forward pass over whole sequences, with gradients wherever parameters want them.
  ForwardOutput forward(const PreparedInput& input, const TraceScope& trace = {});

  /// The losses of forward() alone, which is what a training step needs: logits are computed only where something is
  /// to be learnt, a small part of a sequence with a picture in it.
  Losses losses(const PreparedInput& input);

  /// Activation checkpointing: the backward pass computes each layer of tower and decoder again instead of keeping its
  /// intermediates (foundation/nn/recompute.h). Off at first.
  void set_recompute(bool recompute);

  /// Looks at the pictures and puts the sequences together, without the decoder.
  /// \param with_pairs  also compute what only the mapping losses need
  Reading read(const PreparedInput& input, bool with_pairs, const TraceScope& trace = {});

  /// Tiles without a question: [N, 3, S, S] -> [N, P, H].
  torch::Tensor look_at_tiles(const torch::Tensor& tiles, const TraceScope& trace = {});

  /// The view with the question.
  ViewFeatures look_at_view(const ViewInput& input, bool with_pairs, const TraceScope& trace = {});

  /// Puts the sequences together from what was seen. `input.pixels` is not looked at.
  Reading put_together(const PreparedInput& input, const PictureFeatures& pictures, const TraceScope& trace = {});

  const FusionConfig& config() const { return config_; }

 private:
  torch::Tensor project_tower(const torch::Tensor& pixels, const std::optional<InstructTokens>& instruct,
                              torch::Tensor& patch_embeddings, const TraceScope& trace);
  torch::Tensor decode(const Reading& reading, const TraceScope& trace);  // [B, S, H]

  FusionConfig config_;
  VisionTower vision_;
  Projector mm_projector_;
  Projector aux_projector_;
};
TORCH_MODULE(FusionModel);

}  // namespace fusion
