#pragma once
// How many broken records a run puts up with.

#include <cstdint>
#include <string>
#include <vector>

namespace fusion {

/// Of a small number a share says little: so many broken records are never too many, unless none at all are wished for.
inline constexpr int64_t kToleratedBroken = 9;

/// Throws Error where more than `share` of the records read so far are broken, with numbers and examples.
/// \param examples  why some of them are
void require_few_broken(int64_t read, int64_t broken, double share, const std::vector<std::string>& examples);

}  // namespace fusion
