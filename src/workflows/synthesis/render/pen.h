#pragma once
// Cairo without its ceremony: paths as SVG writes them, areas, outlines, soft edges.

#include <cairo.h>
#include <pango/pango.h>

#include <initializer_list>
#include <memory>
#include <string_view>

#include "foundation/drawing/cairo_pointers.h"
#include "workflows/synthesis/render/tones.h"

namespace fusion {

/// Throws Error unless Cairo is well.
void require(cairo_status_t status);

/// Draws on a context that outlives it. Lengths are in the context's units.
class Pen {
 public:
  explicit Pen(cairo_t* context) : context_(context) {}
  /// Everything that is painted takes this tone: the silhouette of a drawing.
  Pen(cairo_t* context, const Tone& only) : context_(context), only_(only), silhouette_(true) {}

  cairo_t* context() const { return context_; }

  /// Each adds to the path.
  void path(std::string_view data);  ///< "M 10 20 L 30 40 C 1 2 3 4 5 6 Z": absolute M, L, C and Z only
  void circle(double x, double y, double radius) { ellipse(x, y, radius, radius); }
  void ellipse(double x, double y, double radius_x, double radius_y);
  void hole(double x, double y, double radius);  ///< in what surrounds it
  void rectangle(double left, double top, double width, double height);
  void rounded(double left, double top, double width, double height, double radius);

  /// Each uses the path up.
  void fill(const Tone& tone, double alpha = 1);
  /// From `from` at the upper end to `to` at the lower.
  void fill_gradient(const Tone& from, const Tone& to, double top, double bottom);
  void stroke(const Tone& tone, double width, double alpha = 1);

  /// A path that is filled at once.
  void area(std::string_view data, const Tone& tone) {
    path(data);
    fill(tone);
  }
  /// A spot that fades out towards its rim.
  void glow(double x, double y, double radius, const Tone& tone, double alpha);

 private:
  void set_source(const Tone& tone, double alpha);

  cairo_t* context_;
  Tone only_ = {};
  bool silhouette_ = false;
};

/// Saves the context's state for as long as it lives.
class Saved {
 public:
  explicit Saved(cairo_t* context) : context_(context) { cairo_save(context); }
  ~Saved() { cairo_restore(context_); }
  Saved(const Saved&) = delete;
  Saved& operator=(const Saved&) = delete;

 private:
  cairo_t* context_;
};

}  // namespace fusion
