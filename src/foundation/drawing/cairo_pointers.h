#pragma once
// Cairo's and Pango's objects, each with the call that gives it back. For sources of libraries that link both.

#include <cairo.h>
#include <pango/pango.h>

#include <memory>

namespace fusion {

template <auto kRelease>
struct Releaser {
  template <class T>
  void operator()(T* pointer) const {
    kRelease(pointer);
  }
};
using SurfacePointer = std::unique_ptr<cairo_surface_t, Releaser<cairo_surface_destroy>>;
using ContextPointer = std::unique_ptr<cairo_t, Releaser<cairo_destroy>>;
using PatternPointer = std::unique_ptr<cairo_pattern_t, Releaser<cairo_pattern_destroy>>;
using OptionsPointer = std::unique_ptr<cairo_font_options_t, Releaser<cairo_font_options_destroy>>;
using LayoutPointer = std::unique_ptr<PangoLayout, Releaser<g_object_unref>>;
using FontPointer = std::unique_ptr<PangoFontDescription, Releaser<pango_font_description_free>>;

}  // namespace fusion
