// Angles reduced exactly, against MPFR.
#include "rectify/activation/reduction.h"

#include <gtest/gtest.h>
#include <mpfr.h>

#include <bit>
#include <cmath>
#include <cstdint>

#include "rectify/base/random.h"
#include "rectify/verify/real.h"

namespace rectify::activation {
namespace {

using verify::Real;

/// log2 of the relative error of the reduced angle of a*x, or 0 if the quadrant is wrong.
double error_bits(double a, double x) {
  verify::real_precision = 4600;
  Real pi, whole;
  mpfr_const_pi(pi.raw(), MPFR_RNDN);
  const Real quarter = pi / Real(2.0L), turns = Real(a) * Real(x) / quarter;
  mpfr_rint(whole.raw(), turns.raw(), MPFR_RNDN);
  const Real expected = (turns - whole) * quarter;
  Real modulo;
  mpfr_fmod(modulo.raw(), whole.raw(), Real(4.0L).raw(), MPFR_RNDN);
  const ReducedAngle reduced = reduced_angle(a, x);
  const long quadrant = (mpfr_get_si(modulo.raw(), MPFR_RNDN) + 4) & 3;
  if (quadrant != ((static_cast<long>(reduced.quadrant) + 4) & 3)) return 0;
  const Real error = Real::apply(mpfr_abs, (Real(reduced.high) + Real(reduced.low) - expected) / expected);
  return mpfr_zero_p(error.raw()) != 0 ? -1000 : static_cast<double>(mpfr_get_exp(error.raw()));
}

TEST(Reduction, of_products_of_every_size_keeps_a_hundred_bits) {
  for (uint64_t i = 0; i < 20000; ++i) {
    const auto bits = random_bits({.seed = 9}, i);
    const double m = 1 + std::ldexp(bits[0], -32), n = 1 + std::ldexp(bits[1], -32) + std::ldexp(bits[2], -52);
    const int e = static_cast<int>(bits[3] % 1023), f = static_cast<int>((bits[3] >> 10) % 1023);
    const double a = i % 3 == 0 ? 1.0 : std::ldexp(m, f) * (i % 2 == 0 ? 1 : -1), x = std::ldexp(n, e) * ((bits[3] >> 20) % 2 == 0 ? 1 : -1);
    ASSERT_LT(error_bits(a, x), -99) << a << " * " << x;
  }
}

TEST(Reduction, beside_the_worst_multiple_of_a_quarter_turn) {
  // The float64 and the float32 that come nearest to a multiple of pi/2.
  EXPECT_LT(error_bits(1, 0x1.6ac5b262ca1ffp849), -99);
  EXPECT_LT(error_bits(1, 0x1.ddbf1ap107), -99);
  EXPECT_LT(error_bits(30, 0x1.921fb54442d18p0), -99);
  EXPECT_LT(error_bits(-0x1p-1000, 0x1p1001), -99);
  EXPECT_LT(error_bits(0.5, 1), -99);
}

TEST(Reduction, changes_sign_with_its_argument) {
  for (double x = 0.75; x < 1e300; x *= 1.7) {
    const ReducedAngle right = reduced_angle(1, x), left = reduced_angle(1, -x);
    EXPECT_EQ(left.high, -right.high);
    EXPECT_EQ(left.low, -right.low);
    EXPECT_EQ(left.quadrant, right.quadrant == 2 ? 2 : -right.quadrant);
  }
}

}  // namespace
}  // namespace rectify::activation
