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

#include "foundation/config/fields.h"
#include "foundation/core/random_source.h"
#include "workflows/synthesis/catalogue/catalogue.h"
#include "workflows/synthesis/items/scene.h"

namespace fusion {

/// What a scene, and what is written of it, dwells on.
enum class Focus { kColor, kCount, kSpatial, kScene, kText, kAny };

/// "color", "count", "spatial", "scene", "text", "any". Throws Error on another name.
Focus focus_from_name(std::string_view name);
std::string_view focus_name(Focus focus);

struct WorldOptions {
  int64_t max_count = 10;
  int64_t max_groups = 4;
  std::vector<std::string> settings = {};
  double occlusion = 0.1;
  double sizes = 0.3;
  double charts = 0.15;
  double grids = 0.1;

  static constexpr auto fields() {
    return std::tuple(
        defaulted("max_count", &WorldOptions::max_count, "most things of one kind in a picture, 2 to 12"),
        defaulted("max_groups", &WorldOptions::max_groups, "most kinds of things in a picture, 2 to 5"),
        defaulted("settings", &WorldOptions::settings, "backgrounds to take; [] for all"),
        defaulted("occlusion", &WorldOptions::occlusion,
                  "share of the pictures in which a thing covers a bit of another"),
        defaulted("sizes", &WorldOptions::sizes, "share of the pictures with small and large things"),
        defaulted("charts", &WorldOptions::charts, "share of charts among the pictures about text or anything"),
        defaulted("grids", &WorldOptions::grids, "share of grids among the pictures about anything"));
  }
};

/// One difference between two pictures.
struct Change {
  /// "color", "count", "object", "side" of a group; "setting"; "text" of a sign; "value" of a chart; "cell" of a grid.
  std::string what;
  size_t index = 0;    ///< of the group, sign, label or cell, in both scenes
  std::string noun;    ///< what changes, as the first picture has it: "balloon", "sign"; the label of a value
  std::string before;  ///< "red", "3", "dog", "left", "beach", "OPEN", "7"
  std::string after;
};

/// A second picture, equal to the first but for one or two changes.
struct Variation {
  Scene scene;
  std::vector<Change> changes;
};

/// Never changes; any number of threads may ask. What comes out depends on the options, the catalogue and the random
/// numbers alone.
class World {
 public:
  /// Throws Error where an option is out of range, a setting is unknown, or the catalogue has too few things (it takes
  /// six nouns, four of them with looks that take a colour).
  World(const WorldOptions& options, std::shared_ptr<const Catalogue> catalogue);

  Scene scene(Focus focus, RandomSource& random) const;
  Variation variation(const Scene& scene, RandomSource& random) const;
  /// One or two sentences that name everything that was put into the scene.
  std::string caption(const Scene& scene, Focus focus, RandomSource& random) const;
  /// Three to six sentences: things, colours, numbers, places, setting, and what is written, letter by letter.
  std::string description(const Scene& scene, Focus focus, RandomSource& random) const;

  const Catalogue& catalogue() const { return *catalogue_; }

 private:
  WorldOptions options_;
  std::shared_ptr<const Catalogue> catalogue_;
};

}  // namespace fusion
