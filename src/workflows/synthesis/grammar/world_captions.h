#pragma once
// Captions of the embedded world, with the scenes that they are about: as many as are asked for.

#include <cstdint>
#include <memory>
#include <optional>

#include "workflows/synthesis/items/roles.h"
#include "workflows/synthesis/kinds/pick_kinds.h"
#include "workflows/synthesis/world/world.h"

namespace fusion {

struct WorldCaptionsOptions {
  uint64_t seed = 0;
  std::vector<KindWeight> kinds = {};  ///< empty: all of the registry, equally
  int64_t kinds_per_picture = 1;       ///< conversations to write about one picture
};

/// Item `id` is a function of the seed and its number. Its first kind decides what the scene dwells on.
class WorldCaptions : public CaptionSource {
 public:
  /// Throws Error on an unknown kind and on weights out of range (KindChoice), and on a kind of two pictures beside a
  /// lattice.
  WorldCaptions(KindRegistry kinds, std::shared_ptr<const World> world, const WorldCaptionsOptions& options);

  std::optional<Item> caption(int64_t id) override;

 private:
  KindRegistry kinds_;
  std::shared_ptr<const World> world_;
  uint64_t seed_;
  KindChoice choice_;
};

}  // namespace fusion
