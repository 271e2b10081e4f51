#pragma once
// A drawing surface: lines, markers and text, to PNG or SVG. Cairo and Pango without their pointers.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace fusion {

struct Color {
  double red = 0;  ///< 0 to 1, as the others
  double green = 0;
  double blue = 0;
  double alpha = 1;

  Color with_alpha(double value) const { return {red, green, blue, value}; }
};

/// In units of the canvas, from its left upper corner.
struct Position {
  double x = 0;
  double y = 0;
};
struct Rectangle {
  double left = 0;
  double top = 0;
  double width = 0;
  double height = 0;

  double right() const { return left + width; }
  double bottom() const { return top + height; }
};

struct Stroke {
  Color color = {};
  double width = 1;
  std::vector<double> dashes = {};  ///< lengths of line and gap in turn; empty: no gaps
};

/// Where of a text its position is.
enum class Anchor { kLeft, kCenter, kRight };

struct TextStyle {
  double size = 10;  ///< height of the font in units
  Color color = {};
  bool bold = false;
  Anchor anchor = Anchor::kLeft;
  bool upwards = false;  ///< turned by a quarter to the left
};

enum class PictureFormat { kPng, kSvg };

/// `text` safe inside Pango markup; broken UTF-8 is replaced.
std::string escape_markup(const std::string& text);

class Canvas {
 public:
  /// \param scale  pixels a unit. The canvas is filled with white.
  /// Throws Error where there is no memory for it.
  Canvas(PictureFormat format, int pixel_width, int pixel_height, double scale);
  ~Canvas();

  void fill(const Rectangle& area, Color color);
  void outline(const Rectangle& area, const Stroke& stroke);
  /// A point that is not finite interrupts the line.
  void line(std::span<const Position> points, const Stroke& stroke);
  /// A disc with a white rim.
  void disc(Position center, double radius, Color color);
  /// Whatever `draw` draws outside of `area` does not show.
  void clipped(const Rectangle& area, const std::function<void()>& draw);

  /// The text's position is at its anchor, half of its height above and half below (left and right if upwards).
  void text(Position position, const std::string& markup, const TextStyle& style);
  double text_width(const std::string& markup, const TextStyle& style);

  /// The bytes of the file; nothing can be drawn after it. Throws Error where Cairo met one.
  std::string finish();

 private:
  struct Surface;
  std::unique_ptr<Surface> surface_;
};

}  // namespace fusion
