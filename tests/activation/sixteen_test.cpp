// Every activation, slope and curvature in float16 and bfloat16: all 65536 inputs against the oracle, and the backward pass's product rounded once.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/kernel/pointwise.h"
#include "rectify/verify/oracle.h"
#include "rectify/verify/sweep.h"
#include "tests/activation/catalogue_cases.h"

namespace rectify::activation {
namespace {

template <class T>
void expect_right(const Function& function, const verify::Inputs& inputs) {
  for (int derivative = 0; derivative < 3; ++derivative) {
    const verify::SweepResult result = verify::sweep<T>(function, derivative, verify::library_kernel<T>(function, derivative), {.inputs = inputs});
    EXPECT_EQ(result.failures, 0u) << to_string(function) << " derivative " << derivative << " in " << result.dtype << ": " << result.misrounded << " of " << result.inputs
                                   << " misrounded, by up to " << result.largest_error << " units at " << std::hexfloat << result.worst_input << ", where it gives "
                                   << result.worst_result;
    if (inputs.kind == verify::Inputs::Kind::exhaustive) {
      EXPECT_EQ(result.inputs, 65536u);
    }
  }
}

/// The text of the derivative times a number as a formula of its own, so that the oracle rounds the product once.
verify::Oracle product_oracle(const Function& function, int derivative, double factor) {
  const Spec& about = spec(function.id);
  std::vector<std::string> names;
  std::vector<double> values;
  for (int i = 0; i < about.parameter_count(); ++i) {
    names.emplace_back(about.parameters[i].name);
    values.push_back(function.parameters[static_cast<size_t>(i)]);
  }
  names.emplace_back("factor");
  values.push_back(factor);
  const bool own_text = derivative == 1 && !about.slope_formula.empty();
  const std::string text = "factor * (" + std::string(own_text ? about.slope_formula : about.formula) + ")";
  return {parse_expression(text, names).or_throw(), values, own_text ? 0 : derivative};
}

template <class T>
void expect_product_rounded_once(const Function& function) {
  constexpr int64_t count = 256;
  std::vector<T> x(count), g(count), y(count);
  for (int64_t i = 0; i < count; ++i) {
    const auto words = random_bits({.seed = 3}, static_cast<uint64_t>(i));
    // Half of them patterns from everywhere, half of ordinary size.
    x[i] = i % 2 == 0 ? std::bit_cast<T>(static_cast<uint16_t>(words[0])) : T(16 * random_uniform({.seed = 4}, static_cast<uint64_t>(i)) - 8);
    if (!std::isfinite(static_cast<double>(x[i]))) x[i] = T(0.5);
  }
  for (const double factor : {-1.0 / 3, 12.34, 3e-6, 30000.0}) {
    std::fill(g.begin(), g.end(), T(factor));
    kernel::pointwise_here<T>(function, slope, x.data(), g.data(), y.data(), count);
    const verify::Oracle oracle = product_oracle(function, 1, static_cast<double>(g[0]));
    for (int64_t i = 0; i < count; ++i) {
      const double input = static_cast<double>(x[i]);
      if (!std::isfinite(evaluate(function, input, slope))) continue;  // beyond float64 before it is multiplied
      // Of an exact tie, such as (2x + 3)/6 times a multiple of 3, either neighbour.
      ASSERT_LE(oracle.error_in_ulps(input, y[i]), 0.5 + 1e-9) << std::hexfloat << to_string(function) << " at " << input << " times " << static_cast<double>(g[i]);
    }
  }
}

class Sixteen : public testing::TestWithParam<Id> {};

TEST_P(Sixteen, float16_is_correctly_rounded_for_every_input) { expect_right<Float16>(make(GetParam()), {}); }
TEST_P(Sixteen, bfloat16_is_correctly_rounded_for_every_input) { expect_right<BFloat16>(make(GetParam()), {}); }

TEST_P(Sixteen, other_parameters_are_within_half_a_unit_and_a_ten_millionth) {
  for (const Function& function : with_other_parameters(GetParam())) expect_right<Float16>(function, {.kind = verify::Inputs::Kind::stratified, .count = 1 << 10});
}

TEST_P(Sixteen, the_slope_times_a_gradient_is_rounded_once) {
  expect_product_rounded_once<Float16>(make(GetParam()));
  expect_product_rounded_once<BFloat16>(make(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Sixteen, every_activation(), case_name);

TEST(SixteenAtKinks, a_tie_is_the_conventions_own) {
  // The mean of both slopes is 0.75 + 2^-12, halfway between two numbers of float16; the standard slope at 0 is neither.
  Function function = make(Id::leaky_relu);
  function.parameters[0] = 0.5 + 0x1p-11;
  function.at_kinks = AtKinks::mean;
  const Float16 x(0.0), g(3.0);
  Float16 y;
  kernel::pointwise_here<Float16>(function, slope, &x, nullptr, &y, 1);
  EXPECT_EQ(static_cast<double>(y), 0.75);
  kernel::pointwise_here<Float16>(function, slope, &x, &g, &y, 1);
  EXPECT_EQ(static_cast<double>(y), 2.25);
}

}  // namespace
}  // namespace rectify::activation
