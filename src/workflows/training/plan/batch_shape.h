#pragma once
// The sizes that decide what a micro-batch costs, and what of a model is trained.

#include <cstdint>
#include <string>
#include <vector>

namespace fusion {

/// Rows of one length, which grouping by length makes nearly true. Averages need not be whole numbers.
struct BatchShape {
  double samples = 0;    ///< B
  double length = 0;     ///< S, positions of a row in the decoder: words, image tokens and latents
  double instruct = 0;   ///< I, question tokens of a row inside the tower
  double questions = 1;  ///< L, of a row
  double latents = 0;    ///< q, of a question
  double targets = 0;    ///< T, positions of a row whose logits are computed
};

/// A parameter as the plan knows it.
struct PlannedTensor {
  std::string name;
  std::vector<int64_t> shape;
  bool trained = true;

  double elements() const;
};

/// Parts of which something is trained.
struct TrainedParts {
  bool tower = false;
  bool mm_projector = false;
  bool aux_projector = false;
  bool embeddings = false;
  bool decoder = false;
  bool interaction = false;
  bool head = false;

  /// Whether gradients must reach the states of the view's tower pass: its question tokens come from trained parts.
  bool reach_view() const { return tower || aux_projector || embeddings; }
  /// Whether they must reach the decoder's layers.
  bool reach_decoder() const { return reach_view() || mm_projector || decoder || interaction; }
};

TrainedParts trained_parts(const std::vector<PlannedTensor>& tensors);

}  // namespace fusion
