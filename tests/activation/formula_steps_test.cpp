// The compiler of formulas assumes error bounds of the lanes' functions: here they are held to them.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

#include "rectify/activation/formula.h"
#include "rectify/activation/inline.h"
#include "rectify/activation/reduction.h"
#include "rectify/base/random.h"

namespace rectify::activation {
namespace one_lane_of_steps {

#include "rectify/activation/lanes_scalar.h"
#include "rectify/activation/pairs-inl.h"
#include "rectify/activation/blocks.h"
#include "rectify/activation/normal-inl.h"
#include "rectify/activation/jet.h"
#include "rectify/activation/periodic-inl.h"
#include "rectify/activation/arctan-inl.h"
#include "rectify/activation/formula_steps-inl.h"

template <bool narrow>
double applied(const Instruction& instruction, double x) {
  Lane<narrow> result = 0.0;
  with_function(instruction, [&]<class F>() { result = F::value(Lane<narrow>(x)); });
  return result.raw;
}

}  // namespace one_lane_of_steps

namespace {

constexpr const char* texts[] = {"exp(x)", "expm1(x)", "log(x)", "log1p(x)", "sqrt(x)",  "tanh(x)", "sigmoid(x)", "softplus(x)",
                                 "erf(x)", "erfc(x)",  "Phi(x)", "sin(x)",   "cos(x)",   "arctan(x)", "tanh(softplus(x))"};

TEST(FormulaSteps, functions_of_the_lanes_keep_the_errors_that_the_compiler_assumes) {
  for (const char* text : texts) {
    const Function f = formula(text);
    const CompiledFormula& compiled = f.formula->compiled(value_itself);
    ASSERT_EQ(compiled.narrow.instructions.size(), 1u) << text;
    const Instruction &narrow = compiled.narrow.instructions[0], &wide = compiled.wide.instructions[0];
    for (int i = 0; i < 4000; ++i) {
      // Sizes from 2^-30 to 2^9, both signs: the ordinary arguments, the range in which functions leave float64, and beyond.
      const double x = static_cast<float>(std::ldexp(2 * random_uniform({.seed = 3}, static_cast<uint64_t>(i)) - 1, i % 40 - 30));
      const Nearest truth = compiled.exact.nearest(x, f.parameters);
      const double size = std::fabs(truth.value);
      if (!(size > 0x1p-900)) continue;
      const double y = one_lane_of_steps::applied<true>(narrow, x), z = one_lane_of_steps::applied<false>(wide, x);
      const double y_error = std::fabs((y - truth.value) - truth.low), z_error = std::fabs((z - truth.value) - truth.low);
      EXPECT_TRUE(std::isnan(y) || y_error <= narrow.relative * size) << text << " at " << x;
      EXPECT_TRUE(std::isnan(z) || z_error <= wide.relative * size) << text << " at " << x;
      const bool ordinary = std::fabs(x) < 8 && !(std::string_view(text) == "log1p(x)" && x < -0.999);  // there the logarithm's argument may be its own error
      EXPECT_TRUE(!ordinary || std::isnan(truth.value) || !(std::isnan(y) || std::isnan(z))) << text << " is left to the exact path at " << x;
    }
  }
}

}  // namespace
}  // namespace rectify::activation
