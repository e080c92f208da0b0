// A function of one variable as pieces that can be drawn: not connected across its jumps.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "rectify/report/axis.h"

namespace rectify::report {

/// Where a function jumps: its limits from both sides and what it is exactly there by convention.
struct Jump {
  double x = 0, left = 0, right = 0, at = 0;
};

struct Curve {
  std::vector<std::vector<Point>> pieces;  ///< between jumps, in the order of x
  std::vector<Jump> jumps;
};

/// Samples f at `samples` even steps over the range. Between two samples that differ by more than a smooth function would, the place of a jump is
/// found by halving to the last bit; a place where f alone differs from both limits counts as well. `corners` become points of the curve:
/// the kinks of f, if it is continuous there.
Curve sample(const std::function<double(double)>& f, Range range, std::span<const double> corners = {}, int samples = 600);

/// The lowest and the highest finite value of the curve.
Range extent(const Curve& curve);

/// Draws the pieces, and at each jump an open ring at the limits and a dot at the value that the function has there.
void draw_curve(Drawing& drawing, const Frame& frame, const Curve& curve, const Stroke& stroke, bool mark_jumps = true);

}  // namespace rectify::report
