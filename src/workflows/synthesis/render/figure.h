#pragma once
// One thing in a picture: where it is, and how it is drawn.

#include "workflows/synthesis/catalogue/catalogue.h"
#include "workflows/synthesis/render/drawn_looks.h"
#include "workflows/synthesis/render/raster_cache.h"

namespace fusion {

struct Figure {
  const Look* look = nullptr;
  DrawnStyle style = {};  ///< of a look that takes a colour
  double x = 0;           ///< of its middle, in pixels
  double y = 0;
  double side = 0;  ///< of the square that it fills, in pixels
  double turn = 0;  ///< degrees, clockwise
  bool mirrored = false;
};

/// Draws figures of a catalogue. Outlives neither of them.
class FigureDrawer {
 public:
  FigureDrawer(const Catalogue& catalogue, RasterCache& cache) : catalogue_(catalogue), cache_(cache) {}

  const Catalogue& catalogue() const { return catalogue_; }
  void draw(cairo_t* context, const Figure& figure) const;
  /// The figure's silhouette in black.
  void draw_shadow(cairo_t* context, const Figure& figure, double alpha) const;

 private:
  const Catalogue& catalogue_;
  RasterCache& cache_;
};

}  // namespace fusion
