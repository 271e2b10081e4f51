#pragma once
// The weights of Pillow's bicubic filter for one direction of a resize.

#include <cstdint>
#include <vector>

namespace fusion {

/// Weights are integers, 1.0 being 1 << kWeightBits.
inline constexpr int kWeightBits = 22;

/// What one output pixel is made of: `count` input pixels from `first` on.
struct FilterSpan {
  int64_t first;
  int64_t count;
};

/// The filter for every output pixel of a row (or column). Output pixel i weighs input pixel spans[i].first + t with
/// weights[i * max_count + t] for t < spans[i].count; what stands behind those is zero.
struct FilterBank {
  int64_t max_count = 0;
  std::vector<FilterSpan> spans;
  std::vector<double> exact;     ///< the weights before they become integers
  std::vector<int32_t> weights;  ///< rounded half away from zero
};

/// The filter from `from` to `to` pixels, both at least 1.
FilterBank bicubic_bank(int64_t from, int64_t to);

}  // namespace fusion
