#include "rectify/kernel/rowwise.h"

#include <gtest/gtest.h>
#include <mpfr.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "rectify/activation/elementary.h"
#include "tests/kernel/kernel_support.h"

namespace rectify::kernel {
namespace {

template <class T>
class Rowwise : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Rowwise, Types);

constexpr int precision = 300;

/// A number of arbitrary precision that cleans up after itself.
struct Big {
  mpfr_t raw;
  Big() { mpfr_init2(raw, precision); }
  ~Big() { mpfr_clear(raw); }
  Big(const Big&) = delete;
  Big& operator=(const Big&) = delete;
};

template <class T>
double error_in_ulps(T value, const Big& truth) {
  const int exponent = mpfr_zero_p(truth.raw) ? std::numeric_limits<T>::min_exponent : std::max<int>(static_cast<int>(mpfr_get_exp(truth.raw)), std::numeric_limits<T>::min_exponent);
  Big difference;
  mpfr_d_sub(difference.raw, static_cast<double>(value), truth.raw, MPFR_RNDN);
  mpfr_mul_2si(difference.raw, difference.raw, std::numeric_limits<T>::digits - exponent, MPFR_RNDN);
  return std::fabs(mpfr_get_d(difference.raw, MPFR_RNDN));
}

/// The worst errors of both functions over one row.
template <class T>
struct Errors {
  double softmax = 0, log_softmax = 0;
};

template <class T>
void measure(const std::vector<T>& x, Errors<T>& worst) {
  std::vector<T> y(x.size()), l(x.size());
  softmax(x.data(), 1, static_cast<int64_t>(x.size()), y.data());
  log_softmax(x.data(), 1, static_cast<int64_t>(x.size()), l.data());
  // log of the sum over the others as log1p, so that the oracle itself cannot lose it.
  const size_t top = static_cast<size_t>(std::max_element(x.begin(), x.end()) - x.begin());
  Big rest, term, logarithm;
  mpfr_set_zero(rest.raw, 1);
  for (size_t i = 0; i < x.size(); ++i) {
    if (i == top) continue;
    mpfr_set_d(term.raw, static_cast<double>(x[i]), MPFR_RNDN);
    mpfr_sub_d(term.raw, term.raw, static_cast<double>(x[top]), MPFR_RNDN);
    mpfr_exp(term.raw, term.raw, MPFR_RNDN);
    mpfr_add(rest.raw, rest.raw, term.raw, MPFR_RNDN);
  }
  mpfr_log1p(logarithm.raw, rest.raw, MPFR_RNDN);
  for (size_t i = 0; i < x.size(); ++i) {
    mpfr_set_d(term.raw, static_cast<double>(x[i]), MPFR_RNDN);
    mpfr_sub_d(term.raw, term.raw, static_cast<double>(x[top]), MPFR_RNDN);
    mpfr_sub(term.raw, term.raw, logarithm.raw, MPFR_RNDN);
    worst.log_softmax = std::max(worst.log_softmax, error_in_ulps(l[i], term));
    mpfr_exp(term.raw, term.raw, MPFR_RNDN);
    worst.softmax = std::max(worst.softmax, error_in_ulps(y[i], term));
  }
}

TYPED_TEST(Rowwise, softmax_and_its_logarithm_are_accurate_for_logits_of_any_size) {
  using T = TypeParam;
  Errors<T> worst;
  uint64_t seed = 0;
  for (const int64_t columns : {1, 2, 3, 10, 16, 17, 100}) {
    for (const double size : {1e-30, 1e-3, 1.0, 10.0, 100.0, 700.0, 1e5, 1e30}) {
      for (const double shift : {0.0, 1e3, -1e30}) {
        auto x = numbers<T>(columns, ++seed);
        for (T& number : x) number = static_cast<T>(static_cast<double>(number) * size / 16 + shift);
        measure(x, worst);
      }
    }
  }
  EXPECT_LE(worst.softmax, sizeof(T) == 4 ? 0.5001 : 1.0);
  EXPECT_LE(worst.log_softmax, sizeof(T) == 4 ? 0.5001 : 1.0);
  testing::Test::RecordProperty("worst_softmax", std::to_string(worst.softmax));
  testing::Test::RecordProperty("worst_log_softmax", std::to_string(worst.log_softmax));
}

/// N(0, 1) times `size`, with -inf in some places if asked for.
template <class T>
std::vector<T> logits(int64_t columns, double size, bool with_infinities, uint64_t ordinal) {
  std::vector<T> x(static_cast<size_t>(columns));
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<T>(size * elementary::random_normal({.seed = 3, .purpose = Purpose::test, .ordinal = ordinal}, i));
    if (with_infinities && i % 3 == 1) x[i] = -std::numeric_limits<T>::infinity();
  }
  return x;
}

TYPED_TEST(Rowwise, every_element_of_a_long_row_is_within_one_ulp) {
  using T = TypeParam;
  Errors<T> worst;
  uint64_t ordinal = 0;
  for (const int64_t columns : {1, 7, 1000}) {
    for (const double size : {1e-30, 1e-8, 1.0, 5.0, 60.0, 200.0, 1e4, 1e30}) {
      for (const bool with_infinities : {false, true}) measure(logits<T>(columns, size, with_infinities, ++ordinal), worst);
    }
  }
  for (const double size : {1e-3, 1.0, 100.0, 1e30}) measure(logits<T>(100'000, size, size == 100.0, ++ordinal), worst);
  EXPECT_LE(worst.softmax, sizeof(T) == 4 ? 0.5001 : 1.0);
  EXPECT_LE(worst.log_softmax, sizeof(T) == 4 ? 0.5001 : 1.0);
  testing::Test::RecordProperty("worst_softmax", std::to_string(worst.softmax));
  testing::Test::RecordProperty("worst_log_softmax", std::to_string(worst.log_softmax));
}

TYPED_TEST(Rowwise, log_softmax_keeps_the_small_loss_of_a_certain_prediction) {
  using T = TypeParam;
  const std::vector<T> x = {50, 0};
  std::vector<T> l(2);
  log_softmax(x.data(), 1, 2, l.data());
  EXPECT_EQ(l[0], static_cast<T>(-1.9287498479639177830e-22));
  EXPECT_EQ(l[1], T(-50));
}

TYPED_TEST(Rowwise, has_the_same_bits_on_every_target_at_every_position) {
  using T = TypeParam;
  for (const int64_t columns : {1, 2, 7, 10, 16, 33, 5000}) {
    const int64_t rows = columns == 5000 ? 7 : 700;
    const auto x = numbers<T>(rows * columns, 20), g = numbers<T>(rows * columns, 21);
    std::vector<T> y(x.size()), l(x.size()), gy(x.size()), gl(x.size());
    set_target("scalar");
    for (int64_t r = 0; r < rows; ++r) {  // one row at a time, so that the position in the tensor differs as well
      const auto at = static_cast<size_t>(r * columns);
      softmax(&x[at], 1, columns, &y[at]);
      log_softmax(&x[at], 1, columns, &l[at]);
      softmax_backward(&y[at], &g[at], 1, columns, &gy[at]);
      log_softmax_backward(&l[at], &g[at], 1, columns, &gl[at]);
    }
    on_every_target_and_thread_count([&] {
      std::vector<T> out(x.size());
      softmax(x.data(), rows, columns, out.data());
      ASSERT_TRUE(same_bits(out, y)) << columns;
      log_softmax(x.data(), rows, columns, out.data());
      ASSERT_TRUE(same_bits(out, l)) << columns;
      softmax_backward(y.data(), g.data(), rows, columns, out.data());
      ASSERT_TRUE(same_bits(out, gy)) << columns;
      log_softmax_backward(l.data(), g.data(), rows, columns, out.data());
      ASSERT_TRUE(same_bits(out, gl)) << columns;
    });
  }
}

TYPED_TEST(Rowwise, gives_nan_where_there_is_no_value_and_zero_beside_finite_numbers) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN(), huge = std::numeric_limits<T>::max();
  const std::vector<T> x = {1, nan, 2, /**/ -infinity, -infinity, -infinity, /**/ infinity, 1, 2, /**/ -infinity, 5, 5, /**/ 0, huge, -huge};
  on_every_target_and_thread_count([&] {
    std::vector<T> y(x.size()), l(x.size());
    softmax(x.data(), 5, 3, y.data());
    log_softmax(x.data(), 5, 3, l.data());
    for (size_t i = 0; i < 9; ++i) EXPECT_TRUE(std::isnan(y[i]) && std::isnan(l[i])) << i;
    EXPECT_TRUE(y[9] == 0 && !std::signbit(y[9]));
    EXPECT_EQ(l[9], -infinity);
    EXPECT_EQ(y[10], T(0.5));
    EXPECT_EQ(l[10], static_cast<T>(-0.6931471805599453));
    EXPECT_EQ(y[12], 0);
    EXPECT_EQ(y[13], 1);
    EXPECT_EQ(y[14], 0);
    EXPECT_EQ(l[12], -huge);
    EXPECT_EQ(l[13], 0);
    EXPECT_EQ(l[14], -infinity);
  });
}

TYPED_TEST(Rowwise, backward_is_the_product_with_the_jacobian) {
  using T = TypeParam;
  for (const int64_t columns : {1, 3, 10, 40}) {
    const auto x = numbers<T>(columns, 30), g = numbers<T>(columns, 31);
    const size_t n = x.size();
    std::vector<T> y(n), l(n), gy(n), gl(n);
    softmax(x.data(), 1, columns, y.data());
    log_softmax(x.data(), 1, columns, l.data());
    softmax_backward(y.data(), g.data(), 1, columns, gy.data());
    log_softmax_backward(l.data(), g.data(), 1, columns, gl.data());
    for (size_t i = 0; i < n; ++i) {
      long double by_softmax = 0, by_logarithm = 0;
      for (size_t j = 0; j < n; ++j) {
        const long double yi = y[i], yj = y[j], delta = i == j ? 1 : 0;
        by_softmax += static_cast<long double>(g[j]) * yj * (delta - yi);
        by_logarithm += static_cast<long double>(g[j]) * (delta - yi);
      }
      const double tolerance = 64.0 * static_cast<double>(std::numeric_limits<T>::epsilon());
      EXPECT_NEAR(static_cast<double>(gy[i]), static_cast<double>(by_softmax), tolerance * 32);
      EXPECT_NEAR(static_cast<double>(gl[i]), static_cast<double>(by_logarithm), tolerance * 32);
    }
  }
}

TYPED_TEST(Rowwise, backward_of_an_impossible_class_is_exact) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity();
  const std::vector<T> l = {0, -infinity}, g = {T(0.25), T(0.5)};
  on_every_target_and_thread_count([&] {
    std::vector<T> gx(2);
    log_softmax_backward(l.data(), g.data(), 1, 2, gx.data());
    EXPECT_EQ(gx[0], T(-0.5));
    EXPECT_EQ(gx[1], T(0.5));
  });
}

}  // namespace
}  // namespace rectify::kernel
