#include "rectify/autograd/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "rectify/autograd/operations.h"
#include "rectify/base/error.h"

namespace rectify {
namespace {

Tensor variable(double value) { return Tensor::full({1}, value, DType::float64).set_requires_grad(true); }

TEST(ValueAndGrad, returns_the_value_without_history_and_one_gradient_per_variable) {
  const std::vector<Tensor> x = {variable(3), variable(5)};
  const auto [value, gradients] = value_and_grad([&] { return sum(x[0] * x[1] + x[0]); }, x);
  EXPECT_EQ(value.item(), 18);
  EXPECT_FALSE(value.requires_grad());
  ASSERT_EQ(gradients.size(), 2u);
  EXPECT_EQ(gradients[0].item(), 6);
  EXPECT_EQ(gradients[1].item(), 3);
}

TEST(ValueAndGrad, gives_zeros_for_an_unused_variable_and_nothing_for_a_frozen_one) {
  std::vector<Tensor> x = {variable(3), variable(5), variable(7)};
  x[2].set_requires_grad(false);
  const auto [value, gradients] = value_and_grad([&] { return sum(x[0] * x[2]); }, x);
  EXPECT_EQ(gradients[0].item(), 7);
  EXPECT_EQ(gradients[1].item(), 0);
  EXPECT_FALSE(gradients[2].defined());
}

TEST(ValueAndGrad, adds_the_contributions_of_a_variable_that_is_used_many_times) {
  const std::vector<Tensor> x = {variable(2)};
  const auto [value, gradients] = value_and_grad([&] { return sum(x[0] * x[0] * x[0] + x[0]); }, x);
  EXPECT_EQ(gradients[0].item(), 13);
}

TEST(ValueAndGrad, lets_an_exception_pass_and_leaves_nothing_recorded) {
  const std::vector<Tensor> x = {variable(2)};
  EXPECT_THROW(value_and_grad([&]() -> Tensor { throw std::runtime_error("stop"); }, x), std::runtime_error);
  EXPECT_FALSE(autograd::recording());
  EXPECT_FALSE((x[0] * x[0]).requires_grad() && (x[0] * x[0]).node());
  EXPECT_EQ(value_and_grad([&] { return sum(square(x[0])); }, x).gradients[0].item(), 4);
}

TEST(ValueAndGrad, refuses_a_value_that_is_not_one_number) {
  const std::vector<Tensor> x = {Tensor::zeros({3}).set_requires_grad(true)};
  EXPECT_THROW(value_and_grad([&] { return x[0] * 2.0; }, x), ShapeError);
}

TEST(ValueAndGrad, is_refused_where_recording_is_forbidden) {
  const NoGrad constant;
  EXPECT_THROW(value_and_grad([] { return Tensor(1.0); }, {}), ArgumentError);
}

TEST(Grad, nests_to_the_third_derivative_of_a_polynomial) {
  const auto f = [](const Tensor& x) { return sum(x * x * x * x); };
  const auto first = [&](const Tensor& x) { return sum(grad(f, x)); };
  const auto second = [&](const Tensor& x) { return sum(grad(first, x)); };
  const Tensor x = Tensor::full({1}, 2, DType::float64);
  EXPECT_EQ(grad(f, x).item(), 32);
  EXPECT_EQ(grad(first, x).item(), 48);
  EXPECT_EQ(grad(second, x).item(), 48);
}

TEST(Grad, of_an_inner_gradient_sees_the_outer_variable) {
  // d/dy [ d/dx (x² y) at x = 3 ] = 6
  const Tensor x = Tensor::full({1}, 3, DType::float64);
  const auto outer = [&](const Tensor& y) { return sum(grad([&](const Tensor& inner) { return sum(inner * inner * y); }, x)); };
  EXPECT_EQ(grad(outer, Tensor::full({1}, 5, DType::float64)).item(), 6);
}

TEST(Grad, of_what_was_computed_before_counts_as_constant) {
  const std::vector<Tensor> x = {variable(2)};
  const Tensor before = x[0] * x[0];
  EXPECT_EQ(value_and_grad([&] { return sum(before * x[0]); }, x).gradients[0].item(), 4);
}

TEST(Grad, refuses_a_third_derivative_through_an_activation) {
  const auto f = [](const Tensor& x) { return sum(activate(activation::make(activation::Id::tanh), x)); };
  const auto first = [&](const Tensor& x) { return sum(grad(f, x)); };
  const auto second = [&](const Tensor& x) { return sum(grad(first, x)); };
  const Tensor x = Tensor::full({1}, 0.5, DType::float64);
  EXPECT_NO_THROW(grad(first, x));
  EXPECT_THROW(grad(second, x), ArgumentError);
}

TEST(Grad, of_a_fused_activation_follows_its_convention_at_the_kinks) {
  activation::Function relu = activation::make(activation::Id::relu);
  for (const double expected : {0.0, 1.0}) {
    relu.at_kinks = expected == 1 ? activation::AtKinks::right : activation::AtKinks::standard;
    const Tensor x = Tensor::from(std::vector<double>{-1, 0, 1}, Shape{3, 1}), one = Tensor::full({1, 1}, 1, DType::float64);
    const std::vector<Tensor> bias = {variable(0)};
    const auto [value, gradients] = value_and_grad([&] { return sum(linear_activate(x, one, bias[0], relu)); }, bias);
    EXPECT_EQ(gradients[0].item(), 1 + expected);
  }
}

TEST(NoGrad, hides_a_part_of_a_function_and_ends_with_its_scope) {
  const std::vector<Tensor> x = {variable(3)};
  const auto [value, gradients] = value_and_grad(
      [&] {
        Tensor constant;
        {
          const NoGrad scope;
          constant = square(x[0]);
        }
        return sum(constant * x[0]);
      },
      x);
  EXPECT_EQ(gradients[0].item(), 9);
}

TEST(Recording, survives_a_chain_of_a_hundred_thousand_operations) {
  const std::vector<Tensor> x = {variable(1)};
  const auto chain = [&](bool fail) {
    Tensor y = x[0];
    for (int i = 0; i < 100000; ++i) y = y + 1.0;
    if (fail) throw std::runtime_error("the chain is dropped without a backward pass");
    return sum(y);
  };
  EXPECT_EQ(value_and_grad([&] { return chain(false); }, x).gradients[0].item(), 1);
  EXPECT_THROW(value_and_grad([&] { return chain(true); }, x), std::runtime_error);
}

TEST(Recording, is_per_thread_and_threads_may_share_variables) {
  const std::vector<Tensor> x = {variable(3)};
  std::vector<double> results(4);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < results.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        results[t] = value_and_grad([&] { return sum(square(x[0]) * static_cast<double>(t + 1)); }, x).gradients[0].item();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(results, testing::ElementsAre(6, 12, 18, 24));
}

}  // namespace
}  // namespace rectify
