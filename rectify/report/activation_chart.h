// An activation as a picture: its value, slope and curvature; and the poster of all of them.
#pragma once

#include <span>
#include <string>

#include "rectify/activation/catalogue.h"
#include "rectify/report/curve.h"

namespace rectify::report {

struct ActivationCurves {
  std::string name;     ///< "leaky_relu(negative_slope=0.01)"
  std::string formula;  ///< "max(0, x) + negative_slope*min(0, x)"
  Curve value, slope, curvature;
};

/// Samples the function over the range. Corners of the value are where its slope jumps.
ActivationCurves curves_of(const activation::Function& function, Range range = {-5, 5});

/// Value, slope and curvature side by side over the range of the samples.
std::string svg(const ActivationCurves& curves, double width = 900);

/// All curves as small multiples on one scale, value and slope in each: x in [-4, 4], y in [-2, 4], so that slope 1 rises at 45 degrees.
std::string poster(std::span<const ActivationCurves> all, const std::string& title, int columns = 5);

/// The poster of the whole catalogue at the default parameters.
std::string poster_of_catalogue();

}  // namespace rectify::report
