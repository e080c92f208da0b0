// What a network answers everywhere in the plane, and the samples it learned from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rectify/report/axis.h"

namespace rectify::report {

struct LabelledPoint {
  double x = 0, y = 0;
  int64_t label = 0;
  bool test = false;
};

/// Answers on an even grid: row 0 is at y.low, column 0 at x.low, the outermost samples at the edges.
struct DecisionRegions {
  Range x, y;
  int columns = 0, rows = 0;
  std::vector<int32_t> predicted;    ///< class, rows x columns, row by row
  std::vector<float> probability;    ///< of that class; the shade of its colour
  std::vector<LabelledPoint> points;
  std::vector<std::string> class_names;
  std::string x_name, y_name;
};

/// Throws ArgumentError if the grid is empty or not filled.
std::string svg(const DecisionRegions& regions, const std::string& title, const std::string& subtitle = "", double width = 560);

}  // namespace rectify::report
