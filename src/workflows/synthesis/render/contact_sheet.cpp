#include "workflows/synthesis/render/contact_sheet.h"

#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string_view>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/render/pen.h"

namespace fusion {

namespace {

constexpr size_t kMostEntries = 500;
constexpr int64_t kMostColumns = 20;
constexpr int64_t kLeastCell = 64;
constexpr int64_t kMostCell = 1024;
constexpr int64_t kMostSheetHeight = 60'000;
constexpr size_t kMostTextBytes = 2000;
/// Lines of a question, and of an answer.
constexpr int kMostLines = 9;

constexpr Tone kDesk = tone(236, 238, 241);
constexpr Tone kCard = tone(255, 255, 255);
constexpr Tone kMount = tone(246, 247, 249);
constexpr Tone kHeadingTone = tone(74, 104, 160);
constexpr Tone kQuestionTone = tone(34, 38, 46);
constexpr Tone kAnswerTone = tone(20, 112, 76);

/// Lengths in pixels, all of which follow from the width of a cell.
struct SheetLengths {
  double cell;
  double gap;     ///< between cards
  double inset;   ///< of the words in a card
  double font;    ///< height of question and answer
  double line;    ///< of a line of them
  double radius;  ///< of a card's corners
};

SheetLengths lengths_of(const SheetOptions& options) {
  const auto cell = static_cast<double>(options.cell_width);
  return {.cell = cell,
          .gap = cell * 0.06,
          .inset = cell * 0.045,
          .font = cell * 0.054,
          .line = cell * 0.07,
          .radius = cell * 0.03};
}

void require_range(const char* what, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) return;
  throw Error(
      {.who = cat("the ", what, " of a contact sheet"), .expected = cat(least, " to ", most), .got = cat(value)});
}

/// A surface of its own with the picture's pixels.
SurfacePointer surface_of(const Picture& picture) {
  const Picture rgb = to_rgb(picture);
  SurfacePointer surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(rgb.width), static_cast<int>(rgb.height)));
  require(cairo_surface_status(surface.get()));
  unsigned char* const data = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int64_t y = 0; y < rgb.height; ++y) {
    const uint8_t* from = rgb.row(y);
    auto* to = reinterpret_cast<uint32_t*>(data + y * stride);
    for (int64_t x = 0; x < rgb.width; ++x, from += 3) {
      to[x] = static_cast<uint32_t>(from[0]) << 16 | static_cast<uint32_t>(from[1]) << 8 | from[2];
    }
  }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

Picture picture_of(cairo_surface_t* surface) {
  cairo_surface_flush(surface);
  Picture picture =
      Picture::blank(cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface), PixelMode::kRgb);
  const unsigned char* const data = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  for (int64_t y = 0; y < picture.height; ++y) {
    const auto* from = reinterpret_cast<const uint32_t*>(data + y * stride);
    uint8_t* to = picture.row(y);
    for (int64_t x = 0; x < picture.width; ++x) {
      for (const int shift : {16, 8, 0}) *to++ = static_cast<uint8_t>(from[x] >> shift);
    }
  }
  return picture;
}

/// A paragraph that is laid out in a card's width.
struct Words {
  LayoutPointer layout;
  Tone ink;
  double height;  ///< pixels
};

Words lay_out_words(cairo_t* context, const std::string& text, const char* font_name, double font,
                    const SheetLengths& lengths, const Tone& ink) {
  LayoutPointer layout(pango_cairo_create_layout(context));
  const FontPointer description(pango_font_description_from_string(font_name));
  pango_font_description_set_absolute_size(description.get(), font * PANGO_SCALE);
  pango_layout_set_font_description(layout.get(), description.get());
  pango_layout_set_width(layout.get(), static_cast<int>((lengths.cell - 2 * lengths.inset) * PANGO_SCALE));
  pango_layout_set_height(layout.get(), static_cast<int>(kMostLines * lengths.line * PANGO_SCALE));
  pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
  pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
  const std::string_view shown = std::string_view(text).substr(0, kMostTextBytes);
  const std::unique_ptr<char, Releaser<g_free>> valid(
      g_utf8_make_valid(shown.data(), static_cast<gssize>(shown.size())));
  pango_layout_set_text(layout.get(), valid.get(), -1);
  int height = 0;
  pango_layout_get_pixel_size(layout.get(), nullptr, &height);
  return {.layout = std::move(layout), .ink = ink, .height = static_cast<double>(height)};
}

/// One picture with its words.
class Card {
 public:
  Card(cairo_t* context, const SheetEntry& entry, const SheetLengths& lengths) : entry_(entry), lengths_(lengths) {
    const auto add = [&](const std::string& text, const char* font_name, double font, const Tone& ink) {
      if (!text.empty()) words_.push_back(lay_out_words(context, text, font_name, font, lengths, ink));
    };
    add(entry.heading, "DejaVu Sans Bold", 0.8 * lengths.font, kHeadingTone);
    add(entry.question, "DejaVu Sans", lengths.font, kQuestionTone);
    add(entry.answer, "DejaVu Sans Bold", lengths.font, kAnswerTone);
  }

  /// Of a card that all of it fits into.
  double height() const {
    double height = lengths_.cell + lengths_.inset;
    for (const Words& words : words_) height += words.height + lengths_.inset / 2;
    return height + lengths_.inset / 2;
  }

  void draw(cairo_t* context, double left, double top, double height) const {
    Pen pen(context);
    pen.rounded(left, top, lengths_.cell, height, lengths_.radius);
    pen.fill(kCard);
    const Saved saved(context);
    pen.rounded(left, top, lengths_.cell, height, lengths_.radius);
    cairo_clip(context);
    pen.rectangle(left, top, lengths_.cell, lengths_.cell);
    pen.fill(kMount);
    draw_picture(context, left, top);
    double y = top + lengths_.cell + lengths_.inset;
    for (const Words& words : words_) {
      cairo_set_source_rgb(context, words.ink.red, words.ink.green, words.ink.blue);
      cairo_move_to(context, left + lengths_.inset, y);
      pango_cairo_show_layout(context, words.layout.get());
      y += words.height + lengths_.inset / 2;
    }
  }

 private:
  void draw_picture(cairo_t* context, double left, double top) const {
    const SurfacePointer surface = surface_of(entry_.picture);
    const auto width = static_cast<double>(entry_.picture.width);
    const auto height = static_cast<double>(entry_.picture.height);
    const double scale = lengths_.cell / std::max(width, height);
    const Saved saved(context);
    cairo_translate(context, left + (lengths_.cell - scale * width) / 2, top + (lengths_.cell - scale * height) / 2);
    cairo_scale(context, scale, scale);
    cairo_set_source_surface(context, surface.get(), 0, 0);
    cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_BEST);
    // The rim of a picture that is made smaller is not mixed with what is around it.
    cairo_pattern_set_extend(cairo_get_source(context), CAIRO_EXTEND_PAD);
    cairo_rectangle(context, 0, 0, width, height);
    cairo_fill(context);
  }

  const SheetEntry& entry_;
  const SheetLengths& lengths_;
  std::vector<Words> words_;
};

/// The height of each row: that of its highest card.
std::vector<double> row_heights(const std::vector<Card>& cards, size_t columns) {
  std::vector<double> heights((cards.size() + columns - 1) / columns);
  for (size_t i = 0; i < cards.size(); ++i) {
    heights[i / columns] = std::max(heights[i / columns], std::ceil(cards[i].height()));
  }
  return heights;
}

SurfacePointer blank_surface(int64_t width, int64_t height) {
  SurfacePointer surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)));
  require(cairo_surface_status(surface.get()));
  return surface;
}

}  // namespace

Picture contact_sheet(std::span<const SheetEntry> entries, const SheetOptions& options) {
  require_range("number of pictures", static_cast<int64_t>(entries.size()), 1, kMostEntries);
  require_range("number of columns", options.columns, 1, kMostColumns);
  require_range("cell width", options.cell_width, kLeastCell, kMostCell);
  for (const SheetEntry& entry : entries) check_picture(entry.picture);

  const SheetLengths lengths = lengths_of(options);
  const size_t columns = std::min(entries.size(), static_cast<size_t>(options.columns));
  // Words have a size before there is a sheet for them.
  const SurfacePointer scratch = blank_surface(1, 1);
  const ContextPointer measuring(cairo_create(scratch.get()));
  std::vector<Card> cards;
  cards.reserve(entries.size());
  for (const SheetEntry& entry : entries) cards.emplace_back(measuring.get(), entry, lengths);
  const std::vector<double> heights = row_heights(cards, columns);

  double height = lengths.gap;
  for (const double each : heights) height += each + lengths.gap;
  require_range("height", std::llround(height), 1, kMostSheetHeight);
  const double width = lengths.gap + static_cast<double>(columns) * (lengths.cell + lengths.gap);
  const SurfacePointer surface = blank_surface(std::llround(width), std::llround(height));
  const ContextPointer context(cairo_create(surface.get()));
  Pen(context.get()).rectangle(0, 0, width + 1, height + 1);
  Pen(context.get()).fill(kDesk);
  double top = lengths.gap;
  for (size_t i = 0; i < cards.size(); ++i) {
    const double left = lengths.gap + static_cast<double>(i % columns) * (lengths.cell + lengths.gap);
    cards[i].draw(context.get(), std::round(left), std::round(top), heights[i / columns]);
    if (i % columns == columns - 1) top += heights[i / columns] + lengths.gap;
  }
  require(cairo_status(context.get()));
  return picture_of(surface.get());
}

}  // namespace fusion
