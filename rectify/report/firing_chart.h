// How often each unit of a layer is above 0: at the end as a sorted curve, over time as a strip of colours below it.
#pragma once

#include <string>
#include <vector>

#include "rectify/report/axis.h"

namespace rectify::report {

struct FiringMoment {
  std::string label;
  std::vector<float> rates;  ///< per unit, in [0, 1]; every moment has the same units
};

struct FiringChart {
  std::string title, subtitle;
  std::vector<FiringMoment> moments;  ///< in the order of time; of many, at most `most_rows` are drawn
  Colour colour = palette::green;
  double width = 380;
  int most_rows = 12;
};

/// Units stand in the order of their last rate, highest first, in the curve and in every row of the strip.
/// Throws ArgumentError if the moments differ in their number of units.
std::string svg(const FiringChart& chart);

struct FiringSummary {
  int64_t units = 0, never = 0, always = 0;  ///< rate 0, rate 1
  double mean = 0;
};

/// Counts over the finite rates.
FiringSummary summarise(const std::vector<float>& rates);

/// "7 of 256 units (2.7 %) never fire" and its like: the sentence to put above the picture.
std::string describe(const FiringSummary& summary);

}  // namespace rectify::report
