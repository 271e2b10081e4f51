#pragma once
// In what two scenes differ, found by comparing them: the second one is a variation of the first.

#include <string>
#include <vector>

#include "workflows/synthesis/items/scene.h"

namespace fusion {

struct SceneDifference {
  /// "color", "count", "object", "side" of a group; "setting"; "text" of a sign; "value" of a chart; "cell" of a grid.
  std::string what;
  size_t index = 0;      ///< of the group, sign, entry or cell, in both scenes
  std::string sentence;  ///< "The balloon is red on the left and blue on the right."
};

/// In the order of groups, setting, signs, chart, grid.
std::vector<SceneDifference> scene_differences(const Scene& left, const Scene& right);

}  // namespace fusion
