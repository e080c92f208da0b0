#include "rectify/verify/number_format.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "rectify/verify/real.h"

namespace rectify::verify {
namespace {

double limited(const NumberFormat& format, double x) {
  return std::fabs(x) >= std::ldexp(1.0, format.largest_exponent) * 2 ? std::copysign(std::numeric_limits<double>::infinity(), x) : x;
}

}  // namespace

double round_to(const NumberFormat& format, long double x) noexcept {
  if (x == 0 || !std::isfinite(x)) return static_cast<double>(x);
  if (format == format_of<float>) return static_cast<double>(static_cast<float>(x));  // the processor's own rounding, which is this one
  const int exponent = std::ilogb(x), unit = std::max(exponent, format.smallest_exponent) - (format.precision - 1);
  if (exponent > format.largest_exponent) return std::copysign(std::numeric_limits<double>::infinity(), static_cast<double>(x > 0 ? 1 : -1));
  if (exponent < unit - 1) return std::copysign(0.0, x > 0 ? 1.0 : -1.0);
  return limited(format, static_cast<double>(std::ldexp(std::nearbyint(std::ldexp(x, -unit)), unit)));
}

double round_to(const NumberFormat& format, const Real& x) {
  if (!x.is_number() || mpfr_zero_p(x.raw()) != 0) return mpfr_get_d(x.raw(), MPFR_RNDN);
  const double sign = mpfr_signbit(x.raw()) != 0 ? -1 : 1;
  const mpfr_exp_t exponent = mpfr_get_exp(x.raw()) - 1;
  if (exponent > format.largest_exponent) return sign * std::numeric_limits<double>::infinity();
  const mpfr_exp_t unit = std::max<mpfr_exp_t>(exponent, format.smallest_exponent) - (format.precision - 1);
  if (exponent < unit - 1) return sign * 0.0;
  Real scaled;
  mpfr_set_prec(scaled.raw(), mpfr_get_prec(x.raw()));
  mpfr_mul_2si(scaled.raw(), x.raw(), -unit, MPFR_RNDN);
  mpfr_rint(scaled.raw(), scaled.raw(), MPFR_RNDN);
  return std::copysign(limited(format, std::ldexp(mpfr_get_d(scaled.raw(), MPFR_RNDN), static_cast<int>(unit))), sign);
}

long double add_to_odd(long double a, long double b) noexcept {
  const long double sum = a + b, c = sum - a, rest = (a - (sum - c)) + (b - c);
  uint64_t low_bits = 0;  // little endian: the significand's last bits come first
  std::memcpy(&low_bits, &sum, sizeof low_bits);
  if (!(rest != 0) || low_bits % 2 != 0) return sum;
  const bool away = (rest > 0) == (sum > 0);  // from zero
  if (std::numeric_limits<long double>::digits == 64 && (away || low_bits != uint64_t{1} << 63)) {  // the neighbour has the same exponent
    long double neighbour = sum;
    low_bits += away ? 1 : -1;
    std::memcpy(&neighbour, &low_bits, sizeof low_bits);
    return neighbour;
  }
  return std::nextafter(sum, rest > 0 ? std::numeric_limits<long double>::infinity() : -std::numeric_limits<long double>::infinity());
}

}  // namespace rectify::verify
