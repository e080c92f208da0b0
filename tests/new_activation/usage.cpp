// Copied beside the tests of autograd once the catalogue has the line: the module and the free function exist, and there is a gradient.
#include <gtest/gtest.h>

#include "rectify/autograd/check_gradient.h"
#include "rectify/nn/activations.h"
#include "tests/support/gradient_cases.h"

namespace rectify {
namespace {

TEST(NewActivation, is_a_module_and_a_function_with_a_gradient) {
  const Tensor x = test::spread({32}, -3, 3, 1);
  const Tensor by_function = quadratic_exponential(x), by_module = nn::Activation(activation::make(activation::Id::quadratic_exponential)).forward(x);
  for (int64_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(by_function.data<double>()[i], by_module.data<double>()[i]);
    EXPECT_EQ(by_function.data<double>()[i], activation::evaluate(activation::make(activation::Id::quadratic_exponential), x.data<double>()[i]));
  }
  EXPECT_EQ(QuadraticExponential{}.specification(), "quadratic_exponential");
  const GradientCheck check = check_gradient([](const Tensor& t) { return quadratic_exponential(t); }, x, {.order = 2, .tolerance = 1e-6});
  EXPECT_TRUE(check.passed) << check.message;
}

}  // namespace
}  // namespace rectify
