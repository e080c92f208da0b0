// The number types as the oracle sees them, and rounding to them once.
#pragma once

#include <limits>

#include "rectify/base/float16.h"

namespace rectify::verify {

class Real;

/// A binary floating-point type: bits of the significand, exponents of the smallest and the largest normal number.
struct NumberFormat {
  int precision, smallest_exponent, largest_exponent;
  bool operator==(const NumberFormat&) const = default;
};

template <class T>
inline constexpr NumberFormat format_of{std::numeric_limits<T>::digits, std::numeric_limits<T>::min_exponent - 1, std::numeric_limits<T>::max_exponent - 1};
template <int exponent_bits>
inline constexpr NumberFormat format_of<Sixteen<exponent_bits>>{Sixteen<exponent_bits>::mantissa_bits + 1, 1 - Sixteen<exponent_bits>::bias, Sixteen<exponent_bits>::bias};

/// The nearest number of the format, ties to even, subnormal results rounded once, infinity beyond its range.
double round_to(const NumberFormat& format, long double x) noexcept;
double round_to(const NumberFormat& format, const Real& x);

/// a + b rounded to odd: rounding the result to fewer bits is then as good as rounding the sum.
long double add_to_odd(long double a, long double b) noexcept;

}  // namespace rectify::verify
