// Every activation, slope and curvature against the oracle, which reads the formula's text.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <string>

#include "rectify/base/random.h"
#include "rectify/kernel/pointwise.h"
#include "tests/activation/catalogue_cases.h"
#include "tests/support/oracle.h"
#include "tests/support/stratified.h"

namespace rectify::activation {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int default_patterns = 1 << 14;
#else
constexpr int default_patterns = 1 << 20;
#endif

/// RECTIFY_TEST_PATTERNS (a power of two) asks for more or fewer than the usual 2^20.
int pattern_count() {
  const char* text = std::getenv("RECTIFY_TEST_PATTERNS");
  return text == nullptr ? default_patterns : std::atoi(text);
}

std::vector<float> float_inputs(int count) {
  std::vector<float> x = test::stratified_floats(count, 12345);
  const std::vector<float> special = test::special_floats();
  x.insert(x.end(), special.begin(), special.end());
  return x;
}

/// A zero's sign: that of the limit where the value underflows, open where the mathematics leaves it open.
bool is_right(float y, float expected, bool zero_is_open) {
  return std::bit_cast<uint32_t>(y) == std::bit_cast<uint32_t>(expected) || (zero_is_open && y == 0);
}

class Float32 : public testing::TestWithParam<Id> {
 protected:
  void expect_correctly_rounded(int order) {
    const Function function = make(GetParam());
    const std::vector<float> x = float_inputs(pattern_count());
    std::vector<float> y(x.size());
    kernel::pointwise<float>(function, {.x = order}, x.data(), nullptr, y.data(), static_cast<int64_t>(x.size()));
    const test::Oracle oracle(function, order);
    long wrong = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const float expected = oracle.rounded<float>(x[i]);
      if (is_right(y[i], expected, test::Oracle::last_zero_is_open())) continue;
      if (++wrong <= 5) ADD_FAILURE() << std::hexfloat << "at " << x[i] << " got " << y[i] << ", correctly rounded is " << expected;
    }
    EXPECT_EQ(wrong, 0) << "of " << x.size();
  }
};

TEST_P(Float32, value_is_correctly_rounded) { expect_correctly_rounded(0); }
TEST_P(Float32, slope_is_correctly_rounded) { expect_correctly_rounded(1); }
TEST_P(Float32, curvature_is_correctly_rounded) { expect_correctly_rounded(2); }

/// Numbers with few significant bits are where a formula's first terms make exact ties of the result.
TEST_P(Float32, short_numbers_are_correctly_rounded) {
  const Function function = make(GetParam());
  std::vector<float> x;
  for (int exponent = -140; exponent < 8; ++exponent) {
    for (int m = -127; m < 128; m += 2) x.push_back(static_cast<float>(std::ldexp(m, exponent)));
  }
  std::vector<float> y(x.size());
  for (int order = 0; order < 3; ++order) {
    kernel::pointwise<float>(function, {.x = order}, x.data(), nullptr, y.data(), static_cast<int64_t>(x.size()));
    const test::Oracle oracle(function, order);
    for (size_t i = 0; i < x.size(); ++i) {
      const float expected = oracle.rounded<float>(x[i]);
      ASSERT_TRUE(is_right(y[i], expected, test::Oracle::last_zero_is_open()))
          << std::hexfloat << "derivative " << order << " at " << x[i] << " got " << y[i] << ", correctly rounded is " << expected;
    }
  }
}

/// Where the function has a zero within a quarter, terms cancel, and the unit is that of the largest term there.
double cancellation_scale(const test::Oracle& oracle, double x) {
  if (std::fabs(x) > 16 || std::fabs(x) < 0x1p-10) return 0;
  const long double left = oracle.value(x - 0.25), right = oracle.value(x + 0.25);
  return (left < 0) != (right < 0) ? static_cast<double>(std::fmax(std::fabs(left), std::fabs(right))) : 0;
}

template <class T>
double units(const test::Oracle& oracle, double x, T y) {
  double error = oracle.error_in_ulps<T>(x, y);
  const double scale = error > 0.5 ? cancellation_scale(oracle, x) : 0;
  if (scale > std::fabs(static_cast<double>(y))) error = std::ldexp(error, std::ilogb(static_cast<double>(y)) - std::ilogb(scale));
  return error;
}

TEST_P(Float32, other_parameters_are_within_half_a_unit_and_a_ten_millionth) {
  const std::vector<float> x = float_inputs(1 << 12);
  std::vector<float> y(x.size());
  for (const Function& function : with_other_parameters(GetParam())) {
    for (int order = 0; order < 3; ++order) {
      kernel::pointwise<float>(function, {.x = order}, x.data(), nullptr, y.data(), static_cast<int64_t>(x.size()));
      const test::Oracle oracle(function, order);
      for (size_t i = 0; i < x.size(); ++i) {
        const float expected = oracle.rounded<float>(x[i]);
        if (y[i] == expected) continue;
        const double allowed = cancellation_scale(oracle, x[i]) > std::fabs(static_cast<double>(y[i])) ? 0.75 : 0.5000001;
        ASSERT_LE(oracle.error_in_ulps<float>(x[i], y[i]), allowed) << to_string(function) << std::hexfloat << " derivative " << order << " at " << x[i] << " got " << y[i];
      }
    }
  }
}

/// Bit patterns from everywhere, and numbers of ordinary size.
std::vector<double> double_inputs(int count) {
  std::vector<double> x;
  for (uint64_t i = 0; x.size() < static_cast<size_t>(count); ++i) {
    const auto bits = random_bits({.seed = 3}, i);
    const uint64_t pattern = (uint64_t{bits[0]} << 32) | bits[1];
    const double uniform = std::ldexp(static_cast<double>(bits[2]), -32) - 0.5;
    const double candidates[] = {std::bit_cast<double>(pattern), 8 * uniform, 80 * uniform, 1600 * uniform, std::ldexp(uniform, -static_cast<int>(bits[3] % 64))};
    const double chosen = candidates[i % 5];
    if (std::isfinite(chosen)) x.push_back(chosen);
  }
  return x;
}

class Float64 : public testing::TestWithParam<Id> {};

TEST_P(Float64, value_slope_and_curvature_are_within_two_units) {
  const Function function = make(GetParam());
  const std::vector<double> x = double_inputs(default_patterns >> 6);
  std::vector<double> y(x.size());
  for (int order = 0; order < 3; ++order) {
    kernel::pointwise<double>(function, {.x = order}, x.data(), nullptr, y.data(), static_cast<int64_t>(x.size()));
    const test::Oracle oracle(function, order);
    for (size_t i = 0; i < x.size(); ++i) {
      ASSERT_LE(units<double>(oracle, x[i], y[i]), 2.0) << std::hexfloat << "derivative " << order << " at " << x[i] << " got " << y[i];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Float32, every_activation(), case_name);
INSTANTIATE_TEST_SUITE_P(Catalogue, Float64, every_activation(), case_name);

}  // namespace
}  // namespace rectify::activation
