#pragma once
// Which part of the data set an item goes to.

#include <array>
#include <string>
#include <string_view>

namespace fusion {

enum class Split { kTrain, kValidation, kTest };

inline constexpr std::array kSplits = {Split::kTrain, Split::kValidation, Split::kTest};

/// "train", "validation", "test".
std::string_view split_name(Split split);

struct SplitShares {
  double validation = 0;
  double test = 0;
};

/// By a hash of the caption's words alone: items of one caption are in one part, whatever the shard, the seed and the
/// order, and a caption stays where it is when more are added.
Split split_of(const std::string& caption, const SplitShares& shares);

}  // namespace fusion
