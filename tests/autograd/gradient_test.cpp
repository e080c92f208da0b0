// Every primitive and every activation against finite differences, at first and second order.
#include <gtest/gtest.h>

#include "rectify/autograd/check_gradient.h"
#include "rectify/autograd/engine.h"
#include "rectify/base/error.h"
#include "tests/support/gradient_cases.h"

namespace rectify {
namespace {

using test::GradientCase;

class Gradient : public testing::TestWithParam<GradientCase> {};

TEST_P(Gradient, agrees_with_finite_differences_at_first_and_second_order) {
  const GradientCheck check = check_gradient(GetParam().function, GetParam().inputs, {.order = 2, .step = 1e-3, .tolerance = 1e-7});
  EXPECT_TRUE(check.passed) << check.message;
}

std::string case_name(const testing::TestParamInfo<GradientCase>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Primitives, Gradient, testing::ValuesIn(test::primitive_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Images, Gradient, testing::ValuesIn(test::image_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Units, Gradient, testing::ValuesIn(test::unit_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Activations, Gradient, testing::ValuesIn(test::activation_cases()), case_name);

TEST(CheckGradient, finds_a_wrong_gradient) {
  // The detached factor hides half of the gradient of x * x.
  const GradientCheck check = check_gradient([](const Tensor& x) { return x * x.detach(); }, test::spread({3}, 1, 2, 1));
  EXPECT_FALSE(check.passed);
  EXPECT_GT(check.worst_error, 0.1);
}

TEST(CheckGradient, finds_a_gradient_that_is_right_once_and_wrong_twice) {
  const auto function = [](const Tensor& x) {
    return autograd::record("half_hidden", (x * x * x).detach(), {&x}, [](const Tensor& g, std::span<const Tensor> in, std::span<Tensor> out) {
      out[0] = g * (3.0 * square(in[0].detach()));
    });
  };
  EXPECT_TRUE(check_gradient(function, test::spread({3}, 1, 2, 1)).passed);
  EXPECT_FALSE(check_gradient(function, test::spread({3}, 1, 2, 1), {.order = 2}).passed);
}

TEST(CheckGradient, refuses_float32_whose_differences_say_nothing) {
  EXPECT_THROW(check_gradient([](const Tensor& x) { return x; }, Tensor::zeros({2})), DTypeError);
}

}  // namespace
}  // namespace rectify
