#pragma once
// The geometry of a decoder: Phi-3 and LLaMA differ in a few fields.

#include <cstdint>

#include "foundation/nn/rotary.h"

namespace fusion {

/// How the checkpoint stores the projections of a layer.
enum class ProjectionLayout {
  kFused,     ///< Phi-3: qkv_proj (rows q, k, v) and gate_up_proj (gate first)
  kSeparate,  ///< LLaMA: q_proj, k_proj, v_proj, gate_proj, up_proj
};

/// Where the interaction layers stand and what they look at (FUSION section 3.2).
struct InteractionConfig {
  int64_t count = 0;   ///< num_of_vision_sampler_layers
  int64_t start = 0;   ///< decoder layer that the first one follows
  int64_t stride = 0;  ///< decoder layers from one to the next
  int64_t window = 0;  ///< side of a latent token's window of global features
  int64_t heads = 16;  ///< fixed in the reference, for every width
};

/// Sizes of a decoder. None has a default: a wrong size must not pass silently.
struct DecoderConfig {
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_layers = 0;
  int64_t num_heads = 0;
  int64_t num_kv_heads = 0;
  int64_t head_dim = 0;
  int64_t vocab_size = 0;
  int64_t pad_token_id = -1;  ///< embedding row that gets no gradient; -1 for none
  double rms_norm_eps = 0;
  bool attention_bias = false;
  bool mlp_bias = false;
  bool tie_word_embeddings = false;
  ProjectionLayout layout = ProjectionLayout::kSeparate;
  RopeConfig rope;
  InteractionConfig interaction;
};

}  // namespace fusion
