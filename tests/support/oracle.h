// The oracle: evaluates the text of a formula to any precision until its rounding is certain. It shares no code with the library's kernels;
// of the library it knows Spec, which is the text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rectify/activation/catalogue.h"
#include "rectify/activation/expression.h"

namespace rectify::test {

/// The formula of an activation, differentiated `order` times by x (0, 1 or 2): by Spec's own text where it has one (kinks), else by Taylor arithmetic.
class Oracle {
 public:
  Oracle(const activation::Function& function, int order);
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  /// The correctly rounded result (T is float or double) for finite x. A first attempt in long double with an error bound, then MPFR with growing precision.
  /// The sign of a zero is certain unless the value itself is exactly 0 or underflows beyond every precision; see last_zero_is_open().
  template <class T>
  T rounded(double x) const;

  /// True if the last result of this thread was a zero whose sign the mathematics leaves open.
  static bool last_zero_is_open();

  /// |y - f(x)| in units of the last place of T at f(x).
  template <class T>
  double error_in_ulps(double x, T y) const;

  /// The value to about 100 bits, as a long double.
  long double value(double x) const;

  /// How often this thread had to ask MPFR.
  static long& mpfr_count();

 private:
  activation::ExpressionPointer expression_;
  std::vector<std::string> names_;
  std::vector<double> parameters_;
  int derivative_ = 0;
};

}  // namespace rectify::test
