#include "workflows/synthesis/render/raster.h"

#include <librsvg/rsvg.h>
#include <pango/pangocairo.h>
#include <spng.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/alpha.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/synthesis/render/drawn_looks.h"

namespace fusion {

namespace {

/// Side of the picture in which the visible part of a look is found, in pixels.
constexpr int kProbeSide = 192;
/// Alpha from which a pixel can be seen.
constexpr uint32_t kSeen = 24;
/// Of kProbeSide squared pixels: fewer than these are no picture of anything.
constexpr int kFewestSeen = 60;

/// Draws a whole look into the square of the given side at the origin, keeping its proportions.
using DrawWhole = std::function<void(cairo_t*, double)>;

[[noreturn]] void refuse(const Look& look, std::string got) {
  throw Error({.who = cat("look '", look.id, "'"),
               .expected = "a picture that can be drawn",
               .got = std::move(got),
               .cause = look.file.empty() ? "" : cat("its file is ", printable(look.file, 200))});
}

/// What librsvg has to say of its failure, for `look`.
class Problem {
 public:
  ~Problem() { g_clear_error(&error_); }
  GError** place() { return &error_; }
  [[noreturn]] void raise(const Look& look) const {
    refuse(look, error_ == nullptr ? "an error" : printable(error_->message, 160));
  }

 private:
  GError* error_ = nullptr;
};

DrawWhole svg_drawing(const Look& look, const std::string& bytes) {
  Problem problem;
  const auto* const data = reinterpret_cast<const guint8*>(bytes.data());
  const std::shared_ptr<RsvgHandle> handle(rsvg_handle_new_from_data(data, bytes.size(), problem.place()),
                                           [](RsvgHandle* each) {
                                             if (each != nullptr) g_object_unref(each);
                                           });
  if (!handle) problem.raise(look);
  return [handle, &look](cairo_t* context, double side) {
    Problem drawing;
    const RsvgRectangle viewport{.x = 0, .y = 0, .width = side, .height = side};
    if (!rsvg_handle_render_document(handle.get(), context, &viewport, drawing.place())) drawing.raise(look);
  };
}

bool has_alpha(const Picture& picture) {
  return picture.mode == PixelMode::kRgba || picture.mode == PixelMode::kGreyAlpha;
}

Raster premultiplied(const Picture& picture, int64_t side) {
  Raster out{.side = static_cast<int>(side), .pixels = std::vector<uint32_t>(static_cast<size_t>(side * side))};
  const bool alpha = has_alpha(picture);
  const Picture rgb = to_rgb(picture);
  const int64_t step = bytes_per_pixel(picture.mode);
  const int64_t left = (side - picture.width) / 2;
  const int64_t top = (side - picture.height) / 2;
  for (int64_t y = 0; y < picture.height; ++y) {
    uint32_t* const row = out.pixels.data() + (top + y) * side + left;
    for (int64_t x = 0; x < picture.width; ++x) {
      const uint8_t* const color = rgb.row(y) + 3 * x;
      const uint32_t opacity = alpha ? picture.row(y)[(x + 1) * step - 1] : 255;
      const auto part = [&](int channel) -> uint32_t { return scale_255(color[channel], static_cast<int>(opacity)); };
      row[x] = opacity << 24 | part(0) << 16 | part(1) << 8 | part(2);
    }
  }
  return out;
}

/// With the transparency of a palette's colours, which the project's reading of pictures leaves out as Pillow does.
/// Nothing where libspng cannot tell. The bytes were read once: they are sound, and no more pixels than are wanted.
std::optional<Picture> with_transparency(const std::string& bytes) {
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> context(spng_ctx_new(0), spng_ctx_free);
  spng_ihdr header{};
  if (!context || spng_set_png_buffer(context.get(), bytes.data(), bytes.size()) != SPNG_OK ||
      spng_get_ihdr(context.get(), &header) != SPNG_OK) {
    return std::nullopt;
  }
  Picture picture = Picture::blank(header.width, header.height, PixelMode::kRgba);
  const int status =
      spng_decode_image(context.get(), picture.pixels.data(), picture.pixels.size(), SPNG_FMT_RGBA8, SPNG_DECODE_TRNS);
  return status == SPNG_OK ? std::optional(std::move(picture)) : std::nullopt;
}

DrawWhole png_drawing(const Look& look, const std::string& bytes) {
  Picture picture = decode_picture(std::as_bytes(std::span(bytes)), cat("look '", look.id, "'"),
                                   {.limits = {.max_pixels = 16'000'000}});
  if (!has_alpha(picture)) picture = with_transparency(bytes).value_or(std::move(picture));
  const auto whole = std::make_shared<Raster>(premultiplied(picture, std::max(picture.width, picture.height)));
  return [whole](cairo_t* context, double side) {
    const Saved saved(context);
    const SurfacePointer surface = whole->surface();
    cairo_scale(context, side / whole->side, side / whole->side);
    cairo_set_source_surface(context, surface.get(), 0, 0);
    cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_GOOD);
    cairo_paint(context);
  };
}

DrawWhole glyph_drawing(const Look& look, const std::string& characters) {
  return [&look, characters](cairo_t* context, double side) {
    const Saved saved(context);
    const LayoutPointer layout(pango_cairo_create_layout(context));
    const FontPointer font(pango_font_description_from_string("Noto Color Emoji"));
    pango_font_description_set_absolute_size(font.get(), 96.0 * PANGO_SCALE);
    pango_layout_set_font_description(layout.get(), font.get());
    pango_layout_set_text(layout.get(), characters.data(), static_cast<int>(characters.size()));
    if (pango_layout_get_unknown_glyphs_count(layout.get()) > 0) refuse(look, "a character that no font has");
    PangoRectangle box{};
    pango_layout_get_extents(layout.get(), nullptr, &box);
    const double scale = side * PANGO_SCALE / std::max({box.width, box.height, 1});
    cairo_scale(context, scale, scale);
    cairo_move_to(context, -static_cast<double>(box.x) / PANGO_SCALE, -static_cast<double>(box.y) / PANGO_SCALE);
    pango_cairo_show_layout(context, layout.get());
  };
}

DrawWhole drawing_of(const Catalogue& catalogue, const Look& look) {
  switch (look.format) {
    case LookFormat::kSvg:
      return svg_drawing(look, catalogue.drawing(look));
    case LookFormat::kPng:
      return png_drawing(look, catalogue.drawing(look));
    case LookFormat::kGlyph:
      return glyph_drawing(look, catalogue.drawing(look));
    case LookFormat::kNone:
      break;
  }
  return [&look](cairo_t* context, double side) {
    const Saved saved(context);
    cairo_scale(context, side / 100, side / 100);
    Pen pen(context);
    draw_look(pen, look.id, {.color = palette_tone("gray")});
  };
}

/// Calls draw() on an empty square of pixels.
Raster drawn(int side, const std::function<void(cairo_t*)>& draw) {
  const SurfacePointer surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, side, side));
  require(cairo_surface_status(surface.get()));
  {
    const ContextPointer context(cairo_create(surface.get()));
    draw(context.get());
    require(cairo_status(context.get()));
  }
  cairo_surface_flush(surface.get());
  const auto* const data = reinterpret_cast<const uint32_t*>(cairo_image_surface_get_data(surface.get()));
  return {.side = side, .pixels = {data, data + static_cast<size_t>(side) * static_cast<size_t>(side)}};
}

/// Corners of what can be seen, in pixels; the last ones excluded.
struct Seen {
  int left = kProbeSide;
  int top = kProbeSide;
  int right = 0;
  int bottom = 0;
  int count = 0;
};

Seen find_seen(const Raster& raster) {
  Seen seen;
  for (int y = 0; y < raster.side; ++y) {
    for (int x = 0; x < raster.side; ++x) {
      if (raster.pixels[static_cast<size_t>(y * raster.side + x)] >> 24 < kSeen) continue;
      seen.left = std::min(seen.left, x);
      seen.right = std::max(seen.right, x + 1);
      seen.top = std::min(seen.top, y);
      seen.bottom = y + 1;
      ++seen.count;
    }
  }
  return seen;
}

}  // namespace

SurfacePointer Raster::surface() const {
  // Cairo's sources are never written to, though it takes a pointer that is not const.
  auto* const data = reinterpret_cast<unsigned char*>(const_cast<uint32_t*>(pixels.data()));
  return SurfacePointer(cairo_image_surface_create_for_data(data, CAIRO_FORMAT_ARGB32, side, side, 4 * side));
}

Raster rasterize(const Catalogue& catalogue, const Look& look, int side) {
  const DrawWhole draw = drawing_of(catalogue, look);
  const Seen seen = find_seen(drawn(kProbeSide, [&draw](cairo_t* context) { draw(context, kProbeSide); }));
  if (seen.count < kFewestSeen) refuse(look, "a drawing of which nothing can be seen");
  const double scale = static_cast<double>(side) / std::max(seen.right - seen.left, seen.bottom - seen.top);
  return drawn(side, [&](cairo_t* context) {
    cairo_translate(context, (side - scale * (seen.left + seen.right)) / 2,
                    (side - scale * (seen.top + seen.bottom)) / 2);
    draw(context, kProbeSide * scale);
  });
}

void check_look(const Catalogue& catalogue, const Look& look) {
  rasterize(catalogue, look, 64);
}

}  // namespace fusion
