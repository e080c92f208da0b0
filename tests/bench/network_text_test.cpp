#include "bench/diagnosis/network_text.h"

#include <gmock/gmock.h>

#include "rectify/base/error.h"

namespace bench::diagnosis {
namespace {

using testing::ElementsAre;

constexpr const char* text = "conv(6, kernel=3), relu, max_pool(2), linear(24), leaky_relu(0.1), linear(4), softmax";

std::string changed(const std::function<void(NetworkText&)>& change) {
  NetworkText network(text);
  change(network);
  return network.text();
}

TEST(NetworkText, tells_layers_with_weights_activations_between_them_and_what_follows_the_last) {
  const NetworkText network(text);
  EXPECT_EQ(network.weighted_layers(), 3u);
  EXPECT_EQ(network.units(1), 24);
  EXPECT_THAT(network.hidden_activations(), ElementsAre("relu", "leaky_relu(0.1)"));
  EXPECT_THAT(network.output_activations(), ElementsAre("softmax"));
  EXPECT_EQ(network.text(), text);
}

TEST(NetworkText, changes_one_place_and_leaves_the_others) {
  EXPECT_EQ(changed([](NetworkText& n) { n.set(0, "kernel", "5"); }), "conv(6, kernel=5), relu, max_pool(2), linear(24), leaky_relu(0.1), linear(4), softmax");
  EXPECT_EQ(changed([](NetworkText& n) { n.set(2, "bias", "normal(-3)"); }), "conv(6, kernel=3), relu, max_pool(2), linear(24), leaky_relu(0.1), linear(4, bias=normal(-3)), softmax");
  EXPECT_EQ(changed([](NetworkText& n) { n.set_units(1, 48); }), "conv(6, kernel=3), relu, max_pool(2), linear(48), leaky_relu(0.1), linear(4), softmax");
  EXPECT_EQ(changed([](NetworkText& n) { n.replace_hidden_activations("tanh"); }), "conv(6, kernel=3), tanh, max_pool(2), linear(24), tanh, linear(4), softmax");
  EXPECT_EQ(changed([](NetworkText& n) { n.insert_before_hidden_activations("batch_norm"); }),
            "conv(6, kernel=3), batch_norm, relu, max_pool(2), linear(24), batch_norm, leaky_relu(0.1), linear(4), softmax");
  EXPECT_EQ(changed([](NetworkText& n) { n.insert_before_output("linear(3)"); }), "conv(6, kernel=3), relu, max_pool(2), linear(24), leaky_relu(0.1), linear(3), linear(4), softmax");
  EXPECT_EQ(changed([](NetworkText& n) { n.remove_output_activations(); }), "conv(6, kernel=3), relu, max_pool(2), linear(24), leaky_relu(0.1), linear(4)");
}

TEST(NetworkText, deepens_by_the_last_hidden_layer_with_its_activation) {
  EXPECT_EQ(changed([](NetworkText& n) { n.deepen(4); }),
            "conv(6, kernel=3), relu, max_pool(2), linear(24), leaky_relu(0.1), linear(24), leaky_relu(0.1), linear(24), leaky_relu(0.1), linear(4), softmax");
  EXPECT_EQ(changed([](NetworkText& n) { n.deepen(2); }), text);
}

TEST(NetworkText, refuses_a_layer_that_is_not_there) { EXPECT_THROW(NetworkText(text).units(3), rectify::ArgumentError); }

TEST(WithLearningRateTimes, multiplies_it_and_keeps_the_rest) {
  EXPECT_EQ(with_learning_rate_times("sgd(lr=0.5, momentum=0.9)", 0.25), "sgd(lr=0.125, momentum=0.9)");
  EXPECT_THROW(with_learning_rate_times("adam", 2), rectify::ArgumentError);
}

}  // namespace
}  // namespace bench::diagnosis
