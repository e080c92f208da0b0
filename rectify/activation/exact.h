// A term evaluated to the last bit: intervals of growing precision until the rounding is certain. Slow (some ten microseconds), and right for every input.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "rectify/activation/terms.h"

namespace rectify::activation {

/// A number as the nearest float64 and what is missing there, itself rounded; `exact` where nothing is.
struct Nearest {
  double value = 0, low = 0;
  bool exact = false;
};

/// A function prepared for exact evaluation.
class Exact {
 public:
  /// As Terms::extract gives it.
  explicit Exact(std::vector<TermNode> nodes) : nodes_(std::move(nodes)) {}

  /// factor * f(x) rounded once to T (float or double), for these values of the parameters. At an infinity it is the limit, or NaN where there is none that can be
  /// seen far out. A zero has the sign of the values beside it; where they are zero, too, it is +0, or of an odd function x's. NaN outside the domain and for NaN.
  template <class T>
  T evaluate(double x, std::span<const double> parameters, double factor = 1) const;

  /// f(-x) = -f(x), as far as a few places show, for these and other values of the parameters; and not 0 alone.
  bool seems_odd(std::span<const double> parameters) const;
  void set_odd(bool odd) { odd_ = odd; }

  /// f(x) for finite x: the nearest float64 and the rest, about 100 bits. A zero and what lies outside float64's range have no rest.
  Nearest nearest(double x, std::span<const double> parameters) const;

 private:
  std::vector<TermNode> nodes_;
  bool odd_ = false;  ///< its zeros have the sign of x
};

}  // namespace rectify::activation
