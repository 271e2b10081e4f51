#pragma once
// Who can appear in a scene: the catalogue's things, drawn so that no two in one picture can be taken for each other.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/catalogue/catalogue.h"
#include "workflows/synthesis/items/scene.h"
#include "workflows/synthesis/world/settings.h"

namespace fusion {

/// Whether one noun could be taken for the other, or holds it: "eagle" and "bird", "car" and "race car".
bool alike(const Thing& a, const Thing& b);

/// Whether the setting is drawn with such things, so that their number could not be told.
bool seen_in(const Thing& thing, const SettingFacts& setting);

class Cast {
 public:
  /// Throws Error where the catalogue has fewer than six nouns, or fewer than four with looks that take a colour.
  explicit Cast(const Catalogue& catalogue);

  struct Wanted {
    bool colored = true;                    ///< with a look that takes a colour; else with one that brings its own
    const SettingFacts* setting = nullptr;  ///< where nothing may be that is seen_in() it
    std::vector<const Thing*> unlike = {};  ///< what it must not be alike to
  };
  /// Every noun is as likely as another; nothing where none fits.
  const Thing* draw(const Wanted& wanted, RandomSource& random) const;

  bool has_pictured() const { return !pictured_.empty(); }
  /// The thing of a group's noun. Throws Error where the catalogue has none.
  const Thing& thing(std::string_view noun) const;

 private:
  const Catalogue* catalogue_;
  std::vector<const Thing*> colored_;
  std::vector<const Thing*> pictured_;
};

/// A group of such things without a place yet; the look is drawn, colored ones where `color` is not "".
ObjectGroup group_of(const Thing& thing, std::string color, RandomSource& random);

}  // namespace fusion
