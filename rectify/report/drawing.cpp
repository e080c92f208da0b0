#include "rectify/report/drawing.h"

#include <algorithm>
#include <cmath>

namespace rectify::report {
namespace {

constexpr std::string_view font = "-apple-system,&quot;Segoe UI&quot;,&quot;Helvetica Neue&quot;,Arial,&quot;Liberation Sans&quot;,sans-serif";
constexpr std::string_view monospaced_font = "ui-monospace,Menlo,Consolas,&quot;Liberation Mono&quot;,monospace";

bool finite(Point point) { return std::isfinite(point.x) && std::isfinite(point.y); }

/// Far outside of any picture the place does not matter, but viewers draw wrongly with huge numbers.
std::string coordinate(double x) { return decimal(std::clamp(x, -1e5, 1e5), 2); }

std::string attribute(std::string_view name, double value) { return " " + std::string(name) + "=\"" + coordinate(value) + "\""; }
std::string attribute(std::string_view name, std::string_view value) { return " " + std::string(name) + "=\"" + std::string(value) + "\""; }

std::string attributes(const Stroke& stroke) {
  if (stroke.width <= 0) return "";
  std::string text = attribute("stroke", to_string(stroke.colour)) + attribute("stroke-width", stroke.width);
  if (stroke.dashed) text += attribute("stroke-dasharray", decimal(3 * stroke.width) + " " + decimal(2 * stroke.width));
  return text;
}

std::string attributes(const Box& box) {
  return attribute("x", box.left) + attribute("y", box.top) + attribute("width", box.width) + attribute("height", box.height);
}

bool finite(const Box& box) { return std::isfinite(box.left + box.top + box.width + box.height) && box.width >= 0 && box.height >= 0; }

}  // namespace

Drawing::Drawing(double width, double height, std::string_view description) : width_(width), height_(height), description_(description) {}

void Drawing::line(Point from, Point to, const Stroke& stroke) {
  if (!finite(from) || !finite(to)) return;
  body_ += "<line" + attribute("x1", from.x) + attribute("y1", from.y) + attribute("x2", to.x) + attribute("y2", to.y) + attributes(stroke) + "/>\n";
}

void Drawing::polyline(std::span<const Point> points, const Stroke& stroke) {
  std::string path;
  bool pen_down = false;
  for (const Point& point : points) {
    if (!finite(point)) {
      pen_down = false;
      continue;
    }
    path += (pen_down ? "L" : "M") + coordinate(point.x) + " " + coordinate(point.y);
    pen_down = true;
  }
  if (path.empty()) return;
  body_ += "<path" + attribute("d", path) + " fill=\"none\"" + attributes(stroke) + " stroke-linejoin=\"round\"" +
           (stroke.dashed ? "" : " stroke-linecap=\"round\"") + "/>\n";
}

void Drawing::polygon(std::span<const Point> points, Colour fill, double opacity) {
  std::string path;
  for (const Point& point : points) {
    if (finite(point)) path += (path.empty() ? "M" : "L") + coordinate(point.x) + " " + coordinate(point.y);
  }
  if (path.empty()) return;
  body_ += "<path" + attribute("d", path + "Z") + attribute("fill", to_string(fill)) + (opacity < 1 ? attribute("fill-opacity", opacity) : "") + "/>\n";
}

void Drawing::rectangle(const Box& box, Colour fill, double opacity) {
  if (!finite(box)) return;
  body_ += "<rect" + attributes(box) + attribute("fill", to_string(fill)) + (opacity < 1 ? attribute("fill-opacity", opacity) : "") + "/>\n";
}

void Drawing::frame(const Box& box, const Stroke& stroke) {
  if (finite(box)) body_ += "<rect" + attributes(box) + " fill=\"none\"" + attributes(stroke) + "/>\n";
}

void Drawing::circle(Point centre, double radius, Colour fill, const Stroke& stroke) {
  if (!finite(centre)) return;
  body_ += "<circle" + attribute("cx", centre.x) + attribute("cy", centre.y) + attribute("r", radius) + attribute("fill", to_string(fill)) +
           attributes(stroke) + "/>\n";
}

void Drawing::text(Point at, std::string_view text, const TextStyle& style) {
  if (!finite(at) || text.empty()) return;
  body_ += "<text" + attribute("x", at.x) + attribute("y", at.y) + attribute("font-size", style.size) + attribute("fill", to_string(style.colour));
  if (style.anchor != Anchor::start) body_ += attribute("text-anchor", style.anchor == Anchor::middle ? "middle" : "end");
  if (style.bold) body_ += attribute("font-weight", "600");
  if (style.monospaced) body_ += attribute("font-family", monospaced_font);
  if (style.halo) body_ += " stroke=\"#ffffff\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"";
  body_ += ">" + escape(text) + "</text>\n";
}

void Drawing::image(const Box& box, std::string_view data_uri, bool smooth) {
  if (!finite(box)) return;
  body_ += "<image" + attributes(box) + " preserveAspectRatio=\"none\"" + (smooth ? "" : " style=\"image-rendering:pixelated\"") +
           attribute("href", escape(data_uri)) + "/>\n";
}

void Drawing::tooltip(const Box& box, std::string_view text) {
  if (finite(box)) body_ += "<rect" + attributes(box) + " fill=\"none\" pointer-events=\"all\"><title>" + escape(text) + "</title></rect>\n";
}

// A nested <svg> clips without an id: ids of several pictures would meet in one page.
void Drawing::begin_clip(const Box& box) {
  body_ += "<svg" + attributes(box) +
           attribute("viewBox", coordinate(box.left) + " " + coordinate(box.top) + " " + coordinate(box.width) + " " + coordinate(box.height)) + ">\n";
}

void Drawing::end_clip() { body_ += "</svg>\n"; }

double Drawing::heading(std::string_view title, std::string_view subtitle, double width) {
  double y = 4;
  for (const std::string& one : wrap(title, 15, width, true)) text({0, y += 16}, one, {.size = 15, .bold = true}), y += 3;
  for (const std::string& one : wrap(subtitle, 12, width)) text({0, y += 14}, one, {.size = 12, .colour = palette::muted}), y += 2;
  return y + 6;
}

std::string Drawing::finish(double height) const {
  const std::string size = attribute("width", width_) + attribute("height", height) + attribute("viewBox", "0 0 " + decimal(width_) + " " + decimal(height));
  return "<svg xmlns=\"http://www.w3.org/2000/svg\"" + size + " role=\"img\"" + attribute("aria-label", escape(description_)) +
         attribute("font-family", font) + ">\n" + body_ + "</svg>\n";
}

}  // namespace rectify::report
