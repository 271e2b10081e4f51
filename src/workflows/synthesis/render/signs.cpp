// Boards with words. Each is drawn 100 wide.

#include <string_view>

#include "foundation/core/utf8.h"
#include "workflows/synthesis/render/panels.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

struct Board {
  Tone ink;
  Tone paper;
  double height;  ///< in units of which its width has 100
};
/// Draws the surface and says where its words go.
using DrawBoard = Frame (*)(Pen&, const Board&);

Frame board(Pen& pen, const Board& board) {
  pen.rounded(0.8, 0.8, 98.4, board.height - 1.6, 7);
  pen.fill(board.paper);
  pen.rounded(0.8, 0.8, 98.4, board.height - 1.6, 7);
  pen.stroke(kInk, 1.6);
  pen.rounded(4, 4, 92, board.height - 8, 4.5);
  pen.stroke(board.ink, 1.6);
  return {10, 9.5, 80, board.height - 19};
}

Frame poster(Pen& pen, const Board& board) {
  pen.rectangle(3, 3, 94, board.height - 4);
  pen.fill(board.paper);
  pen.rectangle(3, 3, 94, board.height - 4);
  pen.stroke(kInk, 1);
  pen.rectangle(10, 12, 80, 3.5);
  pen.rectangle(10, board.height - 14.5, 80, 3.5);
  pen.fill(board.ink);
  for (const double left : {1.0, 85.0}) {
    pen.rectangle(left, 0.5, 14, 6);
    pen.fill(kPale);
  }
  return {11, 21, 78, board.height - 41};
}

Frame banner(Pen& pen, const Board& board) {
  cairo_t* const context = pen.context();
  const auto outline = [&] {
    cairo_move_to(context, 1, 1);
    cairo_line_to(context, 99, 1);
    cairo_line_to(context, 92, board.height / 2);
    cairo_line_to(context, 99, board.height - 1);
    cairo_line_to(context, 1, board.height - 1);
    cairo_line_to(context, 8, board.height / 2);
    cairo_close_path(context);
  };
  outline();
  pen.fill(board.paper);
  outline();
  pen.stroke(kInk, 1.4);
  pen.rectangle(9, 4, 82, 1);
  pen.rectangle(9, board.height - 5, 82, 1);
  pen.fill(board.ink);
  return {13, 8, 74, board.height - 16};
}

Frame label(Pen& pen, const Board& board) {
  cairo_t* const context = pen.context();
  const auto outline = [&] {
    const double corner = board.height * 0.3;
    cairo_move_to(context, corner * 0.7, 1);
    cairo_line_to(context, 99, 1);
    cairo_line_to(context, 99, board.height - 1);
    cairo_line_to(context, corner * 0.7, board.height - 1);
    cairo_line_to(context, 1, board.height - corner);
    cairo_line_to(context, 1, corner);
    cairo_close_path(context);
  };
  outline();
  pen.fill(board.paper);
  outline();
  pen.stroke(kInk, 1.6);
  pen.circle(9, board.height / 2, 3);
  pen.fill(kInk);
  return {18, 8, 74, board.height - 16};
}

/// A bare board with each letter in the middle of a square.
void draw_spaced(Pen& pen, std::string_view text, const Board& board) {
  pen.rounded(0.8, 0.8, 98.4, board.height - 1.6, 5);
  pen.fill(board.paper);
  pen.rounded(0.8, 0.8, 98.4, board.height - 1.6, 5);
  pen.stroke(kInk, 1.6);
  const double side = 100 / (static_cast<double>(longest_line(text)) + kSpacedMargin);
  const double edge = side * kSpacedMargin / 2;
  Frame frame{edge, edge, side, side};
  while (!text.empty()) {
    const std::string_view letter = text.substr(0, utf8_front(text).length);
    text.remove_prefix(letter.size());
    if (letter == "\n") {
      frame.left = edge;
      frame.top += side;
      continue;
    }
    draw_words(pen, letter, frame, {.ink = board.ink, .face = Typeface::kSansBold, .largest = 0.84 * side});
    frame.left += side;
  }
}

DrawBoard board_of(std::string_view surface) {
  if (surface == "poster") return poster;
  if (surface == "banner") return banner;
  if (surface == "label") return label;
  return board;
}

}  // namespace

void draw_sign(Pen& pen, const Sign& sign, const Frame& frame, const PanelStyle& style) {
  cairo_t* const context = pen.context();
  const Saved saved(context);
  cairo_translate(context, frame.left + frame.width / 2, frame.top + frame.height / 2);
  cairo_rotate(context, sign.place.turn * 0.017453292519943295);
  cairo_scale(context, frame.width / 100, frame.width / 100);
  const double height = 100 * frame.height / frame.width;
  cairo_translate(context, -50, -height / 2);
  const Board look{.ink = palette_tone(sign.ink), .paper = palette_tone(sign.paper), .height = height};
  if (sign.spaced) {
    draw_spaced(pen, sign.text, look);
    return;
  }
  const Frame words = board_of(sign.surface)(pen, look);
  draw_words(pen, sign.text, words, {.ink = look.ink, .face = style.face});
}

}  // namespace fusion
