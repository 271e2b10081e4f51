#include "workflows/synthesis/render/lettering.h"

#include <pango/pangocairo.h>

#include <algorithm>
#include <string>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr size_t kMostBytes = 1000;
/// Height of the font in which texts are measured, in units; they are scaled to the frame then.
constexpr double kMeasured = 64;

const char* font_name(Typeface face) {
  switch (face) {
    case Typeface::kSans:
      return "DejaVu Sans";
    case Typeface::kSansBold:
      return "DejaVu Sans Bold";
    case Typeface::kSerifBold:
      return "DejaVu Serif Bold";
    case Typeface::kCondensedBold:
      return "DejaVu Sans Bold Condensed";
    case Typeface::kMonoBold:
      return "DejaVu Sans Mono Bold";
  }
  return "DejaVu Sans";
}

LayoutPointer lay_out(cairo_t* context, std::string_view text, const Lettering& lettering) {
  // Letters have the same form and distance at every size.
  const OptionsPointer options(cairo_font_options_create());
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options(context, options.get());
  LayoutPointer layout(pango_cairo_create_layout(context));
  const FontPointer font(pango_font_description_from_string(font_name(lettering.face)));
  pango_font_description_set_absolute_size(font.get(), kMeasured * PANGO_SCALE);
  pango_layout_set_font_description(layout.get(), font.get());
  pango_layout_set_alignment(layout.get(), lettering.to_left ? PANGO_ALIGN_LEFT : PANGO_ALIGN_CENTER);
  const std::unique_ptr<char, Releaser<g_free>> valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
  pango_layout_set_text(layout.get(), valid.get(), -1);
  return layout;
}

}  // namespace

void draw_words(const Pen& pen, std::string_view text, const Frame& frame, const Lettering& lettering) {
  if (text.size() > kMostBytes) {
    throw Error({.who = cat("the words '", printable(text, 24), "...' of a picture"),
                 .expected = cat("at most ", kMostBytes, " bytes"),
                 .got = cat(text.size())});
  }
  cairo_t* const context = pen.context();
  const Saved saved(context);
  const LayoutPointer layout = lay_out(context, text, lettering);
  PangoRectangle ink{};
  PangoRectangle logical{};
  pango_layout_get_extents(layout.get(), &ink, &logical);
  if (ink.width <= 0 || ink.height <= 0 || frame.width <= 0 || frame.height <= 0) return;

  const auto units = [](int length) { return static_cast<double>(length) / PANGO_SCALE; };
  const double scale =
      std::min({frame.width / units(ink.width), frame.height / units(ink.height), lettering.largest / kMeasured});
  const double slack = frame.width - scale * units(ink.width);
  cairo_translate(context, frame.left + (lettering.to_left ? 0 : slack / 2),
                  frame.top + (frame.height - scale * units(ink.height)) / 2);
  cairo_scale(context, scale, scale);
  cairo_move_to(context, -units(ink.x), -units(ink.y));
  cairo_set_source_rgb(context, lettering.ink.red, lettering.ink.green, lettering.ink.blue);
  pango_cairo_show_layout(context, layout.get());
}

}  // namespace fusion
