#include "rectify/kernel/gated.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/kernel/kernel_support.h"
#include "rectify/verify/real.h"

namespace rectify::kernel {
namespace {

using activation::Function;
using activation::Id;
using verify::Real;

std::vector<Function> gates() {
  const double sharp = 1.7;
  return {activation::make(Id::sigmoid), activation::make(Id::relu), activation::make(Id::gelu), activation::make(Id::gelu_tanh), activation::make(Id::swish),
          activation::make(Id::swish, std::span<const double>(&sharp, 1))};
}

std::string gate_name(const Function& f) { return activation::to_string(f); }

Real exp_of(const Real& x) { return Real::apply(mpfr_exp, x); }
Real logistic(const Real& x) { return Real(1.0L) / (Real(1.0L) + exp_of(-x)); }
Real pi() {
  Real result;
  mpfr_const_pi(result.raw(), MPFR_RNDN);
  return result;
}
Real root(const Real& x) { return Real::apply(mpfr_sqrt, x); }

/// f(b) and f'(b) by the textbook.
struct Truth {
  Real value, slope;
};

Truth truth(const Function& f, double at) {
  const Real b(static_cast<long double>(at)), one(1.0L), two(2.0L);
  switch (f.id) {
    case Id::sigmoid: return {logistic(b), logistic(b) * logistic(-b)};
    case Id::relu: return {at > 0 ? b : Real(0.0L), at > 0 ? one : Real(0.0L)};
    case Id::gelu: {
      const Real phi = Real::apply(mpfr_erfc, -b / root(two)) / two;
      return {b * phi, phi + b * exp_of(-(b * b) / two) / root(two * pi())};
    }
    case Id::gelu_tanh: {
      const Real c = two * root(two / pi()), d("0.044715"), z = c * (b + d * b * b * b), s = logistic(z);
      return {b * s, s + b * s * logistic(-z) * c * (one + Real(3.0L) * d * b * b)};
    }
    default: {
      const Real beta(static_cast<long double>(f.parameters[0])), s = logistic(beta * b);
      return {b * s, s * (one + beta * b * logistic(-(beta * b)))};
    }
  }
}

template <class T>
T nearest(const Real& x) {
  if constexpr (sizeof(T) == 4) {
    return mpfr_get_flt(x.raw(), MPFR_RNDN);
  } else {
    return mpfr_get_d(x.raw(), MPFR_RNDN);
  }
}

template <class T>
double error_in_ulps(T value, const Real& x) {
  if (mpfr_zero_p(x.raw())) return value == 0 ? 0 : INFINITY;
  const long exponent = std::max<long>(mpfr_get_exp(x.raw()), std::numeric_limits<T>::min_exponent);
  Real difference = x - Real(static_cast<long double>(value));
  mpfr_mul_2si(difference.raw(), difference.raw(), std::numeric_limits<T>::digits - exponent, MPFR_RNDN);
  return std::fabs(mpfr_get_d(difference.raw(), MPFR_RNDN));
}

/// x 2^75: 0 in float64 for x below exp(-797).
Real scaled_up(Real x) {
  mpfr_mul_2si(x.raw(), x.raw(), 75, MPFR_RNDN);
  return x;
}

/// Operands of moderate size, then of any size; b near the zeros of the slopes too.
template <class T>
struct Operands {
  std::vector<T> a, b, g;
  explicit Operands(int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      const auto draw = [&](uint64_t stream) { return random_uniform({.seed = stream}, static_cast<uint64_t>(i)); };
      const int range = i % 4 == 3 ? (sizeof(T) == 4 ? 120 : 900) : 3;
      const auto spread = [&](uint64_t stream) { return (draw(stream) - 0.5) * std::ldexp(1.0, static_cast<int>((draw(stream + 1) - 0.5) * 2 * range)); };
      a.push_back(static_cast<T>(spread(1)));
      g.push_back(static_cast<T>(spread(3)));
      b.push_back(static_cast<T>(i % 8 == 7 ? spread(5) : (draw(7) - 0.5) * (i % 3 == 0 ? 1500 : i % 3 == 1 ? 40 : 8)));
    }
  }
};

template <class T>
class Gated : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Gated, Types);

TYPED_TEST(Gated, value_and_gradients_are_the_nearest_float32_and_within_their_bounds_in_float64) {
  using T = TypeParam;
  verify::real_precision = 400;
  const int64_t n = 6000;
  const Operands<T> x(n);
  for (const Function& f : gates()) {
    SCOPED_TRACE(gate_name(f));
    std::vector<T> y(x.a.size()), ga(y), gb(y);
    gated(f, x.a.data(), x.b.data(), {1, n, n}, y.data());
    gated_backward(f, x.a.data(), x.b.data(), x.g.data(), {1, n, n}, ga.data(), gb.data());
    double worst_value = 0, worst_slope = 0;
    for (size_t i = 0; i < y.size(); ++i) {
      const Truth t = truth(f, static_cast<double>(x.b[i]));
      const Real a(static_cast<long double>(x.a[i])), g(static_cast<long double>(x.g[i])), value = a * t.value, by_value = g * t.value, by_gate = g * a * t.slope;
      if constexpr (sizeof(T) == 4) {
        ASSERT_EQ(y[i], nearest<T>(value)) << "a = " << x.a[i] << ", b = " << x.b[i];
        ASSERT_EQ(ga[i], nearest<T>(by_value)) << "g = " << x.g[i] << ", b = " << x.b[i];
        ASSERT_EQ(gb[i], nearest<T>(by_gate)) << "g = " << x.g[i] << ", a = " << x.a[i] << ", b = " << x.b[i];
      } else {
        const bool counts = nearest<double>(scaled_up(t.value)) != 0;  // below exp(-800) a gate is 0
        if (counts && std::isfinite(nearest<T>(value))) worst_value = std::max(worst_value, error_in_ulps(y[i], value));
        if (counts && std::isfinite(nearest<T>(by_value))) worst_value = std::max(worst_value, error_in_ulps(ga[i], by_value));
        const double size = std::fabs(static_cast<double>(x.g[i]) * static_cast<double>(x.a[i])), slope = std::fabs(nearest<double>(t.slope));
        // Where g a or f' over- or underflows by itself, so may their product.
        if (size > 1e-290 && size < 1e290 && slope > 1e-290) worst_slope = std::max(worst_slope, error_in_ulps(gb[i], by_gate));
      }
    }
    EXPECT_LE(worst_value, 2.0);
    EXPECT_LE(worst_slope, 4.0);
    testing::Test::RecordProperty(gate_name(f), std::to_string(worst_value) + " " + std::to_string(worst_slope));
  }
}

TYPED_TEST(Gated, lanes_in_doubt_are_settled_by_the_exact_path) {
  if constexpr (sizeof(TypeParam) == 4) {
    // a * sigmoid(b) with the sigmoid 1/2 + a little: beside a tie of the subnormal numbers, which plain float64 takes for the tie.
    const std::vector<float> a = {0x3p-149f, 0x3p-149f, 0x5p-149f, -0x3p-149f}, b = {0x1p-60f, -0x1p-60f, 0x1p-100f, 0x1p-60f};
    std::vector<float> y(4);
    gated(activation::make(Id::sigmoid), a.data(), b.data(), {1, 4, 4}, y.data());
    EXPECT_EQ(y, (std::vector<float>{0x2p-149f, 0x1p-149f, 0x3p-149f, -0x2p-149f}));
  }
}

TYPED_TEST(Gated, has_the_same_bits_on_every_target_in_every_layout_and_in_place) {
  using T = TypeParam;
  for (const int64_t columns : {1, 2, 3, 7, 8, 9, 16, 17, 35, 20'001}) {
    const int64_t rows = columns > 1000 ? 2 : 5;
    const Operands<T> x(rows * columns);
    for (const Function& f : gates()) {
      SCOPED_TRACE(gate_name(f));
      const size_t n = x.a.size();
      std::vector<T> y(n), ga(n), gb(n);
      set_target("scalar");
      for (size_t i = 0; i < n; ++i) {  // one at a time: no neighbours, another place
        gated(f, &x.a[i], &x.b[i], {1, 1, 1}, &y[i]);
        gated_backward(f, &x.a[i], &x.b[i], &x.g[i], {1, 1, 1}, &ga[i], &gb[i]);
      }
      std::vector<T> packed(2 * n), gradients(2 * n);
      for (int64_t r = 0; r < rows; ++r) {
        std::copy_n(&x.a[static_cast<size_t>(r * columns)], columns, &packed[static_cast<size_t>(2 * r * columns)]);
        std::copy_n(&x.b[static_cast<size_t>(r * columns)], columns, &packed[static_cast<size_t>((2 * r + 1) * columns)]);
        std::copy_n(&ga[static_cast<size_t>(r * columns)], columns, &gradients[static_cast<size_t>(2 * r * columns)]);
        std::copy_n(&gb[static_cast<size_t>(r * columns)], columns, &gradients[static_cast<size_t>((2 * r + 1) * columns)]);
      }
      on_every_target_and_thread_count([&] {
        std::vector<T> out(n), both(packed);
        gated(f, packed.data(), packed.data() + columns, {rows, columns, 2 * columns}, out.data());
        ASSERT_TRUE(same_bits(out, y)) << columns;
        gated_backward(f, both.data(), both.data() + columns, x.g.data(), {rows, columns, 2 * columns}, both.data(), both.data() + columns);
        ASSERT_TRUE(same_bits(both, gradients)) << columns;
        std::vector<T> in_place = x.a;
        gated(f, in_place.data(), x.b.data(), {1, rows * columns, rows * columns}, in_place.data());
        ASSERT_TRUE(same_bits(in_place, y)) << columns;
      });
    }
  }
}

TYPED_TEST(Gated, infinite_operands_have_the_limit_and_nan_propagates) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<T> a = {2, 2, infinity, -infinity, infinity, infinity, nan, 2, 0};
  const std::vector<T> b = {infinity, -infinity, -800, 3, -infinity, infinity, 1, nan, infinity};
  const auto run = [&](Id id) {
    std::vector<T> y(a.size());
    gated(activation::make(id), a.data(), b.data(), {1, 9, 9}, y.data());
    return y;
  };
  on_every_target_and_thread_count([&] {
    const std::vector<T> by_sigmoid = run(Id::sigmoid), by_swish = run(Id::swish);
    EXPECT_EQ(by_sigmoid[0], 2);
    EXPECT_EQ(by_sigmoid[1], 0);
    EXPECT_EQ(by_sigmoid[2], infinity);  // the gate is not quite 0
    EXPECT_EQ(by_sigmoid[3], -infinity);
    EXPECT_TRUE(std::isnan(by_sigmoid[4]));
    EXPECT_EQ(by_sigmoid[5], infinity);
    EXPECT_EQ(by_sigmoid[8], 0);
    EXPECT_EQ(by_swish[0], infinity);
    EXPECT_EQ(by_swish[1], 0);
    EXPECT_EQ(by_swish[2], -infinity);
    EXPECT_TRUE(std::isnan(by_swish[8]));
    for (const auto& y : {by_sigmoid, by_swish, run(Id::relu), run(Id::gelu)}) EXPECT_TRUE(std::isnan(y[6]) && std::isnan(y[7]));
  });
}

TYPED_TEST(Gated, nothing_is_lost_between_operands_of_extreme_size) {
  using T = TypeParam;
  if constexpr (sizeof(T) == 8) {
    // The gate alone is subnormal or 0, or a b overflows; the product is an ordinary number.
    const std::vector<double> a = {1e300, 1e305, 1e300, 0x1p1000}, b = {-740, -780, -100, 0x1p-1070};
    std::vector<double> y(4);
    gated(activation::make(Id::swish), a.data(), b.data(), {1, 4, 4}, y.data());
    verify::real_precision = 400;
    for (size_t i = 0; i < 4; ++i) {
      EXPECT_LE(error_in_ulps(y[i], Real(static_cast<long double>(a[i])) * truth(activation::make(Id::swish), b[i]).value), 2.0) << i;
    }
  }
}

}  // namespace
}  // namespace rectify::kernel
