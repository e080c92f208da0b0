// A formula close to zero as a polynomial with a bound of its error, found from the text by power series. Where terms cancel at small x (x - tanh(x)) or
// results stand close to ties (x/2 + x^2/8 at subnormal x), this settles in nanoseconds what would take MPFR hundreds of bits.
#pragma once

#include <span>

#include "rectify/activation/expression.h"

namespace rectify::verify {

class ZeroExpansion {
 public:
  ZeroExpansion(const activation::Expression& expression, std::span<const double> parameters, int derivative);

  /// Two numbers that enclose the value when they are rounded to at most 60 bits; false if there is no expansion or x is too far from zero.
  bool evaluate(double x, long double& low, long double& high) const noexcept;

 private:
  static constexpr int terms = 12;

  /// f(x) = sum c_k x^k for 0 < |x| <= radius on one side of zero, with the error of each coefficient; the last one is the remainder's bound.
  struct Side {
    double radius = 0;
    int first = 0;            ///< the first coefficient that is not zero
    long double leading = 0;  ///< its upper 64 bits
    bool leading_is_short = false;  ///< they are 24: a product with a float32 is exact
    long double coefficient[terms + 1] = {}, error[terms + 1] = {};
  };
  static Side expand(const activation::Expression& expression, std::span<const double> parameters, int derivative, int sign);

  Side negative_, positive_;
};

}  // namespace rectify::verify
