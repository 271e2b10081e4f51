#pragma once
// Looks that come as files, as pixels: SVG drawings, photographed stamps, glyphs.

#include <cstdint>
#include <memory>
#include <vector>

#include "workflows/synthesis/catalogue/catalogue.h"
#include "workflows/synthesis/render/pen.h"

namespace fusion {

/// A square picture of a look, cut to what can be seen of it.
struct Raster {
  int side = 0;                  ///< pixels
  std::vector<uint32_t> pixels;  ///< as Cairo's ARGB32: alpha multiplied in

  size_t bytes() const { return pixels.size() * sizeof(uint32_t); }
  /// A surface of these pixels for one thread; it must not be drawn on, and not outlive them.
  SurfacePointer surface() const;
};

/// Draws the look so that its longer side takes the whole square. An SVG is drawn from its bytes alone: it can refer to
/// no other file. Throws Error, with the look's id, where it cannot be drawn or nothing can be seen of it.
Raster rasterize(const Catalogue& catalogue, const Look& look, int side);

/// Draws the look, whichever it is, to see that it can be. Throws Error with its id where it cannot.
void check_look(const Catalogue& catalogue, const Look& look);

}  // namespace fusion
