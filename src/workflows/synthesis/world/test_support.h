#pragma once
// For tests only: what has to hold of every scene.

#include <algorithm>
#include <string_view>

#include "workflows/synthesis/items/scene.h"
#include "workflows/synthesis/world/scene_facts.h"
#include "workflows/synthesis/world/settings.h"

namespace fusion {

/// Whether a thing of the palette colour stands out from the scene's background; always for "".
inline bool stands_out(std::string_view color, const Scene& scene) {
  if (color.empty()) return true;
  if (!scene.backdrop.empty() && !clearly_different(color, scene.backdrop)) return false;
  return std::ranges::find(setting_facts(scene.setting).colors, color) == setting_facts(scene.setting).colors.end();
}

}  // namespace fusion
