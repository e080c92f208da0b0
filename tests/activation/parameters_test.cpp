// Derivatives by parameters against differences of the oracle, which is exact enough to be differenced.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/activation/catalogue_cases.h"
#include "tests/support/oracle.h"

namespace rectify::activation {
namespace {

Function moved(Function function, int which, double step) {
  function.parameters[static_cast<size_t>(which)] += step;
  return function;
}

class ByParameter : public testing::TestWithParam<Id> {
 protected:
  /// Calls check(function, which, x) at points away from the kinks, for the defaults and for other parameters.
  template <class Check>
  void everywhere(Check check) {
    std::vector<Function> functions = with_other_parameters(GetParam());
    functions.push_back(make(GetParam()));
    for (const Function& function : functions) {
      for (int which = 0; which < spec(GetParam()).parameter_count(); ++which) {
        for (double x = -4.9371; x < 5; x += 0.2913) {
          SCOPED_TRACE(to_string(function) + " by " + std::string(spec(GetParam()).parameters[which].name) + " at " + std::to_string(x));
          check(function, which, x);
        }
      }
    }
  }
};

TEST_P(ByParameter, first_derivative_of_the_value) {
  everywhere([](const Function& function, int which, double x) {
    const double step = 0x1p-16;
    const test::Oracle above(moved(function, which, step), 0), below(moved(function, which, -step), 0);
    const double expected = static_cast<double>((above.value(x) - below.value(x)) / (2 * step));
    EXPECT_NEAR(evaluate(function, x, {.parameter = 1, .which = which}), expected, 1e-7 * std::fmax(0.01, std::fabs(expected)));
  });
}

TEST_P(ByParameter, derivative_of_the_slope) {
  everywhere([](const Function& function, int which, double x) {
    const double step = 0x1p-16;
    const test::Oracle above(moved(function, which, step), 1), below(moved(function, which, -step), 1);
    const double expected = static_cast<double>((above.value(x) - below.value(x)) / (2 * step));
    EXPECT_NEAR(evaluate(function, x, {.x = 1, .parameter = 1, .which = which}), expected, 1e-7 * std::fmax(0.01, std::fabs(expected)));
  });
}

TEST_P(ByParameter, second_derivative_of_the_value) {
  everywhere([](const Function& function, int which, double x) {
    const double step = 0x1p-12;
    const test::Oracle above(moved(function, which, step), 0), middle(function, 0), below(moved(function, which, -step), 0);
    const double expected = static_cast<double>((above.value(x) - 2 * middle.value(x) + below.value(x)) / (step * step));
    EXPECT_NEAR(evaluate(function, x, {.parameter = 2, .which = which}), expected, 1e-4 * std::fmax(0.01, std::fabs(expected)));
  });
}

INSTANTIATE_TEST_SUITE_P(Catalogue, ByParameter, every_activation(), case_name);

}  // namespace
}  // namespace rectify::activation
