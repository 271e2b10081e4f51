#pragma once
// What a scene from outside has to keep to, to be drawn.

#include "workflows/synthesis/items/scene.h"

namespace fusion {

/// Throws Error on numbers that are none or absurd, on more than 1000 things, on a chart or grid whose parts do not
/// fit together.
void check_scene(const Scene& scene);

}  // namespace fusion
