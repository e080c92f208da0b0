#include "rectify/observe/watch.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>

#include "rectify/autograd/trace.h"
#include "rectify/base/random.h"
#include "rectify/base/thread_pool.h"
#include "rectify/format/digest.h"
#include "rectify/kernel/target.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/image_layers.h"
#include "rectify/nn/loss.h"
#include "rectify/nn/normalisations.h"
#include "rectify/nn/sequential.h"
#include "rectify/train/model_state.h"
#include "rectify/train/optimiser.h"

namespace rectify::observe {
namespace {

using testing::ElementsAre;

Tensor random_numbers(const Shape& shape, uint64_t seed, double scale = 4) {
  Tensor result = Tensor::empty(shape);
  for (int64_t i = 0; i < result.size(); ++i) result.data<float>()[i] = static_cast<float>(scale * (random_uniform({.seed = seed}, static_cast<uint64_t>(i)) - 0.5));
  return result;
}

const WatchOptions every_step{.every = 1, .gradients_every = 1};

nn::Sequential perceptron() {
  nn::Sequential model{nn::Linear{9, 33}, Tanh{}, nn::Linear{33, 20}, Mish{}, nn::Linear{20, 17}, ReLU{}, nn::Linear{17, 5}};
  nn::initialise(model, {.seed = 1});
  return model;
}

nn::Sequential convolutional() {
  nn::Sequential model{nn::Conv2d{2, 12, 3}, ReLU{}, nn::MaxPool2d{2}, nn::Conv2d{12, 8, 3}, GELU{}, nn::Flatten{}, nn::Linear{8 * 9, 5}};
  nn::initialise(model, {.seed = 2});
  return model;
}

ValueAndGradients pass(nn::Module& model, const Tensor& input) {
  return value_and_grad(model, [&] { return mean(square(model(input))); });
}

/// What a trace of one pass, in which every layer and activation runs apart, shows of each layer: its output after the activation, and what went into that.
struct Shown {
  Tensor output, input;
};
std::vector<Shown> traced(nn::Module& model, const Tensor& input) {
  trace::Trace trace;
  model(input);
  std::vector<Shown> result;
  for (const trace::Layer& layer : trace.layers()) {
    const Tensor& last = layer.passed_on.defined() ? layer.passed_on : layer.output;
    result.push_back({layer.activation ? layer.activated : layer.output, last});
  }
  return result;
}

void expect_counts(const WatchedLayer& layer, const Shown& shown, double left, double right, int times = 1) {
  SCOPED_TRACE(layer.name + " " + layer.layer);
  const int64_t units = shown.output.size(-1), rows = shown.output.size() / units;
  ASSERT_EQ(layer.units(), units);
  EXPECT_EQ(layer.count, times * rows);
  for (int64_t unit = 0; unit < units; ++unit) {
    double sum = 0, squares = 0, minimum = INFINITY, maximum = -INFINITY;
    int64_t zeros = 0, below = 0, above = 0;
    for (int64_t row = 0; row < rows; ++row) {
      const double y = shown.output.at(row * units + unit), z = shown.input.at(row * units + unit);
      sum += y, squares = std::fma(y, y, squares), minimum = std::min(minimum, y), maximum = std::max(maximum, y), zeros += y == 0, below += z < left, above += z > right;
    }
    const auto j = static_cast<size_t>(unit);
    EXPECT_EQ(layer.sum[j], times * sum);
    EXPECT_EQ(layer.sum_of_squares[j], times * squares);
    EXPECT_EQ(layer.minimum[j], minimum);
    EXPECT_EQ(layer.maximum[j], maximum);
    EXPECT_EQ(layer.zeros[j], times * zeros);
    EXPECT_EQ(layer.non_finite[j], 0);
    EXPECT_EQ(layer.saturated_left[j], times * below);
    EXPECT_EQ(layer.saturated_right[j], times * above);
  }
}

constexpr double infinity = std::numeric_limits<double>::infinity();
const double tanh_edge = std::atanh(std::sqrt(0.95));

TEST(Watch, counts_what_every_unit_gives_and_where_its_activation_saturates) {
  nn::Sequential model = perceptron();
  const Tensor input = random_numbers({70, 9}, 3, 8);
  const std::vector<Shown> shown = traced(model, input);
  Watch watch{model, every_step};
  pass(model, input);
  pass(model, input);
  ASSERT_EQ(watch.layers().size(), 4u);
  EXPECT_NEAR(watch.layers()[0].saturated.right, tanh_edge, 1e-12);
  expect_counts(watch.layers()[0], shown[0], watch.layers()[0].saturated.left, watch.layers()[0].saturated.right, 2);
  EXPECT_NEAR(watch.layers()[1].saturated.left, -3.98125, 1e-5);
  expect_counts(watch.layers()[1], shown[1], watch.layers()[1].saturated.left, infinity, 2);
  expect_counts(watch.layers()[2], shown[2], std::numeric_limits<double>::denorm_min(), infinity, 2);  // z <= 0, told by the output
  EXPECT_EQ(watch.layers()[2].saturated_left, watch.layers()[2].zeros);
  expect_counts(watch.layers()[3], shown[3], -infinity, infinity, 2);
}

TEST(Watch, names_the_layers_and_their_activations) {
  nn::Sequential model = perceptron();
  Watch watch{model, every_step};
  EXPECT_TRUE(watch.layers().empty());
  pass(model, random_numbers({3, 9}, 4));
  ASSERT_EQ(watch.layers().size(), 4u);
  EXPECT_EQ(watch.layers()[1].name, "2");
  EXPECT_EQ(watch.layers()[1].layer, model[2].specification());
  EXPECT_EQ(activation::to_string(*watch.layers()[1].activation), "mish");
  EXPECT_FALSE(watch.layers()[3].activation);
}

TEST(Watch, a_convolution_has_a_unit_for_each_channel) {
  nn::Sequential model = convolutional();
  const Tensor input = random_numbers({6, 12, 12, 2}, 5);
  const std::vector<Shown> shown = traced(model, input);
  Watch watch{model, every_step};
  pass(model, input);
  ASSERT_EQ(watch.layers().size(), 3u);
  EXPECT_EQ(watch.layers()[0].count, 6 * 10 * 10);
  expect_counts(watch.layers()[0], shown[0], std::numeric_limits<double>::denorm_min(), infinity);
  expect_counts(watch.layers()[1], shown[1], watch.layers()[1].saturated.left, infinity);
  expect_counts(watch.layers()[2], shown[2], -infinity, infinity);
}

/// The same layers as free functions, where nothing runs together.
struct Written : nn::Module {
  Tensor forward(const Tensor& x) override { return second(gelu(first(x))); }
  void visit(nn::Visitor& visitor) override { visitor("first", first), visitor("second", second); }
  nn::Linear first{6, 10}, second{10, 3};
};

TEST(Watch, sees_free_functions_as_it_sees_sequential) {
  Written written;
  nn::Sequential model{written.first, GELU{}, written.second};
  const Tensor input = random_numbers({40, 6}, 6);
  Watch apart{written, every_step}, together{model, every_step};  // the same tensors, so that both see both passes
  pass(written, input);
  pass(written, input);
  const std::vector<WatchedLayer> of_functions = apart.layers();
  together.reset();
  pass(model, input);
  pass(model, input);
  ASSERT_EQ(of_functions.size(), 2u);
  EXPECT_EQ(of_functions[0].name, "first");
  for (size_t i = 0; i < 2; ++i) {
    const WatchedLayer &a = of_functions[i], b = together.layers()[i];
    EXPECT_EQ(a.activation, b.activation);
    EXPECT_EQ(a.count, b.count);
    EXPECT_EQ(a.sum, b.sum);
    EXPECT_EQ(a.sum_of_squares, b.sum_of_squares);
    EXPECT_EQ(a.minimum, b.minimum);
    EXPECT_EQ(a.saturated_left, b.saturated_left);
  }
}

TEST(Watch, follows_a_layer_through_normalisation_and_pooling_to_a_learned_activation) {
  nn::Sequential model{nn::Conv2d{1, 4, 3}, nn::BatchNorm{4}, nn::AvgPool2d{2}, PSSiLU{16.0, 0.0}, nn::Flatten{}, nn::Linear{16, 2}};
  nn::initialise(model, {.seed = 8});
  const Tensor input = random_numbers({5, 6, 6, 1}, 9);
  Watch watch{model, every_step};
  pass(model, input);
  const std::vector<Shown> shown = traced(model, input);
  EXPECT_EQ(watch.layers()[0].activation->id, activation::Id::pssilu);
  expect_counts(watch.layers()[0], shown[0], watch.layers()[0].saturated.left, infinity);
  EXPECT_GT(watch.layers()[0].saturated_left[0], 0);
}

TEST(Watch, tails_of_a_learned_activation_are_found_again_after_a_reset) {
  nn::Sequential model{nn::Linear{3, 4}, PSSiLU{1.0, 0.0}};
  Watch watch{model, every_step};
  const Tensor input = random_numbers({20, 3}, 10);
  pass(model, input);
  const double edge = watch.layers()[0].saturated.left;
  ASSERT_TRUE(std::isfinite(edge));
  model.parameters()[2].copy_from(Tensor::full(Shape{1}, 2));
  pass(model, input);
  EXPECT_EQ(watch.layers()[0].saturated.left, edge);
  watch.reset();
  pass(model, input);
  EXPECT_NEAR(watch.layers()[0].saturated.left, edge / 2, 1e-9);  // x*sigmoid(2 x) is that of x, drawn in
}

TEST(Watch, does_not_count_evaluation) {
  nn::Sequential model = perceptron();
  const Tensor input = random_numbers({8, 9}, 11);
  Watch watch{model, every_step};
  model(input);
  {
    const NoGrad no_grad;
    model(input);
  }
  {
    const train::EvaluationMode mode(model);
    pass(model, input);
  }
  EXPECT_TRUE(watch.layers().empty());
  pass(model, input);
  EXPECT_EQ(watch.layers()[0].count, 8);
}

TEST(Watch, counts_its_own_model_alone_and_may_end_in_any_order) {
  nn::Sequential model = perceptron(), other = perceptron();
  const Tensor input = random_numbers({8, 9}, 12);
  auto first = std::make_unique<Watch>(model, every_step), second = std::make_unique<Watch>(other, every_step), third = std::make_unique<Watch>(model, every_step);
  pass(model, input);
  EXPECT_EQ(first->layers()[0].count, 8);
  EXPECT_EQ(third->layers()[0].sum, first->layers()[0].sum);
  EXPECT_TRUE(second->layers().empty());
  first.reset();
  pass(other, input);
  pass(model, input);
  EXPECT_EQ(second->layers()[0].count, 8);
  EXPECT_EQ(third->layers()[0].count, 16);
  third.reset();
  second.reset();
  EXPECT_FALSE(autograd::detail::observers);
}

TEST(Watch, starts_anew_after_a_reset_and_keeps_its_size) {
  nn::Sequential model = perceptron();
  const Tensor input = random_numbers({8, 9}, 13);
  Watch watch{model, every_step};
  pass(model, input);
  const std::vector<double> once = watch.layers()[1].sum;
  for (int i = 0; i < 20; ++i) pass(model, input);
  EXPECT_EQ(watch.layers().size(), 4u);
  watch.reset();
  EXPECT_EQ(watch.layers()[1].count, 0);
  EXPECT_EQ(watch.layers()[1].minimum[0], infinity);
  pass(model, input);
  EXPECT_EQ(watch.layers()[1].count, 8);
  EXPECT_EQ(watch.layers()[1].sum, once);
}

TEST(Watch, counts_what_is_not_finite) {
  nn::Sequential model{nn::Linear{2, 3}, ReLU{}};
  Watch watch{model, every_step};
  pass(model, Tensor::from(std::vector<float>{1, 2, std::numeric_limits<float>::quiet_NaN(), 1, 3, 1}, {3, 2}));
  EXPECT_THAT(watch.layers()[0].non_finite, ElementsAre(1, 1, 1));
  EXPECT_TRUE(std::isfinite(watch.layers()[0].sum[0]));
}

TEST(Watch, the_way_back_is_no_pass_even_if_it_is_differentiated) {
  nn::Sequential model{nn::Conv2d{1, 3, 3}, Tanh{}, nn::Flatten{}, nn::Linear{12, 2}};
  Watch watch{model, every_step};
  value_and_grad(model, [&] { return sum(square(grad([&](const Tensor& x) { return sum(square(model(x))); }, random_numbers({5, 4, 4, 1}, 14)))); });
  EXPECT_EQ(watch.layers()[0].count, 5 * 4);
  EXPECT_EQ(watch.layers()[1].count, 5);
}

TEST(Watch, counts_frozen_layers_where_they_run_with_their_activation) {
  nn::Sequential model = perceptron();
  model[0].freeze();
  const Tensor input = random_numbers({8, 9}, 15);
  const std::vector<Shown> shown = traced(model, input);
  Watch watch{model, every_step};
  pass(model, input);
  expect_counts(watch.layers()[0], shown[0], watch.layers()[0].saturated.left, watch.layers()[0].saturated.right);
}

/// The digest of the weights after some steps, and what the watch saw.
struct Trained {
  std::string weights;
  std::vector<WatchedLayer> layers;
};
Trained train(nn::Sequential model, const Tensor& input, bool watched) {
  std::optional<Watch> watch;
  if (watched) watch.emplace(model, every_step);
  train::SGD optimiser(model.parameters(), {.learning_rate = 0.05, .momentum = 0.9});
  std::vector<int64_t> classes;
  for (int64_t i = 0; i < input.size(0); ++i) classes.push_back(i % 5);
  const Tensor target = Tensor::from(classes, Shape{input.size(0)});
  for (int i = 0; i < 4; ++i) optimiser.step(value_and_grad(model, [&] { return nn::cross_entropy(model(input), target); }).gradients);
  return {format::weights_sha256(model.state()), watch ? watch->layers() : std::vector<WatchedLayer>()};
}

void expect_same_bits(const std::function<nn::Sequential()>& network, const Tensor& input) {
  const int threads = thread_count();
  const Trained expected = train(network(), input, false), seen = train(network(), input, true);
  EXPECT_EQ(seen.weights, expected.weights);
  for (const std::string& target : kernel::available_targets()) {
    kernel::set_target(target);
    for (const int count : {1, 2, 3}) {
      set_thread_count(count);
      const Trained again = train(network(), input, true);
      EXPECT_EQ(again.weights, expected.weights) << target << ", " << count;
      for (size_t i = 0; i < seen.layers.size(); ++i) {
        EXPECT_EQ(again.layers[i].sum, seen.layers[i].sum);
        EXPECT_EQ(again.layers[i].sum_of_squares, seen.layers[i].sum_of_squares);
        EXPECT_EQ(again.layers[i].minimum, seen.layers[i].minimum);
        EXPECT_EQ(again.layers[i].saturated_left, seen.layers[i].saturated_left);
      }
    }
  }
  kernel::set_target("auto");
  set_thread_count(threads);
}

TEST(Watch, the_trained_weights_of_a_perceptron_are_the_same_bits) {
  expect_same_bits([] {
    nn::Sequential model{nn::Linear{9, 300}, Mish{}, nn::Dropout{0.1}, nn::Linear{300, 257}, ReLU{}, nn::Linear{257, 5}};
    nn::initialise(model, {.seed = 16});
    return model;
  }, random_numbers({128, 9}, 17));
}

TEST(Watch, the_trained_weights_of_a_convolutional_network_are_the_same_bits) { expect_same_bits(convolutional, random_numbers({12, 12, 12, 2}, 18)); }

}  // namespace
}  // namespace rectify::observe
