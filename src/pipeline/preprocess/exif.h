#pragma once
// The one field of EXIF that changes what a picture shows: its orientation.

#include <cstddef>
#include <span>

#include "pipeline/preprocess/picture.h"

namespace fusion {

/// The orientation, 1 to 8, that an EXIF block states, or 1 when it states none or is broken. `exif` is the TIFF
/// structure, with or without "Exif\0\0" in front; every byte of it is untrusted.
int exif_orientation(std::span<const std::byte> exif);

/// The picture turned and mirrored upright, as Pillow's `ImageOps.exif_transpose` does. Orientations 5 to 8 swap the
/// sides. Throws fusion::Error when `orientation` is not in 1..8.
Picture apply_orientation(Picture picture, int orientation);

}  // namespace fusion
