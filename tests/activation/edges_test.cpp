// Infinities, NaN, zeros, kinks, and what the Spec says of them.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "rectify/activation/evaluate_by_jet.h"
#include "rectify/activation/limits.h"
#include "rectify/kernel/pointwise.h"
#include "rectify/verify/sweep.h"
#include "tests/activation/catalogue_cases.h"

namespace rectify::activation {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class T>
T apply(const Function& function, Derivative derivative, T x) {
  T y = 0;
  kernel::pointwise_here<T>(function, derivative, &x, nullptr, &y, 1);
  return y;
}

class Edges : public testing::TestWithParam<Id> {};

TEST_P(Edges, the_limits_of_the_spec_are_those_of_the_formula) {
  std::vector<Function> functions = with_other_parameters(GetParam());
  functions.push_back(make(GetParam()));
  for (const Function& function : functions) {
    for (int order = 0; order < 3; ++order) {
      for (const bool positive : {false, true}) EXPECT_EQ(verify::check_limit(function, order, positive), "");
    }
  }
}

TEST_P(Edges, infinities_give_the_limits_in_both_types) {
  const Function function = make(GetParam());
  for (int order = 0; order < 3; ++order) {
    for (const double x : {-infinity, infinity}) {
      const double limit = activation::limit(function, {.x = order}, x > 0);
      EXPECT_EQ(std::bit_cast<uint32_t>(apply(function, {.x = order}, static_cast<float>(x))), std::bit_cast<uint32_t>(static_cast<float>(limit)));
      EXPECT_EQ(std::bit_cast<uint64_t>(apply(function, {.x = order}, x)), std::bit_cast<uint64_t>(limit));
      EXPECT_EQ(std::bit_cast<uint64_t>(evaluate(function, x, {.x = order})), std::bit_cast<uint64_t>(limit));
    }
  }
}

TEST_P(Edges, the_largest_numbers_go_the_way_of_the_limits) {
  const Function function = make(GetParam());
  for (int order = 0; order < 3; ++order) {
    for (const bool positive : {false, true}) {
      const double limit = activation::limit(function, {.x = order}, positive);
      const float y = apply(function, {.x = order}, positive ? std::numeric_limits<float>::max() : std::numeric_limits<float>::lowest());
      const double z = apply(function, {.x = order}, positive ? std::numeric_limits<double>::max() : std::numeric_limits<double>::lowest());
      if (std::isnan(limit)) {
        EXPECT_TRUE(std::isfinite(y) && std::isfinite(z));
      } else if (std::isinf(limit)) {
        EXPECT_GT(limit > 0 ? y : -y, 1e35f);
        EXPECT_GT(limit > 0 ? z : -z, 1e305);
      } else {
        EXPECT_NEAR(y, static_cast<float>(limit), 1e-37) << order << positive;  // a tail like 1/|x| is not 0 there yet
        EXPECT_EQ(std::signbit(y), std::signbit(limit)) << order << positive << " " << y;
        EXPECT_NEAR(z, limit, 1e-15) << order << positive;
        EXPECT_EQ(std::signbit(z), std::signbit(limit));
      }
    }
  }
}

TEST_P(Edges, every_nan_becomes_the_canonical_quiet_nan) {
  const Function function = make(GetParam());
  for (int order = 0; order < 3; ++order) {
    for (const uint32_t bits : {0x7FC00000u, 0xFFC00000u, 0x7FC12345u, 0xFF812345u}) {
      EXPECT_EQ(std::bit_cast<uint32_t>(apply(function, {.x = order}, std::bit_cast<float>(bits))), 0x7FC00000u);
    }
    for (const uint64_t bits : {0x7FF8000000000000ull, 0xFFF8000000000001ull, 0x7FF0000000000001ull}) {
      EXPECT_EQ(std::bit_cast<uint64_t>(apply(function, {.x = order}, std::bit_cast<double>(bits))), 0x7FF8000000000000ull);
      EXPECT_EQ(std::bit_cast<uint64_t>(evaluate(function, std::bit_cast<double>(bits), {.x = order})), 0x7FF8000000000000ull);
    }
  }
}

TEST_P(Edges, a_zero_value_at_zero_has_the_sign_of_what_lies_left_of_it) {
  const Function function = make(GetParam());
  if (evaluate(function, 0.0) != 0) return;
  const bool below = spec(GetParam()).odd || evaluate(function, -0.25) < 0, constant_term_added = function.id == Id::affine, negative = below && !constant_term_added;
  EXPECT_FALSE(std::signbit(apply(function, value_itself, 0.0f)));
  EXPECT_EQ(std::signbit(apply(function, value_itself, -0.0f)), negative);
  EXPECT_EQ(std::signbit(apply(function, value_itself, -0.0)), negative);
  EXPECT_EQ(std::signbit(evaluate(function, -0.0)), negative);
}

TEST_P(Edges, odd_functions_are_odd_to_the_last_bit) {
  const Function function = make(GetParam());
  if (!spec(GetParam()).odd) return;
  for (float x = 1e-40f; x < 1e38f; x *= 1.37f) {
    EXPECT_EQ(std::bit_cast<uint32_t>(apply(function, value_itself, -x)), std::bit_cast<uint32_t>(apply(function, value_itself, x)) ^ 0x80000000u);
    EXPECT_EQ(apply(function, slope, -x), apply(function, slope, x));
  }
}

TEST_P(Edges, underflow_keeps_the_sign_of_the_true_value) {
  const Function function = make(GetParam());
  for (int order = 0; order < 3; ++order) {
    for (const bool positive : {false, true}) {
      const double limit = activation::limit(function, {.x = order}, positive);
      if (limit != 0) continue;
      for (const float x : {120.0f, 300.0f, 5000.0f, 1e10f, 1e30f}) {
        const float y = apply(function, {.x = order}, positive ? x : -x);
        EXPECT_EQ(std::signbit(y), std::signbit(limit)) << order << " at " << (positive ? x : -x) << ": " << y;
      }
    }
  }
}

TEST_P(Edges, at_a_kink_the_slope_is_one_of_the_sides_or_as_stated_and_the_curvature_is_zero) {
  const Function function = make(GetParam());
  std::string_view rest = spec(GetParam()).kinks;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(';'), rest.size());
    const double kink = evaluate_limit(rest.substr(0, end), spec(GetParam()), function.parameters);
    ASSERT_TRUE(std::isfinite(kink));
    EXPECT_EQ(evaluate(function, kink, curvature), 0);
    const double left = evaluate(function, kink - 1e-9, slope), right = evaluate(function, kink + 1e-9, slope), here = evaluate(function, kink, slope);
    EXPECT_TRUE(std::fabs(here - left) < 1e-6 || std::fabs(here - right) < 1e-6) << left << " " << here << " " << right;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

TEST_P(Edges, the_slope_follows_from_the_output_where_the_spec_says_so) {
  if (!spec(GetParam()).slope_from_output) return;
  std::vector<Function> functions = with_other_parameters(GetParam());
  functions.push_back(make(GetParam()));
  for (const Function& function : functions) {
    for (uint32_t i = 0; i < (1u << 20); ++i) {
      const float x = std::bit_cast<float>(i << 12 | (i * 2654435761u & 0xFFFu));
      if (std::isnan(x)) continue;
      const float from_input = apply(function, slope, x), from_output = apply(function, slope, apply(function, value_itself, x));
      ASSERT_EQ(std::bit_cast<uint32_t>(from_input), std::bit_cast<uint32_t>(from_output)) << to_string(function) << " at " << x;
    }
  }
}

TEST_P(Edges, written_slopes_and_curvatures_agree_with_those_of_the_value) {
  std::vector<Function> functions = with_other_parameters(GetParam());
  functions.push_back(make(GetParam()));
  for (const Function& function : functions) {
    for (double x = -19.97; x < 20; x += 0.0137) {
      for (int order = 1; order < 3; ++order) {
        const double written = evaluate(function, x, {.x = order}), automatic = evaluate_by_jet(function, x, order);
        EXPECT_NEAR(written, automatic, 1e-13 * std::fmax(1, std::fabs(written)) * std::fmax(1, std::fabs(function.parameters[0])))
            << to_string(function) << " derivative " << order << " at " << x;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Edges, every_activation(), case_name);

TEST(Kinks, follow_pytorch) {
  EXPECT_EQ(evaluate(make(Id::relu), 0, slope), 0);
  EXPECT_EQ(evaluate(make(Id::leaky_relu), 0, slope), 0.01);
  EXPECT_EQ(evaluate(make(Id::prelu), 0, slope), 0.25);
  EXPECT_EQ(evaluate(make(Id::hardtanh), 1, slope), 0);
  EXPECT_EQ(evaluate(make(Id::hardtanh), -1, slope), 0);
  for (const double end : {-3.0, 3.0}) EXPECT_EQ(evaluate(make(Id::hardsigmoid), end, slope), 0);
  for (const double end : {0.0, 6.0}) EXPECT_EQ(evaluate(make(Id::relu6), end, slope), 0);
  for (const double edge : {-0.5, 0.5}) EXPECT_EQ(evaluate(make(Id::hardshrink), edge, slope), 0);
  for (const double edge : {-0.5, 0.5}) EXPECT_EQ(evaluate(make(Id::softshrink), edge, slope), 0);
  EXPECT_EQ(evaluate(make(Id::threshold), 0, slope), 0);
  EXPECT_EQ(evaluate(make(Id::thresholded_relu), 1, slope), 0);
  EXPECT_EQ(evaluate(make(Id::rrelu), 0, slope), 11.0 / 48);
  EXPECT_EQ(evaluate(make(Id::hardswish), -3, slope), -0.5);
  EXPECT_EQ(evaluate(make(Id::hardswish), 3, slope), 1.5);
  EXPECT_EQ(evaluate(make(Id::elu, std::vector<double>{2.0}), 0, slope), 2);
  EXPECT_NEAR(evaluate(make(Id::selu), 0, slope), 1.7580993408473768, 1e-15);
}

}  // namespace
}  // namespace rectify::activation
