#pragma once
// The two passes of a resize for 16-bit grey, which Pillow computes in double precision.

#include "pipeline/preprocess/picture.h"
#include "pipeline/preprocess/resize_filter.h"

namespace fusion {

enum class Direction { kAcross, kDown };

/// One pass over a picture of PixelMode::kGrey16; `bank` is made for its width (across) or height (down).
Picture resize_grey16(const Picture& picture, const FilterBank& bank, Direction direction);

}  // namespace fusion
