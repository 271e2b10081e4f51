#pragma once
// What training minimises (FUSION section 3.3).

#include <torch/types.h>

#include "foundation/nn/trace.h"

namespace fusion {

/// The pairs of vectors that the two mapping losses pull together. Gradients go both ways.
struct MappingPairs {
  torch::Tensor instruct_embeddings;  ///< [B, I, H] the question's word embeddings
  torch::Tensor instruct_features;    ///< [B, I, H] the same tokens after tower and mm_projector
  torch::Tensor instruct_visible;     ///< [B, I] bool: tokens that count
  torch::Tensor vision_embeddings;    ///< [B, P, Dv] the view's patch embeddings
  torch::Tensor vision_features;      ///< [B, P, Dv] the view's projected features, mapped back by aux_projector
};

/// Scalars, float32. total = ce + weight * (cos_instruct + cos_vision).
struct Losses {
  torch::Tensor total;
  torch::Tensor ce;            ///< mean over the targets, each predicted from the position before it
  torch::Tensor cos_instruct;  ///< mean of 1 - cos over the question's tokens; undefined if there is none
  torch::Tensor cos_vision;    ///< mean of 1 - cos over the patches
};

/// Where something is to be learnt: most positions of a sequence show a picture or a question and predict nothing.
struct NextTokens {
  torch::Tensor positions;  ///< [T] int64, of the B * S positions
  torch::Tensor tokens;     ///< [T] int64, the token that follows each
};

/// \param labels  [B, S]
NextTokens next_tokens(const torch::Tensor& labels);

/// \param logits  [T, vocab] of the positions of next_tokens()
/// \param tokens  [T]
/// With no target at all `ce` is 0 (the reference's is not a number).
Losses compute_losses(const torch::Tensor& logits, const torch::Tensor& tokens, const MappingPairs& pairs,
                      double mapping_weight);

void record(const Losses& losses, const TraceScope& trace);

}  // namespace fusion
