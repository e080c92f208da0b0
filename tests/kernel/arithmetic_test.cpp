#include "rectify/kernel/arithmetic.h"

#include <gtest/gtest.h>
#include <mpfr.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "tests/kernel/kernel_support.h"

namespace rectify::kernel {
namespace {

template <class T>
class Arithmetic : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Arithmetic, Types);

const int64_t sizes[] = {0, 1, 3, 8, 15, 16, 17, 31, 100001};

template <class T>
T apply(Binary op, T x, T y) {
  switch (op) {
    case Binary::add: return x + y;
    case Binary::subtract: return x - y;
    case Binary::multiply: return x * y;
    case Binary::divide: return x / y;
  }
  return 0;
}

TYPED_TEST(Arithmetic, binary_operations_broadcast_either_side_and_write_in_place) {
  using T = TypeParam;
  for (const Binary op : {Binary::add, Binary::subtract, Binary::multiply, Binary::divide}) {
    for (const int64_t n : sizes) {
      const auto x = numbers<T>(n + 1, 1), y = numbers<T>(n + 1, 2);
      for (const int64_t x_step : {0, 1}) {
        for (const int64_t y_step : {0, 1}) {
          std::vector<T> expected;
          for (int64_t i = 0; i < n; ++i) expected.push_back(apply(op, x[static_cast<size_t>(i * x_step)], y[static_cast<size_t>(i * y_step)]));
          expected.push_back(42);
          on_every_target_and_thread_count([&] {
            std::vector<T> z(static_cast<size_t>(n + 1), 42);
            binary(op, x.data(), x_step, y.data(), y_step, z.data(), n);
            ASSERT_TRUE(same_bits(z, expected)) << n;
            if (x_step == 1) {
              std::vector<T> in_place = x;
              in_place.back() = 42;
              binary(op, in_place.data(), 1, y.data(), y_step, in_place.data(), n);
              ASSERT_TRUE(same_bits(in_place, expected)) << n;
            }
          });
        }
      }
    }
  }
}

TYPED_TEST(Arithmetic, exact_unary_operations_have_the_bits_of_the_standard) {
  using T = TypeParam;
  for (const int64_t n : sizes) {
    auto x = numbers<T>(n, 3);
    if (n > 8) {
      x[0] = T(-0.0);
      x[1] = 0;
      x[2] = -std::numeric_limits<T>::infinity();
      x[3] = std::numeric_limits<T>::denorm_min();
    }
    std::vector<T> negated, magnitudes, positive, roots;
    for (const T number : x) {
      negated.push_back(-number);
      magnitudes.push_back(std::fabs(number));
      positive.push_back(std::fabs(number));
      roots.push_back(std::sqrt(std::fabs(number)));
    }
    on_every_target_and_thread_count([&] {
      std::vector<T> y(x.size());
      unary(Unary::negate, x.data(), y.data(), n);
      ASSERT_TRUE(same_bits(y, negated)) << n;
      unary(Unary::absolute, x.data(), y.data(), n);
      ASSERT_TRUE(same_bits(y, magnitudes)) << n;
      unary(Unary::square_root, positive.data(), y.data(), n);
      ASSERT_TRUE(same_bits(y, roots)) << n;
    });
  }
}

/// Error in units of the last place of T at the true value.
template <class T>
double error_in_ulps(T value, double x, int (*function)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t)) {
  mpfr_t truth, difference;
  mpfr_init2(truth, 200);
  mpfr_init2(difference, 200);
  mpfr_set_d(truth, x, MPFR_RNDN);
  function(truth, truth, MPFR_RNDN);
  const int exponent = std::max<int>(static_cast<int>(mpfr_get_exp(truth)), std::numeric_limits<T>::min_exponent) - std::numeric_limits<T>::digits;
  mpfr_d_sub(difference, static_cast<double>(value), truth, MPFR_RNDN);
  const double error = std::fabs(std::ldexp(mpfr_get_d(difference, MPFR_RNDN), -exponent));
  mpfr_clear(truth);
  mpfr_clear(difference);
  return error;
}

TYPED_TEST(Arithmetic, exponential_and_logarithm_are_accurate_and_the_same_on_every_target) {
  using T = TypeParam;
  const double limit = sizeof(T) == 4 ? 0.5001 : 1.5;
  const int64_t n = 20003;
  std::vector<T> x(static_cast<size_t>(n)), positive(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double u = random_uniform({.seed = 8}, i);
    x[i] = static_cast<T>((u - 0.5) * 170);
    positive[i] = static_cast<T>(std::ldexp(1 + u, static_cast<int>(i % 240) - 120));
  }
  set_target("scalar");
  std::vector<T> exponentials(x.size()), logarithms(x.size());
  unary(Unary::exponential, x.data(), exponentials.data(), n);
  unary(Unary::logarithm, positive.data(), logarithms.data(), n);
  double worst_exponential = 0, worst_logarithm = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    worst_exponential = std::max(worst_exponential, error_in_ulps(exponentials[i], static_cast<double>(x[i]), mpfr_exp));
    worst_logarithm = std::max(worst_logarithm, error_in_ulps(logarithms[i], static_cast<double>(positive[i]), mpfr_log));
  }
  EXPECT_LE(worst_exponential, limit);
  EXPECT_LE(worst_logarithm, limit);
  on_every_target_and_thread_count([&] {
    std::vector<T> y(x.size());
    unary(Unary::exponential, x.data(), y.data(), n);
    ASSERT_TRUE(same_bits(y, exponentials));
    unary(Unary::logarithm, positive.data(), y.data(), n);
    ASSERT_TRUE(same_bits(y, logarithms));
  });
}

TYPED_TEST(Arithmetic, exponential_and_logarithm_have_their_limits) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  const std::vector<T> x = {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), 0, T(-0.0), Limits::max(), Limits::lowest(), -1, 1, Limits::denorm_min()};
  on_every_target_and_thread_count([&] {
    std::vector<T> e(x.size()), l(x.size());
    unary(Unary::exponential, x.data(), e.data(), static_cast<int64_t>(x.size()));
    unary(Unary::logarithm, x.data(), l.data(), static_cast<int64_t>(x.size()));
    EXPECT_EQ(e[0], Limits::infinity());
    EXPECT_TRUE(e[1] == 0 && !std::signbit(e[1]));
    EXPECT_TRUE(std::isnan(e[2]));
    EXPECT_EQ(e[3], 1);
    EXPECT_EQ(e[4], 1);
    EXPECT_EQ(e[5], Limits::infinity());
    EXPECT_EQ(e[6], 0);
    EXPECT_EQ(e[9], 1);
    EXPECT_EQ(l[0], Limits::infinity());
    EXPECT_TRUE(std::isnan(l[1]) && std::isnan(l[2]) && std::isnan(l[7]));
    EXPECT_EQ(l[3], -Limits::infinity());
    EXPECT_EQ(l[4], -Limits::infinity());
    EXPECT_TRUE(l[8] == 0 && !std::signbit(l[8]));
    EXPECT_NEAR(static_cast<double>(l[9]), (sizeof(T) == 4 ? -149 : -1074) * 0.6931471805599453, 1e-4);
  });
}

TYPED_TEST(Arithmetic, scale_rounds_twice) {
  using T = TypeParam;
  const T factor = T(1.1), offset = T(-0.3);
  for (const int64_t n : sizes) {
    const auto x = numbers<T>(n, 9);
    std::vector<T> expected;
    for (const T number : x) {
      const T product = number * factor;
      expected.push_back(product + offset);
    }
    on_every_target_and_thread_count([&] {
      std::vector<T> y(x.size());
      scale(x.data(), factor, offset, y.data(), n);
      ASSERT_TRUE(same_bits(y, expected)) << n;
    });
  }
}

TYPED_TEST(Arithmetic, transpose_moves_every_element_at_every_shape) {
  using T = TypeParam;
  for (const int64_t rows : {0, 1, 3, 8, 15, 16, 17, 33, 130}) {
    for (const int64_t columns : {0, 1, 2, 5, 16, 31, 784}) {
      const auto x = numbers<T>(rows * columns, 10);
      std::vector<T> expected(x.size());
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t j = 0; j < columns; ++j) expected[static_cast<size_t>(j * rows + i)] = x[static_cast<size_t>(i * columns + j)];
      }
      on_every_target_and_thread_count([&] {
        std::vector<T> y(x.size());
        transpose(x.data(), rows, columns, y.data());
        ASSERT_TRUE(same_bits(y, expected)) << rows << " x " << columns;
      });
    }
  }
}

}  // namespace
}  // namespace rectify::kernel
