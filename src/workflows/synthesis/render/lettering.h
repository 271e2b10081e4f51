#pragma once
// Words that fill a frame.

#include <string_view>

#include "workflows/synthesis/render/pen.h"

namespace fusion {

struct Frame {
  double left = 0;
  double top = 0;
  double width = 0;
  double height = 0;
};

enum class Typeface { kSans, kSansBold, kSerifBold, kCondensedBold, kMonoBold };

struct Lettering {
  Tone ink = {};
  Typeface face = Typeface::kSans;
  double largest = 1e9;  ///< height of the font at most
  bool to_left = false;  ///< begins at the frame's left side; else in its middle
};

/// Draws the text, lines below each other, as large as fits into the frame. Broken UTF-8 is replaced. Throws Error
/// above 1000 bytes.
void draw_words(const Pen& pen, std::string_view text, const Frame& frame, const Lettering& lettering);

}  // namespace fusion
