// The exact path against the oracle: every activation, slope and curvature, for float32 inputs from everywhere.
#include "rectify/activation/evaluate_exactly.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/verify/oracle.h"
#include "tests/activation/catalogue_cases.h"
#include "tests/support/stratified.h"

namespace rectify::activation {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int patterns = 1 << 12;
#else
constexpr int patterns = 1 << 15;
#endif

/// Patterns from everywhere, special ones, and numbers of ordinary size.
std::vector<float> inputs() {
  std::vector<float> x = test::stratified_floats(patterns, 777);
  const std::vector<float> special = test::special_floats();
  x.insert(x.end(), special.begin(), special.end());
  for (uint64_t i = 0; i < patterns; ++i) x.push_back(static_cast<float>(16 * random_uniform({.seed = 5}, i) - 8));
  return x;
}

class Exactly32 : public testing::TestWithParam<Id> {
 protected:
  void expect_correctly_rounded(int order) {
    const Function function = make(GetParam());
    const verify::Oracle oracle(function, order);
    long wrong = 0;
    for (const float x : inputs()) {
      const Exactly y = evaluate_exactly(function, x, {.x = order});
      const verify::Rounded truth = oracle.rounded(x, verify::format_of<float>);
      const float rounded = round_exactly<float>(y), expected = static_cast<float>(truth.value);
      if (std::bit_cast<uint32_t>(rounded) == std::bit_cast<uint32_t>(expected) || (truth.zero != verify::ZeroSign::certain && rounded == 0)) continue;
      if (++wrong <= 5) ADD_FAILURE() << std::hexfloat << "at " << x << " got " << y.high << " + " << y.low << ", correctly rounded is " << expected;
    }
    EXPECT_EQ(wrong, 0);
  }
};

TEST_P(Exactly32, value_is_correctly_rounded) { expect_correctly_rounded(0); }
TEST_P(Exactly32, slope_is_correctly_rounded) { expect_correctly_rounded(1); }
TEST_P(Exactly32, curvature_is_correctly_rounded) { expect_correctly_rounded(2); }

/// Far out, where nothing cancels, also below float32's range.
TEST_P(Exactly32, agrees_with_the_float64_lanes) {
  const Function function = make(GetParam());
  for (const float x : test::stratified_floats(1 << 12, 3)) {
    if (std::fabs(x) < 8) continue;
    for (int order = 0; order < 3; ++order) {
      const Exactly y = evaluate_exactly(function, x, {.x = order});
      const double other = evaluate(function, x, {.x = order});
      if (std::fabs(other) < 0x1p-800) {
        ASSERT_LT(std::fabs(y.high), 0x1p-700) << order << " at " << std::hexfloat << x;
        ASSERT_EQ(std::signbit(y.high), std::signbit(other)) << order << " at " << std::hexfloat << x;
      } else {
        ASSERT_NEAR(y.high, other, 0x1p-50 * std::fabs(other)) << order << " at " << std::hexfloat << x;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Exactly32, every_activation(), case_name);

TEST(EvaluateExactly, keeps_a_term_that_decides_a_tie) {
  const Exactly above = evaluate_exactly(make(Id::sigmoid), 0x1p-149, value_itself);
  EXPECT_EQ(above.high, 0.5);
  EXPECT_EQ(above.low, 0x1p-151);
  // x/2 + x^2/4 of the smallest number is just above the tie with zero, of its negative just above the tie with itself.
  EXPECT_EQ(round_exactly<float>(evaluate_exactly(make(Id::silu), 0x1p-149, value_itself)), 0x1p-149f);
  EXPECT_EQ(round_exactly<float>(evaluate_exactly(make(Id::silu), -0x1p-149, value_itself)), -0.0f);
}

TEST(EvaluateExactly, reaches_below_float32) {
  const Exactly y = evaluate_exactly(make(Id::gelu), -19, value_itself);  // -19 Phi(-19)
  EXPECT_NEAR(y.high / -1.620172550999885537e-79, 1.0, 1e-15);
  EXPECT_NE(y.low, 0);
  EXPECT_LE(std::fabs(y.low), std::fabs(y.high) * 0x1p-53);
}

TEST(ExactlyProduct, is_as_exact_as_its_operand_and_keeps_the_sign_of_zero) {
  const Exactly y = product({1 + 0x1p-52, 0x1p-110}, 1 + 0x1p-52);
  EXPECT_EQ(y.high, 1 + 0x1p-51);
  EXPECT_EQ(y.low, 0x1p-104 + 0x1p-110);
  EXPECT_TRUE(std::signbit(product({-0.0, 0}, 2).high));
  EXPECT_TRUE(std::signbit(product({-0x1p-700, 0x1p-760}, 0x1p-700).high));
  EXPECT_EQ(product({0x1p1000, 0x1p940}, 0x1p1000).high, std::numeric_limits<double>::infinity());
  EXPECT_EQ(product({0x1p1000, 0x1p940}, 0x1p1000).low, 0);
}

TEST(RoundExactly, rounds_once_to_float32) {
  EXPECT_EQ(round_exactly<float>({1 + 0x1p-24, 0}), 1.0f);
  EXPECT_EQ(round_exactly<float>({1 + 0x1p-24, 0x1p-1000}), 1 + 0x1p-23f);
  EXPECT_EQ(round_exactly<float>({1 + 0x1p-24, -0x1p-1000}), 1.0f);
  EXPECT_EQ(round_exactly<float>({1 + 3 * 0x1p-24, -0x1p-1000}), 1 + 0x1p-23f);
  EXPECT_EQ(round_exactly<float>({0x1p-150, 0}), 0.0f);
  EXPECT_EQ(round_exactly<float>({0x1p-150, 0x1p-400}), 0x1p-149f);
  EXPECT_EQ(round_exactly<float>({-0x1p-150, -0x1p-400}), -0x1p-149f);
  EXPECT_EQ(round_exactly<float>({0x1p1000, 1}), std::numeric_limits<float>::infinity());
  EXPECT_EQ(round_exactly<float>({0x1.ffffffp127, -1}), std::numeric_limits<float>::max());
  EXPECT_EQ(round_exactly<float>({0x1.ffffffp127, 1}), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::signbit(round_exactly<float>({-0.0, 0.0})));
  EXPECT_EQ(round_exactly<double>({1, 0x1p-53}), 1.0);
}

}  // namespace
}  // namespace rectify::activation
