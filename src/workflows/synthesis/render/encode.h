#pragma once
// Pictures into files, and two of them into one.

#include "pipeline/preprocess/picture.h"
#include "workflows/synthesis/items/roles.h"

namespace fusion {

/// A baseline JPEG with full colour resolution (4:4:4): thin coloured lines keep their colour.
/// \param quality  1 to 100, libjpeg's scale. Throws Error for another one, and for a side above 65,500 pixels.
EncodedPicture encode_jpeg(const Picture& picture, int quality);

/// An 8-bit RGB PNG. Throws Error where there is no memory for it.
EncodedPicture encode_png(const Picture& picture);

/// Both pictures beside each other, in RGB, with a grey seam between them of a 48th of the higher one's height. The
/// lower one is set to the middle, in grey.
Picture side_by_side(const Picture& left, const Picture& right);

}  // namespace fusion
