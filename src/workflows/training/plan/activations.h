#pragma once
// How much memory a training step's activations take, from shapes alone.

#include "pipeline/model/fusion_config.h"
#include "workflows/training/plan/batch_shape.h"

namespace fusion {

/// Note [Activation memory]
/// What autograd keeps of each block until its backward pass, counted tensor by tensor. B, S, I, L, q, T as in
/// BatchShape; P patches, D and F width and MLP width of the tower, H and M those of the decoder, Q = heads * head_dim,
/// K = KV heads * head_dim, w the window, V the vocabulary. e is 4 bytes, or 2 where mixed precision computes products
/// in 16 bits; residual streams, what norms keep and log-probabilities are float32 in either case. For a tower pass
/// n = B (P + I) for the view or 4 B P for the tiles, for a decoder layer n = B S; r = B L q, m = B q w^2.
///
///   tower layer        n (8 D + 2 F) e       stream twice, inputs of q/k/v and fc1, q, k, v, attention's output;
///                                            fc1's output and gelu of it
///   feature projector  n (3 D + 3 H) e       the three stacked states; hidden layer, gelu of it, output
///   context            m (H e + 8 H)         windows, and the indices of both pools
///   mapping losses     B P (H + 6 D) + 6 B I H e      aux_projector on the view, unit vectors of both sides
///   decoder layer      n (6 H + 3 Q + 3 K + 4 M) e    norms (3 H each), qkv and rotated q, k, attention's output;
///   gate,
///                                            up, silu, product. Repeated KV heads: 4 Q in place of 3 Q + 3 K
///   interaction layer  (11 r + 5 m) H e
///   head               B T (V + H) e         log-probabilities of the supervised positions alone
///
/// In 16 bits there is one copy of an input for each product that reads it, and the mask of the view's attention.
/// With activation checkpointing a layer keeps its input alone, 4 bytes an element, and one layer at a time is computed
/// again. A part that is not trained keeps no inputs of its products, and nothing at all where no gradient passes; one
/// with adapters counts as trained, and what adapters' dropout keeps is left out.
/// Beside what is kept, the backward pass of one block works with gradients of its own: 3 B T V float32 numbers for the
/// head, n (4 M + 2 H) for a decoder layer. The peak is the larger of the two, at the end of the forward pass.
///
/// docs/training.md holds the formula against measured peaks; the test of this file does so at every build.
struct ActivationMemory {
  double pixels = 0;       ///< the micro-batch itself
  double tower = 0;        ///< both passes
  double connector = 0;    ///< projectors, context, mapping losses
  double decoder = 0;      ///< layers and final norm
  double interaction = 0;  ///< interaction layers
  double head = 0;         ///< log-probabilities
  double work = 0;         ///< beside these when most is needed: gradients on their way, the layer computed again

  double total() const { return pixels + tower + connector + decoder + interaction + head + work; }
};

struct ActivationOptions {
  bool mixed = false;      ///< products in 16 bits
  bool recompute = false;  ///< activation checkpointing
};

/// Bytes for one micro-batch.
ActivationMemory activation_memory(const FusionConfig& config, const BatchShape& shape, const TrainedParts& trained,
                                   const ActivationOptions& options);

}  // namespace fusion
