#pragma once
// The last touch: light that falls from one side, a texture, grain, softness. Integers only.

#include <array>
#include <cstdint>
#include <span>

#include "foundation/core/random_source.h"
#include "pipeline/preprocess/picture.h"

namespace fusion {

/// How strong each may be, 0 to 1.
struct FinishOptions {
  double light = 0.5;
  double texture = 0.5;
  double noise = 0.5;
};

/// What one picture gets. Drawn within bounds that leave every colour of the palette nearest to itself.
struct Finish {
  int32_t gain = 1 << 16;            ///< in the middle, of 2^16
  int32_t gain_x = 0;                ///< its change from the middle to the right side
  int32_t gain_y = 0;                ///< and to the lower side
  std::array<int32_t, 3> tint = {};  ///< added to the gain of red, green, blue
  int grain = 0;                     ///< strength, of 256
  int texture = 0;
  uint32_t offset = 0;  ///< where in the tiles of grain and texture the picture begins
  bool soft = false;
};

Finish draw_finish(const FinishOptions& options, RandomSource& random);

/// The pixels, as Cairo's RGB24, with the finish, as a picture in RGB.
Picture finished(std::span<const uint32_t> pixels, int64_t width, int64_t height, const Finish& finish);

}  // namespace fusion
