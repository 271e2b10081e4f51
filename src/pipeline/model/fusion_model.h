#pragma once
// FUSION: the stages wired together. Parameters are registered under the names of the published checkpoints.
//
//   picture ─► tiles ─► vision ─► connector ─► global grid ─► latents, windows ─┐
//              view ──► vision ─► connector ─► image tokens ─┐                  │
//   question ──► aux projector ──┘                           ├─► decoder ◄──────┘ ─► logits
//   text ────────────────────────────────────────────────────┘

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "foundation/nn/linear.h"
#include "foundation/nn/trace.h"
#include "pipeline/connector/projector.h"
#include "pipeline/decoder/decoder.h"
#include "pipeline/model/fusion_config.h"
#include "pipeline/model/losses.h"
#include "pipeline/model/prepared_input.h"
#include "pipeline/model/substitution.h"
#include "pipeline/vision/vision_tower.h"

namespace fusion {

/// What the view tile gave, seen together with the question.
struct ViewFeatures {
  torch::Tensor image_tokens;  ///< [B, V, H] what stands in the text
  MappingPairs pairs;          ///< for the mapping losses; `vision_features` only if asked for
};

/// A batch ready for the decoder. The request owns it; nothing of it stays on the model.
struct Reading {
  MergedSequence sequence;
  LatentContext latents;
  MappingPairs pairs;
};

struct ForwardOutput {
  torch::Tensor logits;  ///< [B, S, vocab] float32; rows at padding mean nothing
  Losses losses;
};

class FusionModelImpl : public torch::nn::Module {
 public:
  explicit FusionModelImpl(FusionConfig config, const torch::TensorOptions& options = {});

  /// One training step's forward pass, with gradients wherever parameters want them.
  ForwardOutput forward(const PreparedInput& input, const TraceScope& trace = {});

  /// Looks at the pictures and puts the sequences together, without the decoder.
  /// \param with_pairs  also compute what only the mapping losses need
  Reading read(const PreparedInput& input, bool with_pairs, const TraceScope& trace = {});

  /// The four tiles without a question: [B, 4, 3, S, S] -> [B, 4P, H], a grid of 2s x 2s.
  torch::Tensor look_at_tiles(const torch::Tensor& tiles, const TraceScope& trace = {});

  /// The view with the question: pixels [B, 3, S, S].
  ViewFeatures look_at_view(const PreparedInput& input, bool with_pairs, const TraceScope& trace = {});

  /// Final hidden states [.., H] -> logits [.., vocab], float32.
  torch::Tensor logits_of(const torch::Tensor& hidden);

  Decoder& decoder() { return decoder_; }
  const FusionConfig& config() const { return config_; }
  /// Where the parameters are and in which dtype.
  torch::TensorOptions options() const;

 private:
  torch::Tensor project_tower(const torch::Tensor& pixels, const std::optional<InstructTokens>& instruct,
                              torch::Tensor& patch_embeddings, const TraceScope& trace);

  FusionConfig config_;
  Decoder decoder_;
  VisionTower vision_;
  Projector mm_projector_;
  Projector aux_projector_;
  Linear lm_head_{nullptr};
};
TORCH_MODULE(FusionModel);

}  // namespace fusion
