// The scalar functions against MPFR, and their edges.
#include "rectify/activation/elementary.h"

#include <gtest/gtest.h>
#include <mpfr.h>

#include <bit>
#include <cmath>
#include <limits>

#include "rectify/base/random.h"
#include "rectify/verify/real.h"

namespace rectify::elementary {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// The largest error in units of the last place over `count` arguments from [low, high], half of them spread over the exponents.
template <class Exact>
double worst(double (*function)(double), Exact exact, double low, double high, int count = 20000) {
  double result = 0;
  verify::real_precision = 160;
  for (int i = 0; i < count; ++i) {
    const double u = random_uniform({.seed = 5}, static_cast<uint64_t>(i));
    double x = low + (high - low) * u;
    if (i % 2 == 1) x = std::copysign(std::ldexp(1 + u, -static_cast<int>(i / 2 % 60)), i % 4 == 1 ? low : high);
    if (x < low || x > high) continue;
    const verify::Real truth = verify::Real::apply(exact, verify::Real(static_cast<long double>(x)));
    const double nearest = std::fabs(mpfr_get_d(truth.raw(), MPFR_RNDN));
    const verify::Real difference = verify::Real(static_cast<long double>(function(x))) - truth;
    const int exponent = std::ilogb(std::fmax(nearest, 0x1p-1022));
    result = std::fmax(result, static_cast<double>(std::ldexp(std::fabs(mpfr_get_ld(difference.raw(), MPFR_RNDN)), 52 - exponent)));
  }
  return result;
}

TEST(Elementary, exponentials_and_logarithms_are_within_a_unit) {
  EXPECT_LT(worst(exp, mpfr_exp, -745, 709.7), 1);
  EXPECT_LT(worst(expm1, mpfr_expm1, -50, 709.7), 1);
  EXPECT_LT(worst(expm1, mpfr_expm1, -1, 1), 1);
  EXPECT_LT(worst(log, mpfr_log, 1e-300, 10), 1);
  EXPECT_LT(worst(log, mpfr_log, 0.5, 2), 1);
  EXPECT_LT(worst(log1p, mpfr_log1p, -0.999, 10), 1);
  EXPECT_LT(worst(log1p, mpfr_log1p, -0.5, 1e6), 1);
}

TEST(Elementary, hyperbolic_tangent_and_error_functions) {
  EXPECT_LT(worst(tanh, mpfr_tanh, -20, 20), 1);
  EXPECT_LT(worst(erf, mpfr_erf, -6, 6), 2);
  EXPECT_LT(worst(erfc, mpfr_erfc, -6, 26), 3);
}

TEST(Elementary, sine_and_cosine_are_within_a_unit_to_two_to_the_twenty) {
  EXPECT_LT(worst(sin, mpfr_sin, -10, 10), 1);
  EXPECT_LT(worst(cos, mpfr_cos, -10, 10), 1);
  EXPECT_LT(worst(sin, mpfr_sin, -0x1p20, 0x1p20), 1);
  EXPECT_LT(worst(cos, mpfr_cos, -0x1p20, 0x1p20), 1);
}

TEST(Elementary, edges_are_those_of_the_c_library) {
  EXPECT_EQ(exp(-infinity), 0);
  EXPECT_EQ(exp(infinity), infinity);
  EXPECT_EQ(exp(0), 1);
  EXPECT_EQ(exp(710), infinity);
  EXPECT_EQ(exp(-746), 0);
  EXPECT_EQ(exp(-745), 0x1p-1074);
  EXPECT_EQ(expm1(-infinity), -1);
  EXPECT_EQ(expm1(infinity), infinity);
  EXPECT_TRUE(std::signbit(expm1(-0.0)));
  EXPECT_EQ(expm1(709.75), std::expm1(709.75));
  EXPECT_EQ(log(0), -infinity);
  EXPECT_EQ(log(infinity), infinity);
  EXPECT_EQ(log(1), 0);
  EXPECT_TRUE(std::isnan(log(-1)));
  EXPECT_NEAR(log(0x1p-1074), -744.4400719213812, 1e-12);
  EXPECT_EQ(log1p(-1), -infinity);
  EXPECT_EQ(log1p(infinity), infinity);
  EXPECT_TRUE(std::isnan(log1p(-1.5)));
  EXPECT_TRUE(std::signbit(log1p(-0.0)));
  EXPECT_EQ(tanh(infinity), 1);
  EXPECT_EQ(tanh(-infinity), -1);
  EXPECT_TRUE(std::signbit(tanh(-0.0)));
  EXPECT_EQ(erf(infinity), 1);
  EXPECT_EQ(erf(-infinity), -1);
  EXPECT_TRUE(std::signbit(erf(-0.0)));
  EXPECT_EQ(erfc(infinity), 0);
  EXPECT_EQ(erfc(-infinity), 2);
  EXPECT_EQ(erfc(0), 1);
  EXPECT_TRUE(std::signbit(sin(-0.0)));
  EXPECT_EQ(cos(0), 1);
  EXPECT_TRUE(std::isnan(sin(infinity)));
  EXPECT_TRUE(std::isnan(cos(0x1p41)));
  for (auto function : {exp, expm1, log, log1p, tanh, erf, erfc, sin, cos}) EXPECT_TRUE(std::isnan(function(not_a_number)));
}

TEST(Elementary, powers_are_repeated_squares) {
  EXPECT_EQ(pow(3, 0), 1);
  EXPECT_EQ(pow(3, 5), 243);
  EXPECT_EQ(pow(2, -3), 0.125);
  EXPECT_EQ(pow(-2, 3), -8);
  EXPECT_NEAR(pow(0.999, 1000), 0.36769542477096373, 1e-14);
  EXPECT_EQ(pow(0.5, std::numeric_limits<int64_t>::min()), infinity);
}

TEST(Elementary, normal_numbers_have_the_moments_and_tails_of_the_normal_distribution) {
  const RandomKey key{.seed = 11, .purpose = Purpose::test, .ordinal = 0};
  constexpr int count = 200000;
  double sum = 0, squares = 0, fourth = 0, neighbours = 0, beyond = 0, before = 0;
  for (int i = 0; i < count; ++i) {
    const double z = random_normal(key, static_cast<uint64_t>(i));
    ASSERT_TRUE(std::isfinite(z));
    sum += z;
    squares += z * z;
    fourth += z * z * z * z;
    neighbours += z * before;
    beyond += std::fabs(z) > 1.959963984540054 ? 1 : 0;
    before = z;
  }
  EXPECT_NEAR(sum / count, 0, 5 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 1, 5 * std::sqrt(2.0 / count));
  EXPECT_NEAR(fourth / count, 3, 5 * std::sqrt(96.0 / count));
  EXPECT_NEAR(neighbours / count, 0, 5 / std::sqrt(count));
  EXPECT_NEAR(beyond / count, 0.05, 5 * std::sqrt(0.05 * 0.95 / count));
  EXPECT_NE(random_normal(key, 0), random_normal({.seed = 12}, 0));
}

}  // namespace
}  // namespace rectify::elementary
