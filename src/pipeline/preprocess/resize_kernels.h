#pragma once
// The two inner loops of the resize, plain and with AVX2. Both compute the same integers.
//
// Note [Weights in two halves]: a weight has 22 bits behind the point and a pixel 8, while AVX2's cheapest
// multiply-and-add takes pairs of 16-bit numbers. So a weight is split as high * 2^11 + low, the two parts are summed
// apart and joined at the end: the plain loop's integer exactly, with a fraction of its instructions.

#include <cstdint>
#include <vector>

#include "pipeline/preprocess/resize_filter.h"

namespace fusion {

/// Which form of a loop runs.
enum class Kernel { kPlain, kAvx2 };

/// The fastest form that this machine runs.
Kernel best_kernel();

/// Resizes rows in width.
class AcrossFilter {
 public:
  /// For pixels of `channels` bytes, 1 to 4. `bank` must outlive the filter.
  AcrossFilter(const FilterBank& bank, int channels, Kernel kernel);

  /// One row. `in` must be readable for kReadAhead bytes beyond its last pixel.
  void operator()(const uint8_t* in, uint8_t* out) const;

  static constexpr int64_t kReadAhead = 16;

 private:
  const FilterBank& bank_;
  int channels_;
  Kernel kernel_;
  int64_t steps_ = 0;                ///< registers of weights that an output pixel has at most
  std::vector<int16_t> high_, low_;  ///< (outputs, steps_, 16), in the order of the shuffled pixels
};

/// Resizes columns: all bytes of a row alike, whatever channel they are.
class DownFilter {
 public:
  /// `bank` must outlive the filter.
  DownFilter(const FilterBank& bank, Kernel kernel);

  /// Row `out_row` of the result, `bytes` long, from the rows of the picture that begins at `in`.
  void operator()(const uint8_t* in, int64_t bytes, int64_t out_row, uint8_t* out) const;

 private:
  const FilterBank& bank_;
  Kernel kernel_;
  int64_t pairs_ = 0;                ///< pairs of rows that an output row has at most
  std::vector<int32_t> high_, low_;  ///< (outputs, pairs_), the weights of two rows in the halves of each number
};

}  // namespace fusion
