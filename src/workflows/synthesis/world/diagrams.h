#pragma once
// Charts and grids with values that can be read off them.

#include <cstddef>
#include <string>
#include <vector>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/items/scene.h"
#include "workflows/synthesis/world/cast.h"

namespace fusion {

/// A bar chart of three to five values from 1 to 10, or a pie of three to five shares of 100, all of them different.
Chart draw_chart(const std::string& backdrop, RandomSource& random);

/// Gives a label another value: a bar one that no label has, a share of a pie that of another label, which gets its own
/// in turn.
void change_value(Chart& chart, size_t label, RandomSource& random);

/// Two to four rows and columns of one to three kinds of coloured things; some cells empty, or one unlike all others.
Grid draw_grid(const Cast& cast, const std::string& backdrop, RandomSource& random);

}  // namespace fusion
