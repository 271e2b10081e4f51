#pragma once
// Placeholders become features: the sequence that the decoder reads.

#include <torch/types.h>

#include "pipeline/model/prepared_input.h"

namespace fusion {

/// The decoder's sequence, right-padded with zeros; S = longest row after substitution.
struct MergedSequence {
  torch::Tensor embeds;              ///< [B, S, H]
  torch::Tensor labels;              ///< [B, S] int64, kIgnoreLabel at everything inserted
  torch::Tensor attention_mask;      ///< [B, S] bool
  torch::Tensor position_ids;        ///< [B, S] int64: 0 .. n-1 in each row, 0 at padding
  torch::Tensor question_positions;  ///< [B, L] int64, -1 padded: last prompt token of each question
  torch::Tensor latent_positions;    ///< [B, L*q] int64, -1 padded: latent tokens, question by question
  torch::Tensor image_positions;     ///< [B, N*V] int64, -1 padded: image tokens
  torch::Tensor latent_pictures;     ///< [B, L] int64, 0 padded: the picture that a question's latents come from
};

/// What takes the place of the placeholders.
struct Substitutes {
  torch::Tensor words;    ///< [B, T, H] embeddings of the ids; what stands at placeholders is not used
  torch::Tensor image;    ///< [B, N, V, H] image tokens of each picture's view
  torch::Tensor latents;  ///< [B, N, q, H] initial latent tokens of each picture
};

/// Positions of the longest row after substitution, were nothing cut. Known before anything is computed.
/// \param image_tokens  positions of a picture in the text
/// \param pictures  N: how many image placeholders of a row become pictures
int64_t uncut_length(const PreparedInput& input, int64_t image_tokens, int64_t pictures);

/// Replaces the placeholders of every row, as the reference does, once masked positions are dropped:
/// - a row with an image placeholder: its first placeholder, of either kind, becomes the image tokens, every other one
///   the latents (in the published prompts a latent placeholder comes first, and trades places with the image);
/// - further pictures, which the reference has not, stand where they are shown: the image tokens of the k-th trade
/// places
///   with the latent placeholder right before its own, as those of the first do; latents are those of the picture
///   shown last;
/// - a row without: every placeholder becomes q zero vectors;
/// - rows are cut to `max_length` after substitution. Question marks past the cut are gone, and the latents of a cut
///   question stay in the text but are not updated;
/// - if no row has a question mark left, all positions are -1.
/// Throws Error on a negative id that is no placeholder.
MergedSequence substitute(const PreparedInput& input, const Substitutes& substitutes, int64_t max_length);

}  // namespace fusion
