#include "rectify/kernel/sparsemax.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/kernel/kernel_support.h"
#include "rectify/verify/real.h"

namespace rectify::kernel {
namespace {

using verify::Real;

template <class T>
class Sparsemax : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Sparsemax, Types);

/// max(x - tau, 0) with tau found by bisection of sum max(x - tau, 0) = 1 in 2000 bits: another way than the kernel's.
template <class T>
std::vector<T> projected(const std::vector<T>& x) {
  verify::real_precision = 2000;
  const long double largest = *std::max_element(x.begin(), x.end());
  Real low = Real(largest) - Real(1.0L), high(largest);
  const auto total = [&](const Real& tau) {
    Real sum(0.0L);
    for (const T element : x) {
      if (!std::isfinite(element)) continue;
      const Real above = Real(static_cast<long double>(element)) - tau;
      if (Real(0.0L) < above) sum = sum + above;
    }
    return sum;
  };
  for (int step = 0; step < 400; ++step) {
    const Real middle = (low + high) / Real(2.0L);
    (Real(1.0L) < total(middle) ? low : high) = middle;
  }
  std::vector<T> result;
  for (const T element : x) {
    Real above(0.0L);
    if (std::isfinite(element)) above = Real(static_cast<long double>(element)) - high;
    // Elements at the threshold itself are 0; the bisection leaves them 2^-400 beside it.
    const bool inside = Real(0x1p-300L) < above;
    result.push_back(!inside ? T{0} : sizeof(T) == 4 ? static_cast<T>(mpfr_get_flt(above.raw(), MPFR_RNDN)) : static_cast<T>(mpfr_get_d(above.raw(), MPFR_RNDN)));
  }
  return result;
}

TYPED_TEST(Sparsemax, every_element_is_the_nearest_number_to_the_projection) {
  using T = TypeParam;
  uint64_t seed = 0;
  for (const int64_t columns : {1, 2, 3, 7, 40, 200}) {
    for (const double size : {1e-30, 1e-3, 0.1, 1.0, 30.0, 1e10, 1e30}) {
      for (const double shift : {0.0, 1000.0}) {
        std::vector<T> x = numbers<T>(columns, ++seed);
        for (T& element : x) element = static_cast<T>(static_cast<double>(element) * size / 8 + shift);
        if (columns == 40) x[3] = -std::numeric_limits<T>::infinity();
        std::vector<T> y(x.size());
        sparsemax(x.data(), 1, columns, y.data());
        EXPECT_EQ(y, projected(x)) << columns << " " << size << " " << shift;
      }
    }
  }
}

TYPED_TEST(Sparsemax, ties_are_shared_and_the_threshold_itself_is_outside) {
  using T = TypeParam;
  const std::vector<T> x = {2, 2, 1, 1, /**/ 0.75, 0.25, -0.25, -5, /**/ 3, 3, 3, 3};
  std::vector<T> y(x.size());
  sparsemax(x.data(), 3, 4, y.data());
  EXPECT_EQ(y, (std::vector<T>{0.5, 0.5, 0, 0, /**/ 0.75, 0.25, 0, 0, /**/ 0.25, 0.25, 0.25, 0.25}));
}

TYPED_TEST(Sparsemax, a_row_without_a_value_is_nan_and_infinities_below_are_zero) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<T> x = {1, nan, /**/ -infinity, -infinity, /**/ infinity, 1, /**/ -infinity, 5};
  std::vector<T> y(x.size()), gx(x.size());
  sparsemax(x.data(), 4, 2, y.data());
  for (size_t i = 0; i < 6; ++i) EXPECT_TRUE(std::isnan(y[i])) << i;
  EXPECT_EQ(y[6], 0);
  EXPECT_EQ(y[7], 1);
  const std::vector<T> g(8, T{1});
  sparsemax_backward(y.data(), g.data(), 4, 2, gx.data());
  for (size_t i = 0; i < 6; ++i) EXPECT_TRUE(std::isnan(gx[i])) << i;
  EXPECT_EQ(gx[6], 0);
}

TYPED_TEST(Sparsemax, has_the_same_bits_on_every_target_at_every_position_and_in_place) {
  using T = TypeParam;
  const int64_t rows = 300, columns = 33;
  const std::vector<T> x = numbers<T>(rows * columns, 5), g = numbers<T>(rows * columns, 6);
  std::vector<T> y(x.size()), gx(x.size());
  for (int64_t r = 0; r < rows; ++r) {
    const auto at = static_cast<size_t>(r * columns);
    sparsemax(&x[at], 1, columns, &y[at]);
    sparsemax_backward(&y[at], &g[at], 1, columns, &gx[at]);
  }
  on_every_target_and_thread_count([&] {
    std::vector<T> out = x;
    sparsemax(out.data(), rows, columns, out.data());
    ASSERT_TRUE(same_bits(out, y));
    sparsemax_backward(y.data(), g.data(), rows, columns, out.data());
    ASSERT_TRUE(same_bits(out, gx));
  });
}

}  // namespace
}  // namespace rectify::kernel
