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

class Log final : public LayerObserver {
 public:
  std::vector<Event> events;

 private:
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
