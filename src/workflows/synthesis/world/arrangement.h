#pragma once
// Where the things of a scene are.

#include "foundation/core/random_source.h"
#include "workflows/synthesis/items/scene.h"
#include "workflows/synthesis/world/world_options.h"

namespace fusion {

/// Gives every thing and sign of the scene its place: apart from one another (but for a bit of one that may be covered
/// on purpose), on the ground where the setting has one, or, in a scene about places, so that one relation or one
/// region is clear. Every relation and region is as likely as another. False where no room was found.
bool arrange(Scene& scene, Focus focus, const WorldOptions& options, RandomSource& random);

}  // namespace fusion
