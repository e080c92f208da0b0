#include "rectify/report/curve.h"

#include <algorithm>
#include <cmath>

namespace rectify::report {
namespace {

/// Halves [low, high] towards the larger difference until no number is left between; the two ends are then neighbours.
std::pair<double, double> narrow(const std::function<double(double)>& f, double low, double high) {
  double at_low = f(low), at_high = f(high);
  for (int i = 0; i < 200; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    const double at_middle = f(middle);
    if (std::fabs(at_middle - at_low) > std::fabs(at_high - at_middle)) {
      high = middle, at_high = at_middle;
    } else {
      low = middle, at_low = at_middle;
    }
  }
  return {low, high};
}

/// The jump between two samples, if the difference does not shrink with the distance.
bool find_jump(const std::function<double(double)>& f, double low, double high, double scale, Jump& jump) {
  const double smallest = 1e-3 * scale;
  if (!(std::fabs(f(high) - f(low)) > smallest)) return false;
  const auto [below, above] = narrow(f, low, high);
  // The limits are read a little off the place, where a value by convention no longer is in the way.
  const double distance = (high - low) * 1e-4;
  jump = {.x = below, .left = f(below - distance), .right = f(above + distance), .at = 0};
  if (!(std::fabs(jump.right - jump.left) > smallest)) return false;
  // One of the two neighbours is the place itself: the one whose value is taken on one side only, and 0 rather than a subnormal.
  jump.x = std::fabs(above) < std::fabs(below) ? above : below;
  for (const double candidate : {below, above, 0.0}) {
    if (candidate < below || candidate > above) continue;
    const double rounded = std::round(candidate * 1e6) / 1e6;
    if (std::fabs(rounded - candidate) < 1e-12) jump.x = rounded;
  }
  jump.at = f(jump.x);
  return true;
}

/// Marks the points that the line between `first` and `last` cannot do without: those farther than a hair from it (Ramer 1972; Douglas and Peucker 1973).
void keep_needed(std::span<const Point> points, size_t first, size_t last, std::vector<bool>& needed) {
  constexpr double tolerance = 0.04;  // pixels
  const Point a = points[first], b = points[last];
  const double length = std::sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
  double farthest = tolerance;
  size_t split = first;
  for (size_t i = first + 1; i < last; ++i) {
    const double across = std::fabs((b.x - a.x) * (points[i].y - a.y) - (b.y - a.y) * (points[i].x - a.x));
    const double distance = length > 0 ? across / length : std::fabs(points[i].y - a.y);
    if (distance > farthest) farthest = distance, split = i;
  }
  if (split == first) return;
  needed[split] = true;
  keep_needed(points, first, split, needed);
  keep_needed(points, split, last, needed);
}

std::vector<Point> simplified(const std::vector<Point>& points) {
  for (const Point& point : points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) return points;
  }
  if (points.size() < 3) return points;
  std::vector<bool> needed(points.size());
  needed.front() = needed.back() = true;
  keep_needed(points, 0, points.size() - 1, needed);
  std::vector<Point> kept;
  for (size_t i = 0; i < points.size(); ++i) {
    if (needed[i]) kept.push_back(points[i]);
  }
  return kept;
}

}  // namespace

Curve sample(const std::function<double(double)>& f, Range range, std::span<const double> corners, int samples) {
  std::vector<double> places;
  for (int i = 0; i <= samples; ++i) places.push_back(range.low + range.width() * i / samples);
  RangeFinder seen;
  for (const double x : places) seen.add(f(x));
  const double scale = seen.range().width();
  Curve curve;
  // The grid is moved by a fraction of a step for the search, so that a jump at a round number lies between two samples.
  const double shift = 0.382 * range.width() / samples;
  for (size_t i = 0; i + 1 < places.size(); ++i) {
    if (Jump jump; find_jump(f, places[i] - shift, places[i + 1] - shift, scale, jump) && jump.x > range.low && jump.x < range.high) {
      curve.jumps.push_back(jump);
    }
  }
  for (const double corner : corners) {
    if (corner > range.low && corner < range.high) places.push_back(corner);
  }
  std::ranges::sort(places);

  curve.pieces.emplace_back();
  size_t next = 0;
  for (const double x : places) {
    for (; next < curve.jumps.size() && curve.jumps[next].x <= x; ++next) {
      const Jump& jump = curve.jumps[next];
      curve.pieces.back().push_back({jump.x, jump.left});
      curve.pieces.push_back({{jump.x, jump.right}});
    }
    if (next > 0 && curve.jumps[next - 1].x == x) continue;
    curve.pieces.back().push_back({x, f(x)});
  }
  return curve;
}

Range extent(const Curve& curve) {
  RangeFinder finder;
  for (const auto& piece : curve.pieces) {
    for (const Point& point : piece) finder.add(point.y);
  }
  for (const Jump& jump : curve.jumps) finder.add(jump.at);
  return finder.range();
}

void draw_curve(Drawing& drawing, const Frame& frame, const Curve& curve, const Stroke& stroke, bool mark_jumps) {
  for (const auto& piece : curve.pieces) {
    std::vector<Point> points;
    for (const Point& point : piece) points.push_back(frame.at(point.x, point.y));
    drawing.polyline(simplified(points), stroke);
  }
  if (!mark_jumps) return;
  const double radius = 1.3 + stroke.width;
  for (const Jump& jump : curve.jumps) {
    for (const double limit : {jump.left, jump.right}) drawing.circle(frame.at(jump.x, limit), radius, palette::paper, {stroke.colour, 0.7 * stroke.width});
    drawing.circle(frame.at(jump.x, jump.at), radius, stroke.colour);
  }
}

}  // namespace rectify::report
