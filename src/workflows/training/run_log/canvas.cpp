#include "workflows/training/run_log/canvas.h"

#include <cairo-svg.h>
#include <cairo.h>
#include <pango/pangocairo.h>

#include <cmath>
#include <numbers>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/drawing/cairo_pointers.h"

namespace fusion {

namespace {

cairo_status_t append_bytes(void* bytes, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

void require(cairo_status_t status) {
  if (status == CAIRO_STATUS_SUCCESS) return;
  throw Error({.who = "the picture",
               .expected = "to be drawn",
               .got = cairo_status_to_string(status),
               .hint = "try a smaller width and height"});
}

}  // namespace

std::string escape_markup(const std::string& text) {
  const std::unique_ptr<char, Releaser<g_free>> valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
  const std::unique_ptr<char, Releaser<g_free>> escaped(g_markup_escape_text(valid.get(), -1));
  return escaped.get();
}

struct Canvas::Surface {
  PictureFormat format = PictureFormat::kPng;
  std::string bytes = {};
  SurfacePointer surface = {};
  ContextPointer context = {};

  void set_stroke(const Stroke& stroke) {
    set_color(stroke.color);
    cairo_set_line_width(context.get(), stroke.width);
    cairo_set_dash(context.get(), stroke.dashes.data(), static_cast<int>(stroke.dashes.size()), 0);
    cairo_set_line_join(context.get(), CAIRO_LINE_JOIN_ROUND);
  }
  void set_color(Color color) { cairo_set_source_rgba(context.get(), color.red, color.green, color.blue, color.alpha); }
  void rectangle(const Rectangle& area) {
    cairo_rectangle(context.get(), area.left, area.top, area.width, area.height);
  }
  LayoutPointer layout_of(const std::string& markup, const TextStyle& style) {
    LayoutPointer layout(pango_cairo_create_layout(context.get()));
    const FontPointer font(pango_font_description_from_string("DejaVu Sans, sans-serif"));
    pango_font_description_set_absolute_size(font.get(), style.size * PANGO_SCALE);
    pango_font_description_set_weight(font.get(), style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout.get(), font.get());
    pango_layout_set_markup(layout.get(), markup.c_str(), static_cast<int>(markup.size()));
    return layout;
  }
};

Canvas::Canvas(PictureFormat format, int pixel_width, int pixel_height, double scale)
    : surface_(std::make_unique<Surface>()) {
  Surface& own = *surface_;
  own.format = format;
  own.surface.reset(format == PictureFormat::kPng
                        ? cairo_image_surface_create(CAIRO_FORMAT_RGB24, pixel_width, pixel_height)
                        : cairo_svg_surface_create_for_stream(append_bytes, &own.bytes, pixel_width, pixel_height));
  require(cairo_surface_status(own.surface.get()));
  if (format == PictureFormat::kSvg) cairo_svg_surface_set_document_unit(own.surface.get(), CAIRO_SVG_UNIT_PX);
  own.context.reset(cairo_create(own.surface.get()));
  require(cairo_status(own.context.get()));
  cairo_scale(own.context.get(), scale, scale);
  // Letters at the same places in both formats, and at any scale.
  const OptionsPointer options(cairo_font_options_create());
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  cairo_surface_set_fallback_resolution(own.surface.get(), 300, 300);
  cairo_set_font_options(own.context.get(), options.get());
  own.set_color({1, 1, 1});
  cairo_paint(own.context.get());
}

Canvas::~Canvas() = default;

void Canvas::fill(const Rectangle& area, Color color) {
  surface_->set_color(color);
  surface_->rectangle(area);
  cairo_fill(surface_->context.get());
}

void Canvas::outline(const Rectangle& area, const Stroke& stroke) {
  surface_->set_stroke(stroke);
  surface_->rectangle(area);
  cairo_stroke(surface_->context.get());
}

void Canvas::line(std::span<const Position> points, const Stroke& stroke) {
  cairo_t* const context = surface_->context.get();
  surface_->set_stroke(stroke);
  bool pen_down = false;
  for (const Position& point : points) {
    const bool drawn = std::isfinite(point.x) && std::isfinite(point.y);
    if (drawn) pen_down ? cairo_line_to(context, point.x, point.y) : cairo_move_to(context, point.x, point.y);
    pen_down = drawn;
  }
  cairo_stroke(context);
}

void Canvas::disc(Position center, double radius, Color color) {
  cairo_t* const context = surface_->context.get();
  const auto circle = [&](double size) { cairo_arc(context, center.x, center.y, size, 0, 2 * std::numbers::pi); };
  cairo_new_path(context);
  surface_->set_color({1, 1, 1});
  circle(radius + 0.8);
  cairo_fill(context);
  surface_->set_color(color);
  circle(radius);
  cairo_fill(context);
}

void Canvas::clipped(const Rectangle& area, const std::function<void()>& draw) {
  cairo_save(surface_->context.get());
  surface_->rectangle(area);
  cairo_clip(surface_->context.get());
  draw();
  cairo_restore(surface_->context.get());
}

void Canvas::text(Position position, const std::string& markup, const TextStyle& style) {
  cairo_t* const context = surface_->context.get();
  const LayoutPointer layout = surface_->layout_of(markup, style);
  int width = 0;
  int height = 0;
  pango_layout_get_size(layout.get(), &width, &height);
  const double share = style.anchor == Anchor::kLeft ? 0 : style.anchor == Anchor::kCenter ? 0.5 : 1;
  cairo_save(context);
  cairo_translate(context, position.x, position.y);
  if (style.upwards) cairo_rotate(context, -std::numbers::pi / 2);
  surface_->set_color(style.color);
  cairo_move_to(context, -share * width / PANGO_SCALE, -0.5 * height / PANGO_SCALE);
  pango_cairo_show_layout(context, layout.get());
  cairo_restore(context);
}

double Canvas::text_width(const std::string& markup, const TextStyle& style) {
  int width = 0;
  pango_layout_get_size(surface_->layout_of(markup, style).get(), &width, nullptr);
  return static_cast<double>(width) / PANGO_SCALE;
}

std::string Canvas::finish() {
  Surface& own = *surface_;
  require(cairo_status(own.context.get()));
  if (own.format == PictureFormat::kPng) {
    require(cairo_surface_write_to_png_stream(own.surface.get(), append_bytes, &own.bytes));
  }
  cairo_surface_finish(own.surface.get());
  require(cairo_surface_status(own.surface.get()));
  return std::move(own.bytes);
}

}  // namespace fusion
