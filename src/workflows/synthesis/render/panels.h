#pragma once
// What is not a thing but tells something: signs, charts, grids.

#include "workflows/synthesis/items/scene.h"
#include "workflows/synthesis/render/figure.h"
#include "workflows/synthesis/render/lettering.h"

namespace fusion {

/// How one picture draws them.
struct PanelStyle {
  Typeface face = Typeface::kSansBold;  ///< of signs
  double outline = 2;                   ///< of things in grids
  double sheen = 0;
};

/// Each fills the frame, in pixels, on a board of its own.
void draw_sign(Pen& pen, const Sign& sign, const Frame& frame, const PanelStyle& style);
void draw_chart(Pen& pen, const Chart& chart, const Frame& frame);
/// Throws Error where a cell's look is not in the catalogue.
void draw_grid(Pen& pen, const Grid& grid, const Frame& frame, const PanelStyle& style, const FigureDrawer& figures);

}  // namespace fusion
