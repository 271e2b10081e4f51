#pragma once
// What is in a scene, before anything has its place.

#include <span>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/items/scene.h"
#include "workflows/synthesis/world/cast.h"
#include "workflows/synthesis/world/compositions.h"
#include "workflows/synthesis/world/settings.h"
#include "workflows/synthesis/world/sign_words.h"
#include "workflows/synthesis/world/world_options.h"

namespace fusion {

/// Where scenes are drawn from.
struct WorldParts {
  const WorldOptions& options;
  const Cast& cast;
  std::span<const SettingFacts* const> settings;
  std::span<const SignForm> signs;
  const Compositions& compositions;
};

struct Content {
  Scene scene;
  Focus focus;  ///< never kAny
};

/// Setting, groups with as many places as they have things, signs, chart, grid. The first group is the one that the
/// scene is about.
Content draw_content(Focus focus, const WorldParts& parts, RandomSource& random);

/// Whether nothing in the scene could be taken for a part of the setting. What the setting's backdrop would be is
/// another matter.
bool suits(const SettingFacts& setting, const Scene& scene, const Cast& cast);

}  // namespace fusion
