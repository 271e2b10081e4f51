#pragma once
// The interaction layers: while the language model reads, latent tokens look back at the picture (FUSION section 3.2).

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "foundation/nn/linear.h"
#include "foundation/nn/norm.h"
#include "foundation/nn/trace.h"
#include "pipeline/decoder/decoder_config.h"

namespace fusion {

/// What the latent tokens of a batch look at, and where they and their questions stand in the sequence.
/// Owned by the request; -1 pads the positions of rows with fewer questions.
struct LatentContext {
  torch::Tensor windows;             ///< [B, N, q, w*w, H] each latent token's window of each picture's features
  torch::Tensor question_positions;  ///< [B, L] int64: last prompt token of each question
  torch::Tensor latent_positions;    ///< [B, L*q] int64: latent tokens, question by question
  torch::Tensor pictures;            ///< [B, L] int64: which of the N pictures a question's latents look at
};

/// One interaction layer (`vision_sampler_layers.N.layers.0` of the checkpoint; linears without bias).
class InteractionLayerImpl : public torch::nn::Module {
 public:
  InteractionLayerImpl(int64_t width, int64_t heads, const torch::TensorOptions& options);

  /// Lets every latent token attend, together with its question, to its own window, and writes the result over the
  /// latent positions.
  /// \param hidden  [B, S, H] after a decoder layer
  /// \return [B, S, H]
  torch::Tensor forward(const torch::Tensor& hidden, const LatentContext& context, const TraceScope& trace);

 private:
  /// question, latent [B, L, q, H] -> [B, L, q, H]
  torch::Tensor look(const torch::Tensor& question, const torch::Tensor& latent, const LatentContext& context);

  int64_t heads_;
  Linear proj_in_;
  Linear proj_context_;
  LayerNorm norm_;
  LayerNorm q_norm_{nullptr}, k_norm_{nullptr}, v_norm_{nullptr};
  Linear q_proj_{nullptr}, k_proj_{nullptr}, v_proj_{nullptr}, o_proj_{nullptr};
  Linear linear_1_{nullptr}, linear_2_{nullptr};
};
TORCH_MODULE(InteractionLayer);

}  // namespace fusion
