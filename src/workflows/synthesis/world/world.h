#pragma once
// The embedded world: a grammar that makes scenes of which everything is known, and writes about them.
//
//     const World world({}, Catalogue::open());
//     RandomSource random(seed, id);
//     const Scene scene = world.scene(Focus::kColor, random);
//     const std::string caption = world.caption(scene, Focus::kColor, random);
//
// Colours, numbers and places are drawn apart from what it is that has them: no question gives its answer away.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/catalogue/catalogue.h"
#include "workflows/synthesis/items/scene.h"
#include "workflows/synthesis/world/cast.h"
#include "workflows/synthesis/world/compositions.h"
#include "workflows/synthesis/world/settings.h"
#include "workflows/synthesis/world/sign_words.h"
#include "workflows/synthesis/world/variation.h"
#include "workflows/synthesis/world/world_options.h"

namespace fusion {

/// Never changes; any number of threads may ask. What comes out depends on the options, the catalogue and the random
/// numbers alone.
class World {
 public:
  /// Throws Error where an option is out of range, a setting is unknown, or the catalogue has too few things (it takes
  /// six nouns, four of them with looks that take a colour).
  World(const WorldOptions& options, std::shared_ptr<const Catalogue> catalogue);

  Scene scene(Focus focus, RandomSource& random) const;
  /// The second picture of a pair that is compared: see vary(). Of a part to train on, both together keep to it.
  Scene variation(const Scene& scene, RandomSource& random) const;
  /// What a sign of this world could say.
  std::string sign_text(RandomSource& random) const { return draw_sign_text(signs_, random); }
  /// Whether its compositions leave room for that. Where they do not, no question is to be asked whose answer is then
  /// always "no".
  bool can_show(const Scene& scene) const { return compositions_.can_show(scene); }
  /// One or two sentences that name everything that was put into the scene.
  std::string caption(const Scene& scene, Focus focus, RandomSource& random) const;
  /// Three to six sentences: things, colours, numbers, places, setting, and what is written, letter by letter.
  std::string description(const Scene& scene, Focus focus, RandomSource& random) const;

  const Catalogue& catalogue() const { return *catalogue_; }
  const WorldOptions& options() const { return options_; }

 private:
  WorldOptions options_;
  std::shared_ptr<const Catalogue> catalogue_;
  Cast cast_;
  std::vector<const SettingFacts*> settings_;
  std::vector<SignForm> signs_;
  Compositions compositions_;
};

}  // namespace fusion
