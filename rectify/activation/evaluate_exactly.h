// The slow path of exact results: an activation's own definition in numbers of about 100 bits. What is rounded from it is rounded correctly.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "rectify/activation/catalogue.h"

namespace rectify::activation {

/// high + low, unevaluated: high is the nearest float64, |low| <= ulp(high)/2.
struct Exactly {
  double high, low;
};

/// f, f' or f'' of a finite x whose float32 rounding is in doubt: relative error about 2^-95 unless terms cancel, also where the result is far below float32's
/// range. Terms too small for 100 bits are kept where they decide a tie: the sigmoid of 2^-149 is 1/2 + 2^-151. A result below 2^-900 is any number of its sign
/// there, one beyond float64's range infinity. The derivative is by x only, at a kink the catalogue's own. 0.2 to 2.5 microseconds.
Exactly evaluate_exactly(const Function& function, double x, Derivative derivative) noexcept;

/// y times a number, as exactly as y is. A zero keeps its sign; what is not finite has no low part.
inline Exactly product(Exactly y, double factor) noexcept {
  const double high = y.high * factor;
  if (high == 0 || !std::isfinite(high)) return {high, 0};
  const double low = std::fma(y.high, factor, -high) + y.low * factor, sum = high + low;
  return {sum, low - (sum - high)};
}

/// The float or double nearest to y, ties to even: rounded once, subnormal results too.
template <class T>
T round_exactly(Exactly y) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>);
  if constexpr (std::is_same_v<T, float>) {
    // Rounded to odd, the float64 is a tie of float32 only if y is.
    if (y.low == 0 || !(std::fabs(y.low) <= std::fabs(y.high))) return static_cast<float>(y.high);
    const uint64_t towards_zero = std::signbit(y.high) != std::signbit(y.low) ? 1 : 0;
    return static_cast<float>(std::bit_cast<double>((std::bit_cast<uint64_t>(y.high) - towards_zero) | 1));
  } else {
    return y.high;
  }
}

}  // namespace rectify::activation
