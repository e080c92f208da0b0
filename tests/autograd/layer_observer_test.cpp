#include "rectify/autograd/layer_observer.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "rectify/autograd/images.h"
#include "rectify/autograd/operations.h"

namespace rectify::autograd {
namespace {

struct Event {
  const void* weight;
  std::optional<activation::Id> activation;
  bool has_input;
  Shape output;
};

struct GradientEvent {
  const void* weight;
  std::optional<activation::Id> activation;
  std::vector<float> values;
};

struct StepEvent {
  double value;
  std::vector<const void*> variables;
  std::vector<bool> has_gradient;
};

class Log final : public LayerObserver {
 public:
  std::vector<Event> events;
  std::vector<GradientEvent> gradients;
  std::vector<StepEvent> steps;

 private:
  void observe_gradient(const ObservedGradient& seen) override {
    const auto values = seen.gradient.values<float>();
    gradients.push_back({seen.weight, seen.activation ? std::optional(seen.activation->id) : std::nullopt, {values.begin(), values.end()}});
  }
  void observe_step(const ObservedStep& step) override {
    StepEvent& event = steps.emplace_back(StepEvent{step.value.item(), {}, {}});
    for (const Tensor& variable : step.variables) event.variables.push_back(variable.id());
    for (const Tensor& gradient : step.gradients) event.has_gradient.push_back(gradient.defined());
  }
  void observe(const ObservedLayer& layer) override {
    events.push_back({layer.weight, layer.activation ? std::optional(layer.activation->id) : std::nullopt, layer.pre_activation.defined(), layer.output.shape()});
  }
};

const activation::Function relu = activation::make(activation::Id::relu), tanh = activation::make(activation::Id::tanh);

TEST(LayerObserver, is_told_of_fused_layers_with_what_they_keep) {
  Tensor x = Tensor::full({3, 2}, 0.5), w = Tensor::full({4, 2}, 0.5), images = Tensor::full({2, 5, 5, 1}, 0.5), kernel = Tensor::full({6, 3, 3, 1}, 0.5);
  const Tensor variables[] = {w.set_requires_grad(true), kernel.set_requires_grad(true)};
  Log log;
  value_and_grad([&] {
    Tensor total = sum(linear_activate(x, w, Tensor(), relu));
    total = total + sum(linear_activate(x, w, Tensor(), tanh));
    total = total + sum(conv2d_activate(images, kernel, Tensor(), relu));
    return total + sum(conv2d_activate(images, kernel, Tensor(), tanh));
  }, variables);
  ASSERT_EQ(log.events.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(log.events[i].weight, i < 2 ? w.id() : kernel.id());
    EXPECT_EQ(log.events[i].activation, i % 2 ? activation::Id::tanh : activation::Id::relu);
    EXPECT_EQ(log.events[i].has_input, i % 2 == 1);  // relu's slope follows from the output
    EXPECT_EQ(log.events[i].output, i < 2 ? Shape({3, 4}) : Shape({2, 3, 3, 6}));
  }
}

TEST(LayerObserver, is_told_which_layer_an_activation_belongs_to) {
  Tensor x = Tensor::full({3, 2}, 0.5), w = Tensor::full({4, 2}, 0.5);
  const Tensor variables[] = {w.set_requires_grad(true)};
  Log log;
  value_and_grad([&] {
    const Tensor z = linear(x, w);
    const Tensor y = activate(tanh, z);
    const Tensor first = sum(activate(relu, y));
    return first + sum(activate(relu, linear_activate(x, w, Tensor(), relu)));
  }, variables);
  ASSERT_EQ(log.events.size(), 5u);
  EXPECT_EQ(log.events[0].weight, w.id());
  EXPECT_FALSE(log.events[0].activation);
  EXPECT_EQ(log.events[1].weight, w.id());
  EXPECT_EQ(log.events[1].activation, activation::Id::tanh);
  EXPECT_TRUE(log.events[1].has_input);
  EXPECT_EQ(log.events[2].weight, nullptr);  // of the activation, not of the layer
  EXPECT_EQ(log.events[3].weight, w.id());
  EXPECT_EQ(log.events[4].weight, nullptr);  // the layer has its activation
}

TEST(LayerObserver, is_told_nothing_outside_of_a_recorded_pass) {
  Tensor x = Tensor::full({3, 2}, 0.5), w = Tensor::full({4, 2}, 0.5);
  w.set_requires_grad(true);
  Log log;
  linear(x, w);
  linear_activate(x, w, Tensor(), relu);
  EXPECT_TRUE(log.events.empty());
}

/// Two layers, the first with an activation, in one pass each or as four functions; with weights of their own.
struct Network {
  Tensor x = Tensor::from({0.5, -1, 2, 0.25, 1.5, -0.75}).view({3, 2}).clone(), w1 = Tensor::from({0.3, -0.7, 1.1, 0.2, -0.4, 0.9, 0.1, 0.6}).view({4, 2}).clone(),
         w2 = Tensor::from({0.2, 0.5, -0.3, 0.4}).view({1, 4}).clone();
  std::vector<Tensor> variables{w1.set_requires_grad(true), w2.set_requires_grad(true)};
  Tensor hidden(const activation::Function& f, bool fused) const { return fused ? linear_activate(x, w1, Tensor(), f) : activate(f, linear(x, w1)); }
  Tensor value(const activation::Function& f, bool fused) const { return sum(square(linear(hidden(f, fused), w2))); }
};

std::vector<float> values_of(const Tensor& tensor) { return {tensor.values<float>().begin(), tensor.values<float>().end()}; }

TEST(LayerObserver, is_told_the_gradients_by_a_layers_output_before_and_after_its_activation) {
  const Network network;
  for (const activation::Function& f : {relu, tanh}) {
    // By their definition: the gradients by whatever stands in the place of f(z), and of z.
    const Tensor z = linear(network.x, network.w1);
    const std::vector<float> u = values_of(grad([&](const Tensor& h) { return sum(square(linear(h, network.w2))); }, activate(f, z)));
    const std::vector<float> d = values_of(grad([&](const Tensor& input) { return sum(square(linear(activate(f, input), network.w2))); }, z));
    const std::vector<float> last = values_of(grad([&](const Tensor& y) { return sum(square(y)); }, linear(activate(f, z), network.w2)));
    for (const bool fused : {true, false}) {
      Log log;
      value_and_grad([&] { return network.value(f, fused); }, network.variables);
      ASSERT_EQ(log.gradients.size(), 3u);
      EXPECT_EQ(log.gradients[0].weight, network.w2.id());
      EXPECT_FALSE(log.gradients[0].activation);
      EXPECT_EQ(log.gradients[0].values, last);
      EXPECT_EQ(log.gradients[1].weight, network.w1.id());
      EXPECT_EQ(log.gradients[1].activation, f.id);
      EXPECT_EQ(log.gradients[1].values, u);
      EXPECT_EQ(log.gradients[2].weight, network.w1.id());
      EXPECT_FALSE(log.gradients[2].activation);
      EXPECT_EQ(log.gradients[2].values, d);
    }
  }
}

TEST(LayerObserver, is_told_gradients_of_convolutions_through_pooling) {
  Tensor images = Tensor::full({2, 6, 6, 1}, 0.5), w = Tensor::full({3, 3, 3, 1}, 0.25);
  const Tensor variables[] = {w.set_requires_grad(true)};
  for (const bool fused : {true, false}) {
    Log log;
    value_and_grad([&] {
      return sum(fused ? conv2d_activate(images, w, Tensor(), tanh) : activate(tanh, avg_pool2d(conv2d(images, w), {.kernel = 2, .stride = 2})));
    }, variables);
    ASSERT_EQ(log.gradients.size(), 2u);
    EXPECT_EQ(log.gradients[0].activation, activation::Id::tanh);
    EXPECT_EQ(log.gradients[0].values, std::vector<float>(fused ? 2 * 4 * 4 * 3 : 2 * 2 * 2 * 3, 1.0f));
    EXPECT_EQ(log.gradients[1].weight, w.id());
    EXPECT_FALSE(log.gradients[1].activation);
    const float slope = activation_backward(tanh, Tensor::from({9 * 0.5 * 0.25}), Tensor::from({1.0})).values<float>()[0];
    EXPECT_EQ(log.gradients[1].values, std::vector<float>(2 * 4 * 4 * 3, fused ? slope : slope / 4));
  }
}

TEST(LayerObserver, is_told_where_a_step_ends_and_what_came_of_it) {
  Network network;
  network.w1.set_requires_grad(false);
  Log log;
  const ValueAndGradients result = value_and_grad([&] { return network.value(tanh, true); }, network.variables);
  ASSERT_EQ(log.steps.size(), 1u);
  EXPECT_EQ(log.steps[0].value, result.value.item());
  EXPECT_EQ(log.steps[0].variables, (std::vector<const void*>{network.w1.id(), network.w2.id()}));
  EXPECT_EQ(log.steps[0].has_gradient, (std::vector<bool>{false, true}));
  value_and_grad([&] { return network.value(relu, false); }, network.variables);
  EXPECT_EQ(log.steps.size(), 2u);
}

TEST(LayerObserver, an_inner_differentiation_is_a_part_of_the_function) {
  const Network network;
  Log log;
  value_and_grad([&] { return sum(square(grad([&](const Tensor& input) { return sum(linear(activate(tanh, linear(input, network.w1)), network.w2)); }, network.x))); },
                 network.variables);
  EXPECT_EQ(log.steps.size(), 1u);
  // The walk back that is differentiated brings no gradients; the outer one comes once by each place of the function.
  std::vector<const void*> weights;
  for (const GradientEvent& event : log.gradients) weights.push_back(event.weight);
  EXPECT_EQ(weights, (std::vector<const void*>{network.w1.id()}));
}

TEST(LayerObserver, what_a_users_vector_jacobian_product_differentiates_is_neither_pass_nor_step) {
  const Network network;
  Log log;
  const auto twice = [&](const Tensor& input) { return sum(activate(tanh, linear(input, network.w2))) + sum(input) * 2.0; };
  value_and_grad([&] {
    const Tensor y = linear(network.x, network.w1);
    return sum(record("twice", y.detach() * 2.0, {&y}, [&](const Tensor& g, std::span<const Tensor>, std::span<Tensor> out) {
      out[0] = grad(twice, g);
    }));
  }, network.variables);
  EXPECT_EQ(log.events.size(), 1u);
  EXPECT_EQ(log.gradients.size(), 1u);
  EXPECT_EQ(log.steps.size(), 1u);
}

TEST(LayerObserver, differentiations_that_are_parts_of_a_step_end_none) {
  const Network network;
  Log log;
  {
    const PartsOfStep parts;
    for (int i = 0; i < 3; ++i) value_and_grad([&] { return network.value(tanh, true); }, network.variables);
    EXPECT_TRUE(log.steps.empty());
    EXPECT_FALSE(steps_observed());
  }
  EXPECT_EQ(log.gradients.size(), 9u);
  observe_step(Tensor(3.0), network.variables, network.variables);
  ASSERT_EQ(log.steps.size(), 1u);
  EXPECT_EQ(log.steps[0].value, 3);
}

TEST(LayerObserver, changes_neither_results_nor_the_way_they_are_recorded) {
  Tensor x = Tensor::full({3, 2}, 0.5), w = Tensor::from({0.3, -0.7, 1.1, 0.2, -0.4, 0.9, 0.1, 0.6}).view({4, 2}).clone();
  const Tensor variables[] = {w.set_requires_grad(true)};
  const auto run = [&] {
    const char* name = nullptr;
    const ValueAndGradients result = value_and_grad([&] {
      const Tensor y = linear_activate(x, w, Tensor(), tanh);
      name = y.node()->name;
      return sum(y);
    }, variables);
    return std::tuple(result.value.item(), to_string(result.gradients[0]), std::string(name));
  };
  const auto expected = run();
  Log log;
  EXPECT_EQ(run(), expected);
  EXPECT_EQ(std::get<2>(expected), "linear");
}

}  // namespace
}  // namespace rectify::autograd
