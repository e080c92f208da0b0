// Derivatives by parameters against differences of the oracle, which is exact enough to be differenced.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/activation/catalogue_cases.h"
#include "rectify/verify/oracle.h"

namespace rectify::activation {
namespace {

Function moved(Function function, int which, double step) {
  function.parameters[static_cast<size_t>(which)] += step;
  return function;
}

/// The oracle of the function's derivative by x of some order at places around a parameter's value, `steps` steps away.
long double moved_value(const Function& function, int which, int order, double x, double step, int steps) {
  return verify::Oracle(moved(function, which, steps * step), order).value(x);
}

// Differences over five points, whose error is of the fourth order in the step.
double first_difference(const Function& function, int which, int order, double x) {
  const double step = 0x1p-16;
  const auto at = [&](int steps) { return moved_value(function, which, order, x, step, steps); };
  return static_cast<double>((8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step));
}

double second_difference(const Function& function, int which, double x) {
  const double step = 0x1p-12;
  const auto at = [&](int steps) { return moved_value(function, which, 0, x, step, steps); };
  return static_cast<double>((16 * (at(1) + at(-1)) - (at(2) + at(-2)) - 30 * at(0)) / (12 * step * step));
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
    const double expected = first_difference(function, which, 0, x);
    EXPECT_NEAR(evaluate(function, x, {.parameter = 1, .which = which}), expected, 1e-7 * std::fmax(0.01, std::fabs(expected)));
  });
}

TEST_P(ByParameter, derivative_of_the_slope) {
  everywhere([](const Function& function, int which, double x) {
    const double expected = first_difference(function, which, 1, x);
    EXPECT_NEAR(evaluate(function, x, {.x = 1, .parameter = 1, .which = which}), expected, 1e-7 * std::fmax(0.01, std::fabs(expected)));
  });
}

TEST_P(ByParameter, second_derivative_of_the_value) {
  everywhere([](const Function& function, int which, double x) {
    const double expected = second_difference(function, which, x);
    EXPECT_NEAR(evaluate(function, x, {.parameter = 2, .which = which}), expected, 1e-4 * std::fmax(0.01, std::fabs(expected)));
  });
}

INSTANTIATE_TEST_SUITE_P(Catalogue, ByParameter, every_activation(), case_name);

}  // namespace
}  // namespace rectify::activation
