// Lines over a common axis: loss and accuracy by epoch, one line per run or per part of the data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rectify/report/axis.h"

namespace rectify::report {

/// Points in the order of x. Where y is not finite the line is interrupted.
struct Series {
  std::string label;  ///< written at the end of the line in its colour; may be empty
  std::vector<double> x, y;
  Colour colour = palette::blue;
  bool dashed = false;
};

struct LineChart {
  std::string title, subtitle;
  std::string x_label;
  std::vector<Series> series;
  bool whole_x = true;               ///< ticks of x at whole numbers only
  bool percent = false;              ///< y is a share, shown as percent
  std::optional<Range> y = {};       ///< otherwise what the series need
  std::vector<std::pair<std::string, bool>> strokes = {};  ///< a key for the kinds of line: text, dashed
  double width = 560, height = 330;
};

/// Throws ArgumentError if x and y of a series differ in size.
std::string svg(const LineChart& chart);

}  // namespace rectify::report
