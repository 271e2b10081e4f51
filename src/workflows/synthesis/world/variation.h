#pragma once
// The second picture of a pair that is compared.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/items/scene.h"
#include "workflows/synthesis/world/cast.h"
#include "workflows/synthesis/world/settings.h"

namespace fusion {

/// One difference between two pictures.
struct Change {
  /// "color", "count", "object", "side" of a group; "setting"; "backdrop" of a plain setting; "text" of a sign; "value"
  /// of a chart; "cell" of a grid, which gets another colour.
  std::string what;
  size_t index = 0;    ///< of the group, sign, label or cell, in both scenes
  std::string noun;    ///< what changes, as the first picture has it: "balloon", "sign"; the label of a value. "red
                       ///< balloon" where there are balloons of another colour and nothing else could change
  std::string before;  ///< "red", "3", "dog", "left", "beach", "OPEN", "7"
  std::string after;
};

/// A second picture, equal to the first but for one or two changes.
struct Variation {
  Scene scene;
  std::vector<Change> changes;
};

/// One change, at times two, of those that the scene allows, each kind of change as likely as another; of a chart's pie
/// two values that change places. None where nothing can be changed: an empty scene, and no other setting to take.
/// \param settings  the backgrounds to take
Variation vary(const Scene& scene, const Cast& cast, std::span<const SettingFacts* const> settings,
               RandomSource& random);

}  // namespace fusion
