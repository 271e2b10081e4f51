#pragma once
// The things that are drawn here, in any colour: shapes and small drawings.
//
// Each is one connected area of its colour, which takes most of what it covers; outlines and details are kInk, kPale
// or nearly its own colour.

#include <string_view>

#include "workflows/synthesis/render/pen.h"

namespace fusion {

struct DrawnStyle {
  Tone color = {};
  double outline = 2.4;  ///< width, in hundredths of the thing; 0: none
  double sheen = 0;      ///< how much lighter it is above and darker below, a share of its colour: 0 to 0.1
};

/// Draws a look that the renderer knows how to draw ("shape/heart", "drawing/car") into the square from (0, 0) to
/// (100, 100). Throws Error where it knows of no such look.
void draw_look(Pen& pen, std::string_view look, const DrawnStyle& style);

using DrawnLook = void (*)(Pen&, const DrawnStyle&);
struct NamedLook {
  std::string_view name;  ///< without its source
  DrawnLook draw;
};
/// Null where there is none of the name.
DrawnLook find_shape(std::string_view name);
DrawnLook find_drawing(std::string_view name);

/// Fills the path with the style's colour inside one outline, however many parts overlap in it, as long as all
/// of them turn clockwise. Uses the path up.
void fill_body(Pen& pen, const DrawnStyle& style);

}  // namespace fusion
