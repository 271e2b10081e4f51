#pragma once
// Pillow's bicubic resize, bit for bit: published checkpoints were trained on its pixels.

#include <cstdint>

#include "pipeline/preprocess/picture.h"

namespace fusion {

/// Which direction a resize works on first. Bytes in between are rounded, so the two differ by one here and there.
enum class PassOrder {
  /// As Pillow 13 chooses: down first where the height shrinks by more than twice what the width shrinks by.
  kPillow13,
  /// Always across first, as Pillow did through version 11.
  kAcrossFirst,
};

struct ResizeOptions {
  PassOrder order = PassOrder::kPillow13;
  int threads = 0;  ///< 0: one a core. The result does not depend on it.
};

/// What Pillow's `Image.resize((width, height), Image.BICUBIC)` gives, every byte of it: antialiased (the filter widens
/// with the reduction), one direction after the other, eight bits in between. As there, RGBA and LA are resized with
/// alpha multiplied in and divided out again; "1" and "P" take the nearest pixel instead. Throws fusion::Error unless
/// the picture is sound and the wanted sides lie in 1..65536.
Picture resize_bicubic(const Picture& picture, int64_t width, int64_t height, const ResizeOptions& options = {});

}  // namespace fusion
