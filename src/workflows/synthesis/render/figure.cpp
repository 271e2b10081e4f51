#include "workflows/synthesis/render/figure.h"

#include <numbers>

namespace fusion {

namespace {

/// Makes the figure's square the one from (0, 0) to (size, size).
void enter_square(cairo_t* context, const Figure& figure, double size) {
  cairo_translate(context, figure.x, figure.y);
  cairo_rotate(context, figure.turn * std::numbers::pi / 180);
  cairo_scale(context, (figure.mirrored ? -1 : 1) * figure.side / size, figure.side / size);
  cairo_translate(context, -size / 2, -size / 2);
}

void set_source(cairo_t* context, const SurfacePointer& surface) {
  cairo_set_source_surface(context, surface.get(), 0, 0);
  cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_BILINEAR);
}

}  // namespace

void FigureDrawer::draw(cairo_t* context, const Figure& figure) const {
  const Saved saved(context);
  if (figure.look->format == LookFormat::kNone) {
    enter_square(context, figure, 100);
    Pen pen(context);
    draw_look(pen, figure.look->id, figure.style);
    return;
  }
  const auto raster = cache_.get(catalogue_, *figure.look, figure.side);
  const SurfacePointer surface = raster->surface();
  enter_square(context, figure, raster->side);
  set_source(context, surface);
  cairo_paint(context);
  // The raster may leave the cache now: the context must not hold its pixels.
  cairo_set_source_rgb(context, 0, 0, 0);
}

void FigureDrawer::draw_shadow(cairo_t* context, const Figure& figure, double alpha) const {
  const Saved saved(context);
  if (figure.look->format == LookFormat::kNone) {
    enter_square(context, figure, 100);
    cairo_rectangle(context, -5, -5, 110, 110);
    cairo_clip(context);
    cairo_push_group_with_content(context, CAIRO_CONTENT_ALPHA);
    Pen pen(context, Tone{});
    draw_look(pen, figure.look->id, figure.style);
    cairo_pop_group_to_source(context);
    cairo_paint_with_alpha(context, alpha);
    return;
  }
  const auto raster = cache_.get(catalogue_, *figure.look, figure.side);
  const SurfacePointer surface = raster->surface();
  enter_square(context, figure, raster->side);
  const PatternPointer mask(cairo_pattern_create_for_surface(surface.get()));
  cairo_set_source_rgba(context, 0, 0, 0, alpha);
  cairo_mask(context, mask.get());
}

}  // namespace fusion
