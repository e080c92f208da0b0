#include "rectify/activation/scan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace rectify::activation {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<Stretch> signs_of(double (*f)(double), const std::vector<double>& breaks = {}) {
  const std::vector<double> grid = scanning_grid(breaks);
  return signs(sampled(f, grid), grid, breaks);
}

TEST(Scan, finds_roots_to_the_last_bit) {
  const auto stretches = signs_of([](double x) { return x * x * x - 2; });
  ASSERT_EQ(stretches.size(), 2u);
  EXPECT_EQ(stretches[0].sign, -1);
  EXPECT_NEAR(stretches[0].high, std::cbrt(2.0), 1e-15);
  EXPECT_EQ(stretches[1].low, stretches[0].high);
  EXPECT_EQ(stretches[1].high, infinity);
}

TEST(Scan, a_root_on_the_grid_is_a_point) {
  const auto stretches = signs_of([](double x) { return (x - 1) * x; });
  ASSERT_EQ(stretches.size(), 3u);
  EXPECT_EQ(stretches[1].low, 0);
  EXPECT_EQ(stretches[1].high, 1);
  EXPECT_EQ(stretches[1].sign, -1);
}

TEST(Scan, flat_parts_are_zeros_and_underflow_is_not) {
  const auto flat = signs_of([](double x) { return x > 0.3 ? (x - 0.3) * (x - 0.3) : 0; });
  ASSERT_EQ(flat.size(), 2u);
  EXPECT_EQ(flat[0].sign, 0);
  EXPECT_NEAR(flat[0].high, 0.3, 1e-12);
  const auto decaying = signs_of([](double x) { return std::exp(-x * x); });
  ASSERT_EQ(decaying.size(), 1u);
  EXPECT_EQ(decaying[0].sign, 1);
}

TEST(Scan, finds_a_jump_between_the_points_of_the_grid) {
  const std::vector<double> grid = scanning_grid({});
  const auto found = jumps(sampled([](double x) { return std::tanh(x) + (x > 0.123456 ? 0.02 : 0); }, grid), grid);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found[0], 0.123456, 1e-15);
  EXPECT_TRUE(jumps(sampled([](double x) { return std::tanh(200 * x); }, grid), grid).empty()) << "steep is not a jump";
}

TEST(Scan, the_largest_value_lies_between_the_points_of_the_grid) {
  const std::vector<double> grid = scanning_grid({});
  EXPECT_NEAR(largest_magnitude(sampled([](double x) { return std::sin(30 * x + 0.1); }, grid), grid, {}), 1, 1e-12);
  EXPECT_EQ(largest_magnitude(sampled([](double x) { return std::exp(x); }, grid), grid, {}), infinity);
}

}  // namespace
}  // namespace rectify::activation
