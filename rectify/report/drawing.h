// Writes SVG: shapes, text and clipped areas in pixels, nothing that needs a script, a font file or another document.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/report/palette.h"

namespace rectify::report {

struct Point {
  double x = 0, y = 0;
};

struct Box {
  double left = 0, top = 0, width = 0, height = 0;
  double right() const { return left + width; }
  double bottom() const { return top + height; }
};

struct Stroke {
  Colour colour = palette::ink;
  double width = 1;
  bool dashed = false;
};

enum class Anchor { start, middle, end };

struct TextStyle {
  double size = 12;
  Colour colour = palette::ink;
  Anchor anchor = Anchor::start;
  bool bold = false;
  bool halo = false;  ///< a white outline, for text on top of lines
  bool monospaced = false;
};

/// Text for XML and HTML, inside elements and attributes: & < > " ' are escaped; bytes that are not UTF-8 and control characters that XML forbids become U+FFFD.
std::string escape(std::string_view text);

/// A number for people and for attributes: at most `places` decimals, no trailing zeros, no "-0". NaN and infinities are "nan", "inf", "-inf".
std::string decimal(double x, int places = 2);

/// The same with all decimals: "0.50".
std::string fixed(double x, int places);

/// Estimated width in pixels of one line in the sans-serif fonts of the usual systems, a little generous.
double text_width(std::string_view text, double size, bool bold = false);

/// The text broken at spaces into lines that are at most `width` wide; a word that is longer stands alone.
std::vector<std::string> wrap(std::string_view text, double size, double width, bool bold = false);

/// The text, cut and with an ellipsis if it is wider than `width`.
std::string shorten(std::string_view text, double size, double width);

class Drawing {
 public:
  /// `description` is what a screen reader says instead of the picture.
  Drawing(double width, double height, std::string_view description);

  void line(Point from, Point to, const Stroke& stroke);
  /// A line through the points; it is interrupted where a coordinate is not finite. Round joints.
  void polyline(std::span<const Point> points, const Stroke& stroke);
  /// A filled area inside the points; points that are not finite are left out.
  void polygon(std::span<const Point> points, Colour fill, double opacity = 1);
  void rectangle(const Box& box, Colour fill, double opacity = 1);
  void frame(const Box& box, const Stroke& stroke);
  void circle(Point centre, double radius, Colour fill, const Stroke& stroke = {palette::paper, 0});
  void text(Point at, std::string_view text, const TextStyle& style = {});
  /// A PNG as a data URI, stretched over the box; with or without smoothing between its pixels.
  void image(const Box& box, std::string_view data_uri, bool smooth);

  /// Text that appears where a pointer rests on the box; what is drawn there stays visible.
  void tooltip(const Box& box, std::string_view text);

  /// What follows is cut off at the box, until end_clip().
  void begin_clip(const Box& box);
  void end_clip();

  /// A title in bold and a subtitle, both wrapped to the width; returns the y below them.
  double heading(std::string_view title, std::string_view subtitle, double width);

  /// The document. `height` replaces the one given at first, for pictures that find out while they are drawn.
  std::string finish(double height) const;
  std::string finish() const { return finish(height_); }

 private:
  double width_, height_;
  std::string description_, body_;
};

}  // namespace rectify::report
