// The driver over memory: the bits of an element depend on nothing but the element.
#include "rectify/kernel/pointwise.h"

#include <gtest/gtest.h>

#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>

#include "tests/activation/catalogue_cases.h"
#include "tests/kernel/kernel_support.h"
#include "tests/support/stratified.h"

namespace rectify::kernel {
namespace {

using activation::Derivative;
using activation::Function;
using activation::Id;
using activation::spec;

std::vector<Derivative> derivatives(Id id) {
  std::vector<Derivative> result{activation::value_itself, activation::slope, activation::curvature};
  for (int which = 0; which < spec(id).parameter_count(); ++which) {
    for (const auto& [x, parameter] : {std::pair{0, 1}, {1, 1}, {0, 2}}) result.push_back({.x = x, .parameter = parameter, .which = which});
  }
  return result;
}

/// Ordinary numbers, bit patterns from everywhere, infinities and NaN.
template <class T>
std::vector<T> inputs(int count) {
  std::vector<T> x;
  for (const float v : test::stratified_floats(count, 99)) x.push_back(static_cast<T>(v));
  for (const float v : test::special_floats()) x.push_back(static_cast<T>(v));
  for (int i = 0; i < count; ++i) x.push_back(static_cast<T>(12 * (random_uniform({.seed = 4}, static_cast<uint64_t>(i)) - 0.5)));
  for (const double v : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    x.insert(x.begin() + 37, static_cast<T>(v));
    x.push_back(static_cast<T>(v));
  }
  return x;
}

template <class T>
std::vector<T> apply(const Function& f, Derivative derivative, const std::vector<T>& x, const T* g = nullptr) {
  std::vector<T> y(x.size());
  pointwise<T>(f, derivative, x.data(), g, y.data(), static_cast<int64_t>(x.size()));
  return y;
}

class Pointwise : public testing::TestWithParam<Id> {
 protected:
  template <class T>
  void expect_the_same_bits_everywhere() {
    const Function f = make(GetParam());
    const std::vector<T> x = inputs<T>(1 << 13);
    std::vector<T> g(x.size());
    for (size_t i = 0; i < g.size(); ++i) g[i] = static_cast<T>(random_uniform({.seed = 8}, i) - 0.5);
    for (const Derivative derivative : derivatives(GetParam())) {
      const std::vector<T> y = apply(f, derivative, x), backward = apply(f, derivative, x, g.data());
      on_every_target_and_thread_count([&] {
        EXPECT_TRUE(same_bits(apply(f, derivative, x), y)) << derivative.x << derivative.parameter;
        EXPECT_TRUE(same_bits(apply(f, derivative, x, g.data()), backward)) << derivative.x << derivative.parameter;
      });
    }
  }
};

TEST_P(Pointwise, every_target_and_thread_count_gives_the_same_float32_bits) { expect_the_same_bits_everywhere<float>(); }
TEST_P(Pointwise, processors_that_divide_quickly_or_slowly_give_the_same_bits) {
  const Function f = make(GetParam());
  std::vector<float> x(1 << 14), g(x.size());
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(16 * (random_uniform({.seed = 6}, i) - 0.5));
  for (size_t i = 0; i < g.size(); ++i) g[i] = static_cast<float>(random_uniform({.seed = 8}, i) - 0.5);
  for (const Derivative derivative : {activation::value_itself, activation::slope}) {
    const std::vector<float> y = apply(f, derivative, x), backward = apply(f, derivative, x, g.data());
    on_every_target_and_division([&] {
      EXPECT_TRUE(same_bits(apply(f, derivative, x), y)) << derivative.x;
      EXPECT_TRUE(same_bits(apply(f, derivative, x, g.data()), backward)) << derivative.x;
    });
  }
}

TEST_P(Pointwise, every_target_and_thread_count_gives_the_same_float64_bits) { expect_the_same_bits_everywhere<double>(); }

TEST_P(Pointwise, float64_has_the_bits_of_evaluate) {
  const Function f = make(GetParam());
  const std::vector<double> x = inputs<double>(1 << 10);
  for (const Derivative derivative : derivatives(GetParam())) {
    const std::vector<double> y = apply(f, derivative, x);
    for (size_t i = 0; i < x.size(); ++i) {
      ASSERT_EQ(std::bit_cast<uint64_t>(y[i]), std::bit_cast<uint64_t>(evaluate(f, x[i], derivative))) << derivative.x << derivative.parameter << " at " << x[i];
    }
  }
}

/// Ordinary numbers and zeros, which run through the widest steps, with a number that does not at place 60.
std::vector<float> mostly_ordinary(int count) {
  std::vector<float> x(static_cast<size_t>(count));
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(12 * (random_uniform({.seed = 5}, i) - 0.5));
  x[60] = 0x1p-149f;
  x[3] = x[99] = -0.0f;
  x[4] = x[98] = 0.0f;
  return x;
}

TEST_P(Pointwise, length_alignment_and_place_do_not_matter_on_any_target) {
  constexpr size_t longest = 4 * 32 + 3;  // four of the widest steps and a rest
  const Function f = make(GetParam());
  const std::vector<float> x = mostly_ordinary(longest + 8), g = inputs<float>(128);
  for (const Derivative derivative : {activation::value_itself, activation::slope, activation::curvature}) {
    const float* factor = derivative.x == 1 ? g.data() : nullptr;
    std::vector<float> y(x.size());
    for (size_t i = 0; i < x.size(); ++i) pointwise_here<float>(f, derivative, &x[i], factor != nullptr ? factor + i : nullptr, &y[i], 1);
    on_every_target([&] {
      for (size_t length = 1; length <= longest; ++length) {
        for (const size_t offset : {size_t{0}, size_t{1}, size_t{7}}) {
          std::vector<float> out(length + 2, -77.0f), in_place(x.begin() + static_cast<std::ptrdiff_t>(offset), x.begin() + static_cast<std::ptrdiff_t>(offset + length));
          const float* from = factor != nullptr ? factor + offset : nullptr;
          pointwise_here<float>(f, derivative, x.data() + offset, from, out.data() + 1, static_cast<int64_t>(length));
          pointwise_here<float>(f, derivative, in_place.data(), from, in_place.data(), static_cast<int64_t>(length));
          ASSERT_EQ(out.front(), -77.0f);
          ASSERT_EQ(out.back(), -77.0f) << "written past the end at length " << length;
          ASSERT_EQ(std::memcmp(out.data() + 1, y.data() + offset, length * sizeof(float)), 0) << length << " " << offset;
          ASSERT_EQ(std::memcmp(in_place.data(), y.data() + offset, length * sizeof(float)), 0) << length << " " << offset << " in place";
        }
      }
    });
  }
}

TEST(PointwiseZeros, have_the_same_sign_in_every_place_whatever_the_parameters) {
  const std::pair<Id, double> functions[] = {{Id::leaky_relu, 0.2}, {Id::prelu, 0.3}, {Id::leaky_relu, -0.7}, {Id::elu, 0.3}, {Id::celu, 3}};
  for (const auto& [id, parameter] : functions) {
    const Function f = activation::make(id, std::vector{parameter});
    for (const float zero : {0.0f, -0.0f}) {
      const std::vector<float> x(131, zero), minus(131, -1.5f);
      on_every_target([&] {
        const std::vector<float> y = apply(f, activation::value_itself, x), backward = apply(f, activation::slope, minus, x.data());
        for (size_t i = 0; i < x.size(); ++i) {
          ASSERT_EQ(std::bit_cast<uint32_t>(y[i]), std::bit_cast<uint32_t>(y.back())) << to_string(f) << " at " << i;
          ASSERT_EQ(std::bit_cast<uint32_t>(backward[i]), std::bit_cast<uint32_t>(backward.back())) << to_string(f) << " backward at " << i;
        }
      });
    }
  }
}

TEST(Softsign, has_a_float64_curvature_within_two_units_just_above_the_subnormal_numbers) {
  const double x = 3.8414637782203283e+102, y = activation::evaluate(activation::make(Id::softsign), x, activation::curvature);
  const long double truth = -2.0L / (static_cast<long double>(x) * x * x);
  EXPECT_LE(std::fabs(static_cast<long double>(y) - truth), 2 * std::ldexp(1.0L, -1074)) << y;
}

TEST(PointwisePastTheCaches, gives_the_bits_of_small_pieces) {
  const size_t count = (size_t{1} << 22) + 77;  // beyond the 16 MiB from which results are streamed
  std::vector<float> x(count + 1), y(count + 1), expected(count + 1);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(static_cast<int>(i * 2654435761u % 60001u) - 30000) / 4096.0f;
  for (const Id id : {Id::relu, Id::leaky_relu, Id::hardswish, Id::silu, Id::affine}) {
    const Function f = make(id);
    for (const Derivative derivative : {activation::value_itself, activation::slope}) {
      const float* g = derivative.x == 1 ? x.data() : nullptr;
      for (size_t i = 0; i < count; i += 100000) {
        pointwise_here<float>(f, derivative, x.data() + i, g != nullptr ? g + i : nullptr, expected.data() + i, static_cast<int64_t>(std::min(count - i, size_t{100000})));
      }
      std::fill(y.begin(), y.end(), -77.0f);
      for (const size_t offset : {size_t{0}, size_t{1}}) {
        pointwise<float>(f, derivative, x.data() + offset, g != nullptr ? g + offset : nullptr, y.data() + offset, static_cast<int64_t>(count - offset));
        EXPECT_EQ(std::memcmp(y.data() + offset, expected.data() + offset, (count - offset) * sizeof(float)), 0) << to_string(f) << derivative.x << " " << offset;
        EXPECT_EQ(y[count], -77.0f);
      }
    }
  }
}

TEST_P(Pointwise, works_in_place) {
  const Function f = make(GetParam());
  const std::vector<float> x = inputs<float>(1 << 12);
  std::vector<float> g(x.size(), 0.75f);
  std::vector<float> y = x;
  pointwise<float>(f, activation::value_itself, y.data(), nullptr, y.data(), static_cast<int64_t>(y.size()));
  EXPECT_TRUE(same_bits(y, apply(f, activation::value_itself, x)));
  const std::vector<float> expected = apply(f, activation::slope, x, g.data());
  y = x;
  pointwise<float>(f, activation::slope, y.data(), g.data(), y.data(), static_cast<int64_t>(y.size()));
  EXPECT_TRUE(same_bits(y, expected));
  pointwise<float>(f, activation::slope, x.data(), g.data(), g.data(), static_cast<int64_t>(g.size()));
  EXPECT_TRUE(same_bits(g, expected));
}

TEST_P(Pointwise, the_factor_multiplies_before_the_only_rounding) {
  const Function f = make(GetParam());
  for (int i = 0; i < 3000; ++i) {
    const float x = static_cast<float>(10 * (random_uniform({.seed = 1}, static_cast<uint64_t>(i)) - 0.5));
    const float g = static_cast<float>(random_uniform({.seed = 2}, static_cast<uint64_t>(i)) - 0.5);
    float y = 0;
    pointwise_here<float>(f, activation::slope, &x, &g, &y, 1);
    // evaluate() may differ from float32's lanes in the last bits of float64: they agree where that cannot reach the rounding.
    const double product = g * evaluate(f, x, activation::slope), room = 0x1p-48 * std::fabs(product);
    if (static_cast<float>(product - room) == static_cast<float>(product + room)) {
      ASSERT_EQ(y, static_cast<float>(product)) << x << " " << g;
    }
  }
}

TEST_P(Pointwise, a_nan_factor_and_infinity_times_zero_are_the_canonical_nan) {
  const Function f = make(GetParam());
  const float nan = std::bit_cast<float>(0xFFC12345u);
  for (const float x : {-2.0f, 0.5f, 2.0f}) {
    float y = 0;
    pointwise_here<float>(f, activation::slope, &x, &nan, &y, 1);
    EXPECT_EQ(std::bit_cast<uint32_t>(y), 0x7FC00000u);
  }
  const float x = -200.0f, g = std::numeric_limits<float>::infinity();
  float y = 0;
  pointwise_here<float>(f, activation::slope, &x, &g, &y, 1);
  if (std::isnan(y)) {
    EXPECT_EQ(std::bit_cast<uint32_t>(y), 0x7FC00000u);
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Pointwise, activation::every_activation(), activation::case_name);

TEST(PointwiseDriver, takes_nothing) {
  pointwise<float>(activation::make(Id::relu), activation::value_itself, nullptr, nullptr, nullptr, 0);
  pointwise_here<double>(activation::make(Id::mish), activation::slope, nullptr, nullptr, nullptr, 0);
}

TEST(PointwiseDriver, sets_the_rounding_and_puts_it_back) {
  const Function f = activation::make(Id::gelu);
  const std::vector<float> x = inputs<float>(1 << 8);
  const std::vector<float> expected = apply(f, activation::value_itself, x);
  std::fesetround(FE_UPWARD);
  std::vector<float> y(x.size());
  pointwise_here<float>(f, activation::value_itself, x.data(), nullptr, y.data(), static_cast<int64_t>(x.size()));
  const int after = std::fegetround();
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(after, FE_UPWARD);
  EXPECT_TRUE(same_bits(y, expected));
}

}  // namespace
}  // namespace rectify::kernel
