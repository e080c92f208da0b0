// The oracle: what a formula's text is, rounded correctly. It shares nothing with the library's kernels; of an activation it knows Spec, which is text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rectify/activation/catalogue.h"
#include "rectify/activation/expression.h"
#include "rectify/verify/filter.h"
#include "rectify/verify/number_format.h"
#include "rectify/verify/zero_expansion.h"

namespace rectify::verify {

/// What is known of the sign of a result that is zero.
enum class ZeroSign : uint8_t {
  certain,   ///< the value is small but not zero, or the result is not zero
  open,      ///< the value is exactly zero
  underflow  ///< the value is so small that not even its sign was found: it is that of the limit
};

/// A correctly rounded result; `asked_mpfr` says that only MPFR could tell.
struct Rounded {
  double value = 0;
  ZeroSign zero = ZeroSign::certain;
  bool asked_mpfr = false;
};

/// A formula or its derivative by x (1 or 2): by Spec's own text where it has one (kinks), else by power series.
class Oracle {
 public:
  Oracle(const activation::Function& function, int derivative);
  Oracle(activation::ExpressionPointer formula, std::vector<double> parameters, int derivative);

  /// The correctly rounded result for finite x: by the expansion at zero, by long double with an error bound, or by MPFR with growing precision.
  /// Throws ArgumentError if 16384 bits do not settle it.
  Rounded rounded(double x, const NumberFormat& format) const;
  template <class T>
  T rounded(double x) const {
    return static_cast<T>(rounded(x, format_of<T>).value);
  }

  /// The blocks that settle nearly everything, for float32.
  const Filter& filter() const { return filter_; }

  /// |y - f(x)| in units of the last place of the format at f(x).
  double error_in_ulps(double x, double y, const NumberFormat& format) const;
  template <class T>
  double error_in_ulps(double x, T y) const {
    return error_in_ulps(x, static_cast<double>(y), format_of<T>);
  }

  /// How far f(x) is from the nearest tie of the format, relative to f(x); 0 for an exact tie.
  double distance_from_tie(double x, const NumberFormat& format) const;

  /// The value to about 100 bits, as a long double.
  long double value(double x) const;

 private:
  struct Chosen {
    activation::ExpressionPointer expression;
    std::vector<double> parameters;
    int derivative;
  };
  static Chosen choose(const activation::Function& function, int derivative);
  explicit Oracle(Chosen chosen);

  activation::ExpressionPointer expression_;
  std::vector<double> parameters_;
  int derivative_;
  Filter filter_;
  ZeroExpansion expansion_;
};

}  // namespace rectify::verify
