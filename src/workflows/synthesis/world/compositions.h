#pragma once
// Parts that are never seen together in training: for tests of whether a model puts together what it knows apart.

#include <string>
#include <string_view>

#include "workflows/synthesis/items/scene.h"

namespace fusion {

/// A composition is a thing in a colour ("red balloon"), two sorts of things in one picture, or the text of a sign. A
/// share of them, by a hash of their names alone, is held out.
class Compositions {
 public:
  /// \param part  "all", "train" (no picture has a held-out one) or "held_out" (every picture has at least one)
  /// Throws Error on another part, and on a share of 0 for "held_out".
  Compositions(std::string_view part, double held_out_share);

  /// Whether the scene belongs to the part. One without any composition belongs to "train".
  bool take(const Scene& scene) const;
  /// Whether a picture of the part may show this. For "held_out" anything: it needs one such composition only.
  bool can_show(const Scene& scene) const { return part_ != Part::kTrain || !has_held_out(scene); }

 private:
  enum class Part { kAll, kTrain, kHeldOut };

  bool is_held_out(const std::string& composition) const;
  bool has_held_out(const Scene& scene) const;

  Part part_;
  double share_;
};

}  // namespace fusion
