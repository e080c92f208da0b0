#include "rectify/kernel/rational.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "rectify/activation/units.h"
#include "tests/kernel/kernel_support.h"
#include "rectify/verify/real.h"

namespace rectify::kernel {
namespace {

using verify::Real;

template <class T>
class RationalKernel : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(RationalKernel, Types);

RationalCoefficients initial() {
  RationalCoefficients c{.m = 5, .n = 4};
  std::copy(activation::rational_numerator.begin(), activation::rational_numerator.end(), c.p);
  std::copy(activation::rational_denominator.begin(), activation::rational_denominator.end(), c.q);
  return c;
}

/// Both signs, other degrees.
RationalCoefficients other() { return {.m = 2, .n = 3, .p = {0.5, -1.25, 2}, .q = {0.75, 0, 1.5}}; }

/// P/Q, the size of P's largest term over Q, and its derivatives by the textbook.
struct Truth {
  Real value, slope, by_p, by_q, scale, slope_scale;
};

Real power(const Real& x, int k) {
  Real result(1.0L);
  for (int i = 0; i < k; ++i) result = result * x;
  return result;
}

Real magnitude(const Real& x) { return Real::apply(mpfr_abs, x); }

/// `j` and `k` are the coefficients that by_p and by_q are by.
Truth truth(const RationalCoefficients& c, double at, int j, int k) {
  const Real x(static_cast<long double>(at)), size = magnitude(x);
  Real p(0.0L), dp(0.0L), q(1.0L), dq(0.0L), terms(0.0L), slope_terms(0.0L);
  for (int i = 0; i <= c.m; ++i) {
    const Real term = Real(static_cast<long double>(c.p[i])) * power(x, i);
    p = p + term;
    terms = terms + magnitude(term);
    if (i > 0) dp = dp + Real(static_cast<long double>(c.p[i]) * i) * power(x, i - 1);
    if (i > 0) slope_terms = slope_terms + magnitude(Real(static_cast<long double>(c.p[i]) * i) * power(x, i - 1));
  }
  for (int i = 1; i <= c.n; ++i) {
    q = q + Real(static_cast<long double>(c.q[i - 1])) * power(size, i);
    dq = dq + Real(static_cast<long double>(c.q[i - 1]) * i) * power(size, i - 1);
  }
  if (at < 0) dq = -dq;
  if (at == 0) dq = Real(0.0L);
  return {p / q, (dp - p / q * dq) / q, power(x, j) / q, -(p / q * power(size, k) / q), terms / q, (slope_terms + terms / q * magnitude(dq)) / q};
}

template <class T>
std::vector<T> inputs() {
  std::vector<T> x;
  for (const double value : {0.0, 1.0, -1.0, 1e-300, 1e-20, 1e20, -1e20, 3e38, -3e38, 0.999999, 1.000001}) x.push_back(static_cast<T>(value));
  if (sizeof(T) == 8) x.push_back(static_cast<T>(-1e300));
  for (uint64_t i = 0; i < 2000; ++i) x.push_back(static_cast<T>((random_uniform({.seed = 9}, i) - 0.5) * (i % 2 ? 4 : 20)));
  return x;
}

/// |y - truth| in ulps of `scale`.
template <class T>
double error_in_ulps(T y, const Real& truth, const Real& scale) {
  const double size = std::max(std::fabs(mpfr_get_d(scale.raw(), MPFR_RNDN)), static_cast<double>(std::numeric_limits<T>::min()));
  const double error = std::fabs(mpfr_get_d((truth - Real(static_cast<long double>(y))).raw(), MPFR_RNDN));
  return error / std::ldexp(1.0, std::ilogb(size) - std::numeric_limits<T>::digits + 1);
}

TYPED_TEST(RationalKernel, value_and_slope_are_exact_to_the_size_of_their_terms) {
  using T = TypeParam;
  verify::real_precision = 3000;
  const std::vector<T> x = inputs<T>(), g(x.size(), T{1});
  for (const RationalCoefficients& c : {initial(), other()}) {
    std::vector<T> y(x.size()), gx(x.size());
    rational(c, x.data(), static_cast<int64_t>(x.size()), y.data());
    rational_backward(c, x.data(), g.data(), static_cast<int64_t>(x.size()), gx.data());
    double worst = 0, worst_slope = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const Truth t = truth(c, static_cast<double>(x[i]), 0, 1);
      worst = std::max(worst, error_in_ulps(y[i], t.value, t.scale));
      worst_slope = std::max(worst_slope, error_in_ulps(gx[i], t.slope, t.slope_scale));
    }
    EXPECT_LE(worst, sizeof(T) == 4 ? 0.5001 : 2.0);
    EXPECT_LE(worst_slope, sizeof(T) == 4 ? 0.5001 : 8.0);
  }
}

TYPED_TEST(RationalKernel, has_its_limits_at_infinity_and_nan) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity();
  const std::vector<T> x = {infinity, -infinity, std::numeric_limits<T>::quiet_NaN()};
  std::vector<T> y(3);
  on_every_target_and_thread_count([&] {
    rational(initial(), x.data(), 3, y.data());
    EXPECT_EQ(y[0], infinity);
    EXPECT_EQ(y[1], -infinity);
    EXPECT_TRUE(std::isnan(y[2]));
    rational(other(), x.data(), 3, y.data());
    EXPECT_NEAR(static_cast<double>(y[0]), 0, 1e-30);
    const RationalCoefficients level{.m = 1, .n = 1, .p = {3, 2}, .q = {4}};
    rational(level, x.data(), 3, y.data());
    EXPECT_EQ(y[0], T(0.5));
    EXPECT_EQ(y[1], T(-0.5));
  });
}

TYPED_TEST(RationalKernel, gradients_by_the_coefficients_are_the_sums_of_the_terms) {
  using T = TypeParam;
  verify::real_precision = 200;
  const RationalCoefficients c = initial();
  const auto n = int64_t{10'000};
  std::vector<T> x = numbers<T>(n, 40), g = numbers<T>(n, 41);
  double by_p[6], by_q[4];
  rational_parameter_gradients(c, x.data(), g.data(), n, by_p, by_q);
  for (int j = 0; j < 6; ++j) {
    const int k = std::min(j + 1, 4);
    Real sum_p(0.0L), sum_q(0.0L), size_p(0.0L), size_q(0.0L);
    for (size_t i = 0; i < x.size(); ++i) {
      const Truth t = truth(c, static_cast<double>(x[i]), j, k);
      const Real weight(static_cast<long double>(g[i]));
      sum_p = sum_p + weight * t.by_p;
      size_p = size_p + magnitude(weight * t.by_p);
      sum_q = sum_q + weight * t.by_q;
      size_q = size_q + magnitude(weight * t.by_q);
    }
    EXPECT_LE(mpfr_get_d((magnitude(sum_p - Real(static_cast<long double>(by_p[j]))) / size_p).raw(), MPFR_RNDN), 1e-14) << j;
    if (j < 4) {
      EXPECT_LE(mpfr_get_d((magnitude(sum_q - Real(static_cast<long double>(by_q[j]))) / size_q).raw(), MPFR_RNDN), 1e-14) << j;
    }
  }
}

TYPED_TEST(RationalKernel, has_the_same_bits_on_every_target_at_every_position) {
  using T = TypeParam;
  const RationalCoefficients c = initial();
  const std::vector<T> x = inputs<T>(), g = numbers<T>(static_cast<int64_t>(x.size()), 50);
  const auto n = static_cast<int64_t>(x.size());
  std::vector<T> y(x.size()), gx(x.size());
  set_target("scalar");
  for (size_t i = 0; i < x.size(); ++i) {
    rational(c, &x[i], 1, &y[i]);
    rational_backward(c, &x[i], &g[i], 1, &gx[i]);
  }
  std::vector<T> many(20'003), factors = numbers<T>(20'003, 51);
  for (size_t i = 0; i < many.size(); ++i) many[i] = x[11 + i % 1000];
  double sums[10];
  rational_parameter_gradients(c, many.data(), factors.data(), 20'003, sums, sums + 6);
  on_every_target_and_thread_count([&] {
    std::vector<T> out = x;
    rational(c, out.data(), n, out.data());
    ASSERT_TRUE(same_bits(out, y));
    rational_backward(c, x.data(), g.data(), n, out.data());
    ASSERT_TRUE(same_bits(out, gx));
    double again[10];
    rational_parameter_gradients(c, many.data(), factors.data(), 20'003, again, again + 6);
    for (int j = 0; j < 10; ++j) ASSERT_EQ(again[j], sums[j]) << j;
  });
}

}  // namespace
}  // namespace rectify::kernel
