#pragma once
// Which records of a data set a mixture takes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fusion {

/// "all", "first:N", "end:N", "random:N"; N a count or a whole percentage "P%".
struct SamplingStrategy {
  enum class Kind { kAll, kFirst, kEnd, kRandom } kind = Kind::kAll;
  int64_t amount = 0;  ///< N or P; not used by kAll
  bool percent = false;

  /// Records taken of n: ceil(P * n / 100) for a percentage, and never more than n.
  int64_t count_of(int64_t n) const;
};

/// Throws Error, about `who`, on any other text, a count of 0 and a percentage above 100. (The reference keeps all
/// records in these cases.)
SamplingStrategy parse_sampling_strategy(std::string_view text, const std::string& who);

/// The records of 0 .. n-1 that are taken, ascending. Random ones depend on nothing but the seed and n.
std::vector<int64_t> sampled_indices(const SamplingStrategy& strategy, int64_t n, uint64_t seed);

}  // namespace fusion
