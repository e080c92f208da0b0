// The log that a Watch makes: where windows end, and what they say of a layer.
#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/base/thread_pool.h"
#include "rectify/data/load.h"
#include "rectify/kernel/target.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/image_layers.h"
#include "rectify/nn/loss.h"
#include "rectify/nn/sequential.h"
#include "rectify/observe/watch.h"
#include "rectify/train/model_state.h"
#include "rectify/train/optimiser.h"
#include "rectify/train/shards.h"
#include "tests/support/message_of.h"

namespace rectify::observe {
namespace {

using testing::HasSubstr;

const WatchOptions every_step{.every = 1, .gradients_every = 1};
const WatchOptions one_step{.every = 1, .gradients_every = 1, .window = 1};

Tensor random_numbers(const Shape& shape, uint64_t seed, double scale = 4) {
  Tensor result = Tensor::empty(shape);
  for (int64_t i = 0; i < result.size(); ++i) result.data<float>()[i] = static_cast<float>(scale * (random_uniform({.seed = seed}, static_cast<uint64_t>(i)) - 0.5));
  return result;
}

ValueAndGradients pass(nn::Module& model, const Tensor& input) {
  return value_and_grad(model, [&] { return mean(square(model(input))); });
}

double rms(const Tensor& tensor) {
  double squares = 0;
  for (int64_t i = 0; i < tensor.size(); ++i) squares += tensor.at(i) * tensor.at(i);
  return std::sqrt(squares / static_cast<double>(tensor.size()));
}

/// A layer with weights that are given: units x inputs, and a bias for each unit.
nn::Linear layer(const std::vector<float>& weight, const std::vector<float>& bias) {
  const int64_t units = static_cast<int64_t>(bias.size()), inputs = static_cast<int64_t>(weight.size()) / units;
  nn::Linear result{inputs, units};
  result.weight.copy_from(Tensor::from(weight, {units, inputs}));
  result.bias.copy_from(Tensor::from(bias, {units}));
  return result;
}

TEST(WatchWindows, end_after_so_many_steps_and_have_the_losses_of_them) {
  nn::Sequential model{nn::Linear{3, 4}, Tanh{}, nn::Linear{4, 2}};
  Watch watch{model, {.window = 10}};
  EXPECT_TRUE(watch.log().windows.empty());
  std::vector<double> losses;
  for (int i = 0; i < 25; ++i) losses.push_back(pass(model, random_numbers({6, 3}, static_cast<uint64_t>(i))).value.item());
  const WatchLog log = watch.log();
  ASSERT_EQ(log.windows.size(), 3u);
  for (size_t w = 0; w < 3; ++w) {
    const Window& window = log.windows[w];
    const size_t first = 10 * w, last = std::min<size_t>(first + 10, 25);
    EXPECT_EQ(window.first_step, static_cast<int64_t>(first) + 1);
    EXPECT_EQ(window.last_step, static_cast<int64_t>(last));
    double mean = 0, squares = 0;
    for (size_t i = first; i < last; ++i) mean += losses[i], squares += losses[i] * losses[i];
    mean /= static_cast<double>(last - first);
    EXPECT_NEAR(window.loss, mean, 1e-12);
    EXPECT_NEAR(window.loss_deviation, std::sqrt(squares / static_cast<double>(last - first) - mean * mean), 1e-9);
    EXPECT_EQ(window.first_loss, losses[first]);
    EXPECT_EQ(window.last_loss, losses[last - 1]);
  }
  // What is shown of the open window goes on.
  pass(model, random_numbers({6, 3}, 1));
  EXPECT_EQ(watch.log().windows.size(), 3u);
  EXPECT_EQ(watch.log().windows[2].last_step, 26);
}

TEST(WatchWindows, say_of_a_layer_what_its_definition_says) {
  nn::Sequential model{layer({0.5f, -1, 1, 2, 0.25f, 0}, {0.5f, -0.25f, 3}), Tanh{}, layer({1, -2, 0.5f}, {0})};
  const Tensor input = random_numbers({40, 2}, 3);
  Watch watch{model, one_step};
  const ValueAndGradients result = pass(model, input);
  const WatchLog log = watch.log();
  ASSERT_EQ(log.layers.size(), 2u);
  EXPECT_EQ(log.layers[0].name, "0");
  EXPECT_EQ(log.layers[0].layer, "linear(3)");
  EXPECT_EQ(log.layers[0].activation, "tanh");
  EXPECT_EQ(log.layers[0].units, 3);
  EXPECT_EQ(log.layers[0].fan_in, 2);
  EXPECT_EQ(log.layers[1].activation, "");
  const LayerWindow& hidden = log.windows.at(0).layers.at(0);
  const Tensor z = model[0](input), h = model[1](z);
  EXPECT_EQ(hidden.values, 40);
  EXPECT_NEAR(hidden.mean, mean(h).item(), 1e-6);
  EXPECT_NEAR(hidden.rms, rms(h), 1e-12);
  double centres = 0, squares = 0;
  int64_t saturated = 0;
  const double edge = std::atanh(std::sqrt(0.95));
  for (int64_t unit = 0; unit < 3; ++unit) {
    double sum = 0;
    for (int64_t row = 0; row < 40; ++row) sum += h.at(3 * row + unit), squares += h.at(3 * row + unit) * h.at(3 * row + unit) / 40, saturated += std::fabs(z.at(3 * row + unit)) > edge;
    centres += sum / 40 * sum / 40;
  }
  EXPECT_NEAR(hidden.uncentred, centres / squares, 1e-12);
  EXPECT_EQ(hidden.saturated, static_cast<double>(saturated) / 120);
  EXPECT_EQ(hidden.zeros, 0);
  EXPECT_NEAR(hidden.pre_activation_rms, rms(z), 1e-12);
  EXPECT_NEAR(hidden.weight, std::sqrt((0.25 + 1 + 1 + 4 + 0.0625) / 6), 1e-12);
  EXPECT_NEAR(hidden.bias, 3.25 / 3, 1e-12);
  EXPECT_EQ(hidden.largest_bias, 3);
  EXPECT_NEAR(hidden.weight_gradient, rms(result.gradients[0]), 1e-12);
  EXPECT_TRUE(std::isnan(hidden.update));
  // The mean of the rows is (7/12, 1/3).
  const double apart = std::pow(0.5 - 7.0 / 12, 2) + std::pow(-4.0 / 3, 2) + std::pow(1 - 7.0 / 12, 2) + std::pow(5.0 / 3, 2) + std::pow(0.25 - 7.0 / 12, 2) + std::pow(1.0 / 3, 2);
  EXPECT_NEAR(hidden.unit_spread, std::sqrt(apart / 6) / hidden.weight, 1e-6);
  double agreement = 0;
  for (int64_t unit = 0; unit < 3; ++unit) {
    const double a = result.gradients[0].at(2 * unit), b = result.gradients[0].at(2 * unit + 1);
    agreement += std::fabs((a > 0) - (a < 0) + (b > 0) - (b < 0)) / 2 / 3;
  }
  EXPECT_NEAR(hidden.sign_agreement, agreement, 1e-12);
  double of_gradients = 0, of_inputs = 0, of_product = 0;
  for (int64_t unit = 0; unit < 3; ++unit) of_gradients += std::pow(result.gradients[1].at(unit), 2);  // by the bias: the sum of d
  for (int64_t feature = 0; feature < 2; ++feature) of_inputs += std::pow(sum(input, 0).at(feature) / 40, 2);
  for (int64_t i = 0; i < 6; ++i) of_product += std::pow(result.gradients[0].at(i), 2);
  EXPECT_NEAR(hidden.mean_share, of_gradients * of_inputs / of_product, 1e-5 * hidden.mean_share);
  EXPECT_NEAR(hidden.input, rms(input), 1e-12);
  EXPECT_NEAR(hidden.input_uncentred, of_inputs / (2 * rms(input) * rms(input)), 1e-6);
  // The gradients by h and z, and the output layer's, which has no activation.
  const Tensor u = grad([&](const Tensor& x) { return mean(square(model[2](x))); }, h);
  const Tensor d = grad([&](const Tensor& x) { return mean(square(model[2](model[1](x)))); }, z);
  EXPECT_NEAR(hidden.output_gradient, rms(u), 1e-12);
  EXPECT_NEAR(hidden.pre_activation_gradient, rms(d), 1e-12);
  const LayerWindow& output = log.windows[0].layers[1];
  EXPECT_NEAR(output.output_gradient, rms(model(input)) * 2 / 40, 1e-7);
  EXPECT_EQ(output.pre_activation_gradient, output.output_gradient);
  EXPECT_EQ(output.pre_activation_rms, output.rms);
  EXPECT_NEAR(output.input, hidden.rms, 1e-12);
  EXPECT_NEAR(output.input_uncentred, hidden.uncentred, 1e-6);
  EXPECT_EQ(output.linear_units, 0);
}

TEST(WatchWindows, of_samples_that_are_all_the_same_have_a_gradient_that_is_its_mean) {
  nn::Sequential model{nn::Linear{3, 40}, Tanh{}, nn::Linear{40, 2}};
  Watch watch{model, one_step};
  pass(model, Tensor::full({20, 3}, 0.5));
  train::sharded_value_and_grad(model, nn::Loss::mse, Tensor::full({20, 3}, 0.5), Tensor::zeros({20, 2}), 3);
  for (const Window& window : watch.log().windows) {
    EXPECT_NEAR(window.layers[0].mean_share, 1, 1e-5);
    EXPECT_NEAR(window.layers[1].mean_share, 1, 1e-5);
    EXPECT_EQ(window.layers[0].sign_agreement, 1);
  }
}

TEST(WatchWindows, have_the_same_gradients_for_layers_whose_activation_runs_apart) {
  struct Written : nn::Module {
    Tensor forward(const Tensor& x) override { return second(gelu(first(x))); }
    void visit(nn::Visitor& visitor) override { visitor("first", first), visitor("second", second); }
    nn::Linear first{6, 10}, second{10, 3};
  } written;
  nn::Sequential model{written.first, GELU{}, written.second};
  const Tensor input = random_numbers({40, 6}, 6);
  Watch apart{written, one_step};
  pass(written, input);
  pass(model, input);  // the same tensors
  const std::vector<Window> windows = apart.log().windows;
  ASSERT_EQ(windows.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(windows[0].layers[i].output_gradient, windows[1].layers[i].output_gradient);
    EXPECT_EQ(windows[0].layers[i].pre_activation_gradient, windows[1].layers[i].pre_activation_gradient);
    EXPECT_EQ(windows[0].layers[i].pre_activation_rms, windows[1].layers[i].pre_activation_rms);
    EXPECT_GT(windows[0].layers[i].output_gradient, 0);
  }
}

TEST(WatchWindows, of_a_convolution_tell_gradients_before_and_after_pooling) {
  nn::Sequential model{nn::Conv2d{1, 2, 3}, nn::AvgPool2d{2}, ReLU{}, nn::Flatten{}, nn::Linear{8, 1}};
  model.parameters()[0].copy_from(Tensor::full({2, 3, 3, 1}, 1));
  model.parameters()[2].copy_from(Tensor::full({1, 8}, 3));
  Watch watch{model, one_step};
  value_and_grad(model, [&] { return sum(model(Tensor::full({5, 6, 6, 1}, 1))); });
  const LayerWindow convolution = watch.log().windows.at(0).layers.at(0);
  EXPECT_EQ(convolution.output_gradient, 3);
  EXPECT_EQ(convolution.pre_activation_gradient, 0.75);  // each of four places has a quarter
  EXPECT_EQ(convolution.sign_agreement, 1);
  EXPECT_EQ(convolution.unit_spread, 0);
  EXPECT_TRUE(std::isnan(convolution.mean_share));
  EXPECT_EQ(convolution.input, 1);
  EXPECT_EQ(convolution.input_uncentred, 1);
  EXPECT_EQ(watch.log().layers[0].fan_in, 9);
}

TEST(WatchWindows, have_the_change_of_the_weights_in_one_step) {
  nn::Sequential model{nn::Linear{3, 50}, Tanh{}, nn::Linear{50, 2}};
  model[0].freeze();
  Watch watch{model, {.every = 1, .gradients_every = 3, .window = 3}};
  train::SGD optimiser(model.parameters(), {.learning_rate = 0.5});
  double gradient = 0;
  for (int i = 0; i < 6; ++i) {
    const ValueAndGradients result = pass(model, random_numbers({6, 3}, static_cast<uint64_t>(i)));
    if (i == 0) gradient = rms(result.gradients[2]);
    optimiser.step(result.gradients);
  }
  const std::vector<Window> windows = watch.log().windows;
  ASSERT_EQ(windows.size(), 2u);
  EXPECT_NEAR(windows[0].layers[1].update, 0.5 * gradient, 1e-6 * gradient);
  EXPECT_NEAR(windows[0].layers[1].weight_gradient, gradient, 1e-12);
  EXPECT_EQ(windows[0].layers[0].update, 0);
  EXPECT_TRUE(std::isnan(windows[0].layers[0].weight_gradient));
  EXPECT_GT(windows[0].layers[0].weight, 0);
}

TEST(WatchWindows, of_a_batch_in_shards_are_of_whole_steps) {
  nn::Sequential model{nn::Linear{2, 9}, Tanh{}, nn::Linear{9, 3}};
  const data::Dataset data = data::load("spirals(n=90, noise=0.1, classes=3, seed=5)");
  const Tensor input = data.train.input.rows(0, 50), target = data.train.target.rows(0, 50);
  const auto watched = [&](int64_t shards) {
    Watch watch{model, one_step};
    train::sharded_value_and_grad(model, nn::Loss::cross_entropy, input, target, shards);
    return watch.log();
  };
  const WatchLog whole = watched(1), parts = watched(7);
  ASSERT_EQ(parts.windows.size(), 1u);
  EXPECT_NEAR(parts.windows[0].loss, whole.windows[0].loss, 1e-6);
  for (size_t i = 0; i < 2; ++i) {
    const LayerWindow &a = whole.windows[0].layers[i], &b = parts.windows[0].layers[i];
    EXPECT_EQ(a.values, b.values);
    EXPECT_NEAR(a.rms, b.rms, 1e-6);
    EXPECT_NEAR(a.output_gradient, b.output_gradient, 1e-6 * a.output_gradient);
    EXPECT_NEAR(a.pre_activation_gradient, b.pre_activation_gradient, 1e-6 * a.pre_activation_gradient);
    EXPECT_NEAR(a.weight_gradient, b.weight_gradient, 1e-5 * a.weight_gradient);
  }
}

TEST(WatchWindows, count_dead_stuck_and_linear_units_apart) {
  // Inputs in [-1, 1]. relu: dead, always on, both.
  nn::Sequential rectified{layer({1, 1, 1}, {-2, 2, 0}), ReLU{}};
  Watch first{rectified, one_step};
  pass(rectified, random_numbers({200, 1}, 7, 2));
  const LayerWindow relu = first.log().windows.at(0).layers.at(0);
  EXPECT_EQ(relu.dead_units, 1);
  EXPECT_EQ(relu.stuck_units, 1);
  EXPECT_EQ(relu.linear_units, 1);
  // tanh: nearly straight, bent, saturated.
  nn::Sequential bent{layer({0.05f, 1, 1}, {0, 0, 5}), Tanh{}};
  Watch second{bent, one_step};
  pass(bent, random_numbers({200, 1}, 7, 2));
  const LayerWindow tanh = second.log().windows.at(0).layers.at(0);
  EXPECT_EQ(tanh.dead_units, 0);
  EXPECT_EQ(tanh.stuck_units, 1);
  EXPECT_EQ(tanh.linear_units, 1);
}

TEST(WatchWindows, remember_since_when_a_unit_has_been_silent) {
  nn::Sequential model{layer({1, 1}, {2, 2}), ReLU{}};
  Watch watch{model, {.every = 1, .gradients_every = 1, .window = 5}};
  const Tensor input = random_numbers({8, 1}, 8, 2);
  for (int i = 0; i < 7; ++i) pass(model, input);
  model.parameters()[1].copy_from(Tensor::from({2, -2}));
  for (int i = 0; i < 13; ++i) pass(model, input);
  // It fell silent in the second window of four.
  EXPECT_EQ(watch.log().units[0][0].silent_values, 0);
  EXPECT_EQ(watch.log().units[0][1].silent_values, 2 * 5 * 8);
  EXPECT_EQ(watch.log().units[0][1].silent_since, 10);
  EXPECT_EQ(watch.log().windows[2].layers[0].dead_units, 1);
  model.parameters()[1].copy_from(Tensor::from({2, 2}));
  pass(model, input);
  EXPECT_EQ(watch.log().units[0][1].silent_values, 0);
}

TEST(WatchWindows, do_not_count_what_is_no_step_of_the_model) {
  nn::Sequential model{nn::Linear{3, 4}, Tanh{}, nn::Linear{4, 2}}, other{nn::Linear{3, 2}};
  const Tensor input = random_numbers({6, 3}, 9);
  Watch watch{model, one_step};
  pass(other, input);
  grad([&](const Tensor& x) { return sum(model(x)); }, input);
  {
    const train::EvaluationMode mode(model);
    pass(model, input);
  }
  EXPECT_TRUE(watch.log().windows.empty());
  value_and_grad(model, [&] { return sum(square(grad([&](const Tensor& x) { return sum(square(model(x))); }, input))); });
  EXPECT_EQ(watch.log().windows.size(), 1u);
}

TEST(WatchWindows, can_be_of_passes_in_evaluation_mode) {
  nn::Sequential model{nn::Linear{3, 4}, Tanh{}, nn::Linear{4, 2}};
  const Tensor input = random_numbers({6, 3}, 9);
  Watch watch{model, {.every = 1, .gradients_every = 1, .window = 1, .evaluation = true}};
  pass(model, input);
  EXPECT_TRUE(watch.log().windows.empty());
  const train::EvaluationMode mode(model);
  pass(model, input);
  EXPECT_EQ(watch.log().windows.size(), 1u);
}

TEST(WatchWindows, of_a_narrow_network_are_longer_and_count_some_of_their_steps) {
  nn::Sequential wide{nn::Linear{300, 300}, Tanh{}, nn::Linear{300, 10}}, narrow{nn::Linear{30, 30}, Tanh{}, nn::Linear{30, 10}};
  Watch of_wide{wide}, of_narrow{narrow};
  for (int i = 0; i < 21; ++i) pass(wide, random_numbers({4, 300}, 10)), pass(narrow, random_numbers({4, 30}, 10));
  EXPECT_EQ(of_wide.log().every, 1);
  EXPECT_EQ(of_wide.log().windows.size(), 3u);
  EXPECT_EQ(of_wide.log().windows.at(1).layers.at(0).values, 10 * 4);
  EXPECT_EQ(of_narrow.log().every, 5);
  EXPECT_EQ(of_narrow.log().windows.size(), 2u);
  EXPECT_EQ(of_narrow.log().windows.at(0).layers.at(0).values, 4 * 4);
  // Both have gradients and updates in each window.
  EXPECT_GT(of_wide.log().windows[0].layers[0].output_gradient, 0);
  EXPECT_GT(of_narrow.log().windows[0].layers[0].output_gradient, 0);
  EXPECT_EQ(of_narrow.log().windows[0].layers[0].update, 0);
}

TEST(WatchWindows, keep_the_largest_learning_rate_of_their_steps) {
  nn::Sequential model{nn::Linear{2, 4}, Tanh{}, nn::Linear{4, 3}};
  const data::Dataset data = data::load("blobs(n=200, seed=4)");
  train::SGD optimiser(model.parameters(), {.learning_rate = 0.5});
  Watch watch{model, {.window = 5}};
  train::Listener* const listeners[] = {&watch};
  const train::Schedule schedule = train::schedule_from(parse_specification("spike(at=1, length=0.1, factor=3)", "schedule").or_throw());
  train::fit(model, optimiser, data, {.epochs = 3, .batch = 16, .schedule = schedule}, listeners);
  int64_t raised = 0;
  for (const Window& window : watch.log().windows) raised += window.learning_rate == 1.5 ? 1 : 0;
  EXPECT_EQ(raised, 1) << "a step or two";
}

TEST(WatchWindows, learn_the_learning_rate_as_a_listener) {
  nn::Sequential model{nn::Linear{2, 4}, Tanh{}, nn::Linear{4, 3}};
  const data::Dataset data = data::load("blobs(n=200, seed=4)");
  train::SGD optimiser(model.parameters(), {.learning_rate = 0.5});
  Watch watch{model, {.window = 5}};
  train::Listener* const listeners[] = {&watch};
  const train::Schedule schedule = train::schedule_from(parse_specification("step(every=1, factor=0.5)", "schedule").or_throw());
  const train::TrainResult result = train::fit(model, optimiser, data, {.epochs = 2, .batch = 16, .schedule = schedule}, listeners);
  const WatchLog log = watch.log();
  EXPECT_EQ(log.windows.back().last_step, result.epochs.back().step);
  EXPECT_EQ(log.windows.front().learning_rate, 0.5);
  EXPECT_EQ(log.windows.back().learning_rate, 0.25);
}

TEST(WatchWindows, a_step_that_is_not_finite_is_in_the_log) {
  nn::Sequential model{nn::Linear{2, 3}, ReLU{}, nn::Linear{3, 1}};
  Watch watch{model, one_step};
  pass(model, Tensor::from(std::vector<float>{1, 2, NAN, 1, 3, 1}, {3, 2}));
  const Window window = watch.log().windows.at(0);
  EXPECT_TRUE(std::isnan(window.loss));
  EXPECT_EQ(window.layers[0].non_finite, 3);
  EXPECT_TRUE(std::isfinite(window.layers[0].rms));
}

TEST(WatchWindows, begin_anew_after_a_reset_without_a_gap) {
  nn::Sequential model{nn::Linear{3, 4}, Tanh{}};
  Watch watch{model, {.window = 10}};
  for (int i = 0; i < 13; ++i) pass(model, random_numbers({6, 3}, 1));
  watch.reset();
  for (int i = 0; i < 4; ++i) pass(model, random_numbers({6, 3}, 1));
  const std::vector<Window> windows = watch.log().windows;
  ASSERT_EQ(windows.size(), 3u);
  EXPECT_EQ(windows[1].last_step, 13);
  EXPECT_EQ(windows[2].first_step, 14);
  EXPECT_EQ(windows[2].last_step, 17);
}

TEST(WatchWindows, are_the_same_bits_on_every_target_and_thread_count) {
  const auto log = [] {
    nn::Sequential model{nn::Conv2d{1, 20, 3}, ReLU{}, nn::Flatten{}, nn::Linear{20 * 16, 100}, GELU{}, nn::Linear{100, 5}};
    nn::initialise(model, {.seed = 16});
    Watch watch{model, every_step};
    train::SGD optimiser(model.parameters(), {.learning_rate = 0.05});
    for (uint64_t i = 0; i < 3; ++i) optimiser.step(pass(model, random_numbers({70, 6, 6, 1}, i)).gradients);
    return watch.log();
  };
  const WatchLog expected = log();
  const int threads = thread_count();
  for (const std::string& target : kernel::available_targets()) {
    kernel::set_target(target);
    for (const int count : {1, 3}) {
      set_thread_count(count);
      const WatchLog again = log();
      EXPECT_EQ(again.windows[0].loss, expected.windows[0].loss);
      for (size_t i = 0; i < 3; ++i) {
        const LayerWindow &a = again.windows[0].layers[i], &b = expected.windows[0].layers[i];
        EXPECT_EQ(a.rms, b.rms);
        EXPECT_EQ(a.output_gradient, b.output_gradient);
        EXPECT_EQ(a.pre_activation_gradient, b.pre_activation_gradient);
        EXPECT_EQ(a.weight_gradient, b.weight_gradient);
        EXPECT_EQ(a.update, b.update);
        EXPECT_EQ(a.unit_spread, b.unit_spread);
        if (i > 0) {
          EXPECT_EQ(a.mean_share, b.mean_share);
        }
        EXPECT_EQ(a.sign_agreement, b.sign_agreement);
        EXPECT_EQ(a.linear_units, b.linear_units);
      }
    }
  }
  kernel::set_target("auto");
  set_thread_count(threads);
}

TEST(WatchWindows, go_on_after_the_steps_that_were_taken_before) {
  nn::Sequential model{nn::Linear{3, 4}, Tanh{}};
  Watch watch{model, {.window = 10, .first_step = 100}};
  for (int i = 0; i < 12; ++i) pass(model, random_numbers({6, 3}, 1));
  const std::vector<Window> windows = watch.log().windows;
  ASSERT_EQ(windows.size(), 2u);
  EXPECT_EQ(windows[0].first_step, 101);
  EXPECT_EQ(windows[0].last_step, 110);
  EXPECT_EQ(windows[1].last_step, 112);
}

TEST(WatchWindows, know_of_a_layer_that_runs_for_the_first_time_later_on) {
  struct Growing : nn::Module {
    Tensor forward(const Tensor& x) override { return grown ? first(x) + second(tanh(x)) : first(x); }
    void visit(nn::Visitor& visitor) override { visitor("first", first), visitor("second", second); }
    nn::Linear first{3, 4}, second{3, 4};
    bool grown = false;
  } model;
  Watch watch{model, one_step};
  pass(model, random_numbers({6, 3}, 1));
  model.grown = true;
  pass(model, random_numbers({6, 3}, 1));
  const WatchLog log = watch.log();
  ASSERT_EQ(log.layers.size(), 2u);
  ASSERT_EQ(log.windows[0].layers.size(), 2u);
  EXPECT_EQ(log.windows[0].layers[1].values, 0);
  EXPECT_EQ(log.windows[1].layers[1].values, 6);
}

TEST(WatchWindows, refuse_options_that_make_no_window) {
  nn::Sequential model{nn::Linear{3, 4}};
  EXPECT_THAT(test::message_of<ArgumentError>([&] { Watch watch(model, {.window = -1}); }), HasSubstr("[Watch] window is -1 steps; it must be at least 1"));
  EXPECT_THAT(test::message_of<ArgumentError>([&] { Watch watch(model, {.every = 11, .window = 10}); }), HasSubstr("[Watch] every is 11 steps, and the window only 10"));
}

}  // namespace
}  // namespace rectify::observe
