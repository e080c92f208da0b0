// Activations written as text in modules, networks and training.
#include <gtest/gtest.h>

#include "rectify/autograd/check_gradient.h"
#include "rectify/base/error.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/initialise.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/loss.h"
#include "rectify/nn/network.h"
#include "rectify/nn/sequential.h"
#include "rectify/train/optimiser.h"
#include "tests/support/gradient_cases.h"

namespace rectify {
namespace {

using test::spread;

TEST(FormulaModule, gradients_agree_with_finite_differences_at_first_and_second_order) {
  const activation::Function f = activation::formula("x*sigmoid(b*x) + c*exp(-x^2)", {{"b", 1.5}, {"c", 0.5}});
  const auto apply = [&](std::span<const Tensor> x) {
    const Tensor parameters[] = {x[1], x[2]};
    return activate(f, x[0], parameters);
  };
  const Tensor inputs[] = {spread({12}, -3, 3, 31), Tensor::full({1}, 1.5, DType::float64), Tensor::full({1}, 0.5, DType::float64)};
  const GradientCheck check = check_gradient(apply, inputs, {.order = 2, .step = 1e-3, .tolerance = 1e-7});
  EXPECT_TRUE(check.passed) << check.message;
}

TEST(FormulaModule, has_the_bits_of_the_catalogues_module_in_both_directions) {
  nn::Sequential own{nn::Linear{5, 7}, Mish{}, nn::Linear{7, 2}}, written = nn::clone(own);
  written = nn::Sequential{nn::Linear{5, 7}, Formula{"x*tanh(log(1+exp(x)))"}, nn::Linear{7, 2}};
  nn::initialise(own, {.seed = 3});
  nn::initialise(written, {.seed = 3});
  const Tensor x = spread({9, 5}, -2, 2, 1).to(DType::float32);
  const auto a = value_and_grad(own, [&] { return sum(square(own(x))); });
  const auto b = value_and_grad(written, [&] { return sum(square(written(x))); });
  EXPECT_EQ(a.value.item(), b.value.item());
  ASSERT_EQ(a.gradients.size(), b.gradients.size());
  for (size_t i = 0; i < a.gradients.size(); ++i) {
    for (int64_t k = 0; k < a.gradients[i].size(); ++k) EXPECT_EQ(a.gradients[i].at(k), b.gradients[i].at(k)) << i << " " << k;
  }
}

TEST(FormulaModule, is_a_layer_of_the_grammar_and_prints_back) {
  const char* text = "linear(8), formula(\"x*sigmoid(beta*x)\", beta=1), linear(3)";
  nn::Sequential network = nn::build(parse_specification_list(text).or_throw(), Shape{4});
  EXPECT_EQ(network.parameter_count(), 4 * 8 + 8 + 1 + 8 * 3 + 3);
  const std::string printed = network.specification();
  nn::Sequential again = nn::build(parse_specification_list(printed).or_throw(), Shape{4});
  EXPECT_EQ(again.specification(), printed);
  EXPECT_EQ(network.state()[2].name, "1.beta");
  EXPECT_THROW(nn::build(parse_specification_list("linear(8), formula(\"x*sigmoid(beta*x)\"), linear(3)").or_throw(), Shape{4}), ArgumentError);
}

TEST(FormulaModule, named_parameters_are_learned) {
  // The target is swish with beta = 2; descent finds it from 0.5.
  Formula model{"x*sigmoid(beta*x)", {{"beta", 0.5}}};
  const Tensor x = spread({256}, -4, 4, 5).to(DType::float32), target = swish(x, 2.0);
  train::Adam optimiser{model.parameters(), {.learning_rate = 0.05}};
  for (int step = 0; step < 2000; ++step) {
    const auto [loss, gradients] = value_and_grad(model, [&] { return nn::mse(model(x), target); });
    optimiser.step(gradients);
  }
  EXPECT_NEAR(model.parameters()[0].item(), 2.0, 0.02);
  EXPECT_NEAR(model.function().parameters[0], 2.0, 0.02);
}

TEST(FormulaModule, the_weights_before_it_are_calibrated_for_it) {
  nn::Sequential own{nn::Linear{64, 64}, GELU{}}, written{nn::Linear{64, 64}, Formula{"x/2*(1+erf(x/sqrt(2)))"}};
  nn::initialise(own, {.seed = 1});
  nn::initialise(written, {.seed = 1});
  EXPECT_NEAR(own.parameters()[0].at(5), written.parameters()[0].at(5), 1e-6);
}

}  // namespace
}  // namespace rectify
