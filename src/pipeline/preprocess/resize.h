#pragma once
// Pillow's bicubic resize, bit for bit: published checkpoints were trained on its pixels.

#include <cstdint>

#include "pipeline/preprocess/picture.h"

namespace fusion {

/// What Pillow's `Image.resize((width, height), Image.BICUBIC)` gives, every byte of it: antialiased (the filter widens
/// with the reduction), across first, then down, eight bits in between. As there, RGBA and LA are resized with alpha
/// multiplied in and divided out again; "1" and "P" take the nearest pixel instead.
///
/// `threads` 0 means one a core; the result does not depend on it. Throws fusion::Error unless the picture is sound and
/// the wanted sides lie in 1..65536.
Picture resize_bicubic(const Picture& picture, int64_t width, int64_t height, int threads = 0);

}  // namespace fusion
