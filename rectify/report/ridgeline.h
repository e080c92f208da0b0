// Histograms of one quantity at several moments, one ridge each, the earliest at the back: how a distribution moves while a network trains.
#pragma once

#include <string>
#include <vector>

#include "rectify/observe/run_log.h"
#include "rectify/report/axis.h"

namespace rectify::report {

struct Ridge {
  std::string label;  ///< "epoch 3"
  observe::Histogram histogram;
};

struct Ridgeline {
  std::string title, subtitle;
  std::string x_label;
  std::vector<Ridge> ridges;  ///< in the order of time; of many, at most `most_ridges` are drawn, the first and the last among them
  Colour colour = palette::blue;
  double width = 380;
  int most_ridges = 12;
};

/// The height of a ridge is the square root of the density, so that thin tails can be seen beside a peak (as in Tukey's rootogram), on one scale for
/// all ridges; a peak of a few bins is cut where it would flatten the rest. The axis spans all but the outermost thousandth of each histogram.
/// Mean and standard deviation stand on the right.
std::string svg(const Ridgeline& chart);

/// Indices of at most `most` of `count` moments, evenly spread, the first and the last included.
std::vector<size_t> choose_evenly(size_t count, size_t most);

}  // namespace rectify::report
