#pragma once
// Further sentences for answers that say more than they were asked.

#include <string>

#include "workflows/synthesis/grammar/subjects.h"

namespace fusion {

/// One or two true sentences that go on after one about `subject`: its number, colour, place or neighbour, what else is
/// to be seen, the setting; none of what was told before. What they tell is added to asked.told. "" where nothing is
/// left.
std::string more_about(const Subject& subject, const QueryContext& context, Asked& asked);

/// One or two sentences about the picture as a whole.
std::string more_about_scene(const QueryContext& context, Asked& asked);

}  // namespace fusion
