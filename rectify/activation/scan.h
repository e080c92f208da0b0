// How a function of one number runs: where it is positive, negative or zero, and where it jumps. Found from values alone.
#pragma once

#include <functional>
#include <vector>

namespace rectify::activation {

/// A stretch of the real line on which a function keeps its sign (-1, 0 or 1). The first begins at -infinity, the last ends at +infinity.
struct Stretch {
  double low = 0, high = 0;
  int sign = 0;
};

/// Values of a function that are already known at the points of a grid.
struct Sampled {
  std::function<double(double)> function;
  std::vector<double> at;  ///< one per point of the grid
  double scale = 0;        ///< the largest finite magnitude for |x| <= 32
};

/// Points from -2^60 to 2^60: a 64th apart up to 32, in a geometric sequence beyond it and towards 0. Every break is replaced by its two neighbours.
std::vector<double> scanning_grid(const std::vector<double>& breaks);

/// The points beside x from which limits at x are read: far enough for a kink that is itself the result of a rounding.
double just_below(double x);
double just_above(double x);

Sampled sampled(std::function<double(double)> function, const std::vector<double>& grid);

/// Where the function jumps between two points of the grid, to the last bit.
std::vector<double> jumps(const Sampled& f, const std::vector<double>& grid);

/// The signs of the function from left to right, with the places where they change found by halving. A zero that comes from underflow counts as its
/// neighbour's sign. Places in `breaks` (which lie between points of the grid) end a stretch exactly.
std::vector<Stretch> signs(const Sampled& f, const std::vector<double>& grid, const std::vector<double>& breaks);

/// The largest |f| near the grid, found by golden sections around the best points; limits at infinity not included. Infinite if a sample is.
double largest_magnitude(const Sampled& f, const std::vector<double>& grid, const std::vector<double>& breaks);

/// The place between a and b, at which `before` holds and does not hold, where it stops to hold.
double halve(double a, double b, const std::function<bool(double)>& before);

}  // namespace rectify::activation
