// From numbers to places on paper: ranges, ticks at round numbers, and the frame that a chart is drawn in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rectify/report/drawing.h"

namespace rectify::report {

struct Range {
  double low = 0, high = 1;
  double width() const { return high - low; }
};

/// Grows from the finite numbers it is shown.
class RangeFinder {
 public:
  void add(double x);
  bool empty() const { return low_ > high_; }
  /// What was seen, widened on both sides by `margin` of its width; around a single number and for nothing at all, a range of some width.
  Range range(double margin = 0) const;

 private:
  double low_ = 1, high_ = 0;
};

struct Ticks {
  std::vector<double> values;
  std::vector<std::string> labels;  ///< all with the same number of decimals; as 2×10⁻⁵ where plain decimals would be long
};

/// Round numbers inside the range: multiples of 1, 2 or 5 times a power of ten, about `wanted` of them, at least one. `whole`: multiples of 1 at the finest.
Ticks nice_ticks(Range range, int wanted, bool whole = false);

/// Shares as percent: 0.5 is "50 %".
Ticks percent_ticks(Range range, int wanted);

/// For an axis of logarithms to base 10: about `wanted` whole exponents inside the range, at least one if there is any; −3 is "10⁻³".
Ticks power_ticks(Range exponents, int wanted);

/// A number in running text and tables: `digits` significant ones, as 1.2×10⁻⁵ where plain decimals would be long.
std::string readable(double x, int digits = 3);

/// A share in running text and tables: "88.2 %".
std::string percent(double share);

/// The rectangle of a chart and the numbers at its edges.
struct Frame {
  Box box;
  Range x, y;

  double at_x(double value) const { return box.left + (value - x.low) / x.width() * box.width; }
  double at_y(double value) const { return box.bottom() - (value - y.low) / y.width() * box.height; }
  Point at(double value_x, double value_y) const { return {at_x(value_x), at_y(value_y)}; }

  /// The base line with ticks, their numbers below, and the axis' name under them on the right.
  void draw_x_axis(Drawing& drawing, const Ticks& ticks, std::string_view label) const;
  /// Light lines across with their numbers on the left.
  void draw_y_axis(Drawing& drawing, const Ticks& ticks) const;
};

/// Space that the numbers of a y axis need on the left of the frame.
double label_width(const Ticks& ticks);

/// Space that the last number of an x axis needs on the right of the frame.
double end_width(const Ticks& ticks);

inline constexpr double x_axis_height = 38;  ///< space that draw_x_axis() needs below the frame
inline constexpr double tick_size = 11.5;    ///< size of the numbers at the axes

}  // namespace rectify::report
