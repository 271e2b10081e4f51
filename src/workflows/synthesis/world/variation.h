#pragma once
// The second picture of a pair that is compared.

#include <span>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/items/scene.h"
#include "workflows/synthesis/world/cast.h"
#include "workflows/synthesis/world/settings.h"

namespace fusion {

/// The scene but for one change, at times two, of those that it allows, each kind of change as likely as another:
/// color, count, noun or side of a group; setting; colour of a plain backdrop; text of a sign; a value of a chart, of a
/// pie two that change places; colour of a grid's cell. The same scene where nothing can be changed: an empty one, and
/// no other setting to take.
/// \param settings  the backgrounds to take
Scene vary(const Scene& scene, const Cast& cast, std::span<const SettingFacts* const> settings, RandomSource& random);

}  // namespace fusion
