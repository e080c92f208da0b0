// Units taken out without changing a bit of the outputs.
#include "rectify/diagnose/prune.h"

#include <gmock/gmock.h>

#include <cstring>
#include <limits>

#include "rectify/base/random.h"
#include "rectify/diagnose/network_parts.h"
#include "rectify/nn/initialise.h"
#include "rectify/nn/network.h"
#include "rectify/train/trainer.h"
#include "tests/support/message_of.h"

namespace rectify::diagnose {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Tensor inputs(int64_t features, int64_t n = 300) {
  Tensor x = Tensor::empty(Shape{n, features});
  for (int64_t i = 0; i < x.size(); ++i) x.data<float>()[i] = static_cast<float>(2 * random_uniform({.seed = 3, .purpose = Purpose::test}, static_cast<uint64_t>(i)) - 1);
  return x;
}

/// A network in which these units of its layers with weights are dead, and all others are not: (layer, units).
nn::Sequential network(const char* text, int64_t features, const std::vector<std::pair<size_t, std::vector<int64_t>>>& dead, const Shape& image = Shape()) {
  nn::Sequential model = nn::build(parse_specification_list(text).or_throw(), Shape{features}, image);
  nn::initialise(model, {.seed = 4});
  for (const size_t place : weighted_places(model)) {
    Tensor& bias = weighted(model, place).bias;
    for (int64_t unit = 0; unit < bias.size(); ++unit) bias.data<float>()[unit] = 0.5f;
  }
  for (const auto& [layer, units] : dead) {
    for (const int64_t unit : units) weighted(model, weighted_places(model)[layer]).bias.data<float>()[unit] = -1000;
  }
  return model;
}

bool same_outputs(nn::Sequential& a, nn::Sequential& b, const Tensor& x) {
  const Tensor one = train::predict(a, x), other = train::predict(b, x);
  return one.shape() == other.shape() && std::memcmp(one.raw(), other.raw(), static_cast<size_t>(one.size()) * sizeof(float)) == 0;
}

TEST(Prune, removes_dead_units_of_several_layers_and_keeps_every_bit) {
  nn::Sequential model = network("linear(40), relu, dropout(0.2), linear(30), relu, linear(3)", 7, {{0, {0, 5, 39}}, {1, {29}}});
  Pruned pruned = prune(model, inputs(7));
  ASSERT_EQ(pruned.layers.size(), 2u);
  EXPECT_THAT(pruned.layers[0].removed, ElementsAre(0, 5, 39));
  EXPECT_THAT(pruned.layers[1].removed, ElementsAre(29));
  EXPECT_THAT(pruned.layers[0].reason, IsEmpty());
  EXPECT_EQ(pruned.model.specification(), "linear(37), relu, dropout(p=0.2), linear(29), relu, linear(3)");
  EXPECT_EQ(pruned.parameters_before, 7 * 40 + 40 + 40 * 30 + 30 + 30 * 3 + 3);
  EXPECT_EQ(pruned.parameters_after, 7 * 37 + 37 + 37 * 29 + 29 + 29 * 3 + 3);
  EXPECT_TRUE(same_outputs(model, pruned.model, inputs(7)));
}

TEST(Prune, follows_channels_through_normalisation_pooling_convolution_and_flatten) {
  nn::Sequential model = network("conv2d(8, kernel=3, padding=1), max_pool2d(2), relu, conv2d(6, kernel=3, padding=1), relu, avg_pool2d(2), linear(5), relu, linear(2)", 64, {{0, {1, 7}}, {1, {0}}, {2, {4}}}, Shape{8, 8, 1});
  Pruned pruned = prune(model, inputs(64));
  ASSERT_EQ(pruned.layers.size(), 3u);
  EXPECT_THAT(pruned.layers[0].removed, ElementsAre(1, 7));
  EXPECT_THAT(pruned.layers[1].removed, ElementsAre(0));
  EXPECT_THAT(pruned.layers[2].removed, ElementsAre(4));
  EXPECT_TRUE(same_outputs(model, pruned.model, inputs(64)));
  nn::Sequential normalised = network("linear(16), batch_norm, relu, linear(2)", 7, {});
  normalised[1].state()[1].tensor.data<float>()[3] = -1000;  // the normalisation's bias
  const Pruned after = prune(normalised, inputs(7));
  EXPECT_THAT(after.layers[0].removed, ElementsAre(3));
}

TEST(Prune, of_sums_above_512_terms_changes_the_last_chain_alone) {
  nn::Sequential model = network("linear(700), relu, linear(3)", 7, {{0, {10, 20, 600, 650}}});
  Pruned pruned = prune(model, inputs(7));
  EXPECT_THAT(pruned.layers[0].removed, ElementsAre(600, 650));
  EXPECT_EQ(pruned.layers[0].silent, 4);
  EXPECT_THAT(pruned.layers[0].reason, HasSubstr("sums 700 terms in chains of 512"));
  EXPECT_TRUE(same_outputs(model, pruned.model, inputs(7)));

  // Taking the others out as well would change bits: the rule is not idle.
  std::vector<LayerPart> parts = take_apart(pruned.model);
  for (const int64_t unit : {20, 10}) {
    for (const char* name : {"weight", "bias"}) {
      Tensor& rows = parts[0].find(name)->value;
      const int64_t count = rows.size(0), width = rows.size() / count;
      Tensor fewer = Tensor::empty(rows.rank() == 2 ? Shape{count - 1, width} : Shape{count - 1});
      for (int64_t i = 0, to = 0; i < rows.size(); ++i) {
        if (i / width != unit) fewer.data<float>()[to++] = rows.data<float>()[i];
      }
      rows = fewer;
    }
    Tensor& columns = parts[2].find("weight")->value;
    const int64_t width = columns.size(1);
    Tensor fewer = Tensor::empty(Shape{3, width - 1});
    for (int64_t i = 0, to = 0; i < columns.size(); ++i) {
      if (i % width != unit) fewer.data<float>()[to++] = columns.data<float>()[i];
    }
    columns = fewer;
  }
  parts[0].text.arguments[0].value = number(696);
  nn::Sequential shorter = build_of(parts, Shape{7});
  EXPECT_FALSE(same_outputs(model, shorter, inputs(7)));
}

TEST(Prune, removes_whole_chains_of_silent_units) {
  std::vector<int64_t> dead;
  for (int64_t unit = 512; unit < 1024; ++unit) dead.push_back(unit);
  dead.push_back(3);
  dead.push_back(1100);
  nn::Sequential model = network("linear(1200), relu, linear(3)", 7, {{0, dead}});
  Pruned pruned = prune(model, inputs(7));
  EXPECT_EQ(pruned.layers[0].removed.size(), 513u);
  EXPECT_EQ(pruned.model.specification(), "linear(687), relu, linear(3)");
  EXPECT_TRUE(same_outputs(model, pruned.model, inputs(7)));
}

TEST(Prune, of_a_convolution_over_more_than_512_terms_takes_nothing) {
  nn::Sequential model = network("conv2d(64, kernel=1), relu, conv2d(2, kernel=3), flatten, linear(2)", 25, {{0, {5}}}, Shape{5, 5, 1});
  const Pruned pruned = prune(model, inputs(25));
  EXPECT_THAT(pruned.layers[0].removed, IsEmpty());
  EXPECT_THAT(pruned.layers[0].reason, HasSubstr("576 terms"));
}

TEST(Prune, leaves_one_unit_of_a_layer_in_which_all_are_silent) {
  nn::Sequential model = network("linear(4), relu, linear(2)", 7, {{0, {0, 1, 2, 3}}});
  Pruned pruned = prune(model, inputs(7));
  EXPECT_EQ(pruned.model.specification(), "linear(1), relu, linear(2)");
  EXPECT_THAT(pruned.layers[0].reason, HasSubstr("at least one unit"));
  EXPECT_TRUE(same_outputs(model, pruned.model, inputs(7)));
}

TEST(Prune, leaves_units_that_fire_once_that_meet_others_or_whose_weights_are_not_finite) {
  nn::Sequential once = network("linear(4), relu, linear(2)", 7, {{0, {2}}});
  Tensor x = inputs(7);
  x.data<float>()[7 * 299] = weighted(once, 0).weight.data<float>()[14] > 0 ? 1e6f : -1e6f;
  EXPECT_EQ(prune(once, x).layers[0].silent, 0);
  EXPECT_EQ(prune(once, inputs(7)).layers[0].silent, 1);

  const nn::Sequential mixed = network("linear(4), relu, layer_norm, linear(2)", 7, {{0, {2}}}), padded = network("linear(4), relu, batch_norm, linear(2)", 7, {{0, {2}}});
  EXPECT_THAT(prune(mixed, inputs(7)).layers[0].reason, HasSubstr("does not keep its units apart"));
  EXPECT_THAT(prune(padded, inputs(7)).layers[0].removed, IsEmpty());

  nn::Sequential infinite = network("linear(4), relu, linear(2)", 7, {{0, {2}}});
  weighted(infinite, 2).weight.data<float>()[2] = std::numeric_limits<float>::infinity();
  const Pruned kept = prune(infinite, inputs(7));
  EXPECT_THAT(kept.layers[0].removed, IsEmpty());
  EXPECT_THAT(kept.layers[0].reason, HasSubstr("other bits"));
}

TEST(Prune, needs_samples) {
  EXPECT_THAT(test::message_of<ArgumentError>([] { prune(network("linear(4), relu, linear(2)", 7, {}), Tensor::empty(Shape{0, 7})); }), HasSubstr("at least one"));
}

}  // namespace
}  // namespace rectify::diagnose
