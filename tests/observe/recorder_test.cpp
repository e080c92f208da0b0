#include "rectify/observe/recorder.h"

#include <gmock/gmock.h>

#include "rectify/data/load.h"
#include "rectify/format/digest.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/sequential.h"

namespace rectify::observe {
namespace {

nn::Sequential network() {
  nn::Sequential model{nn::Linear{2, 6}, LeakyReLU{0.2}, nn::Dropout{0.3}, nn::Linear{6, 3}};
  nn::initialise(model, {.seed = 1});
  return model;
}

RunLog record(nn::Module& model, int64_t epochs, Recorder& recorder, const char* specification = "blobs(n=200, seed=4)") {
  const data::Dataset data = data::load(specification);
  train::Adam optimiser(model.parameters());
  train::Listener* const listeners[] = {&recorder};
  train::fit(model, optimiser, data, {.epochs = epochs, .batch = 32}, listeners);
  return recorder.log();
}

TEST(Recorder, lists_the_layers_with_the_activations_that_follow) {
  nn::Sequential model = network();
  Recorder recorder(nn::Loss::cross_entropy);
  const RunLog log = record(model, 1, recorder);
  ASSERT_EQ(log.layers.size(), 2u);
  EXPECT_EQ(log.layers[0].name, "0");
  EXPECT_EQ(log.layers[0].layer, model[0].specification());
  EXPECT_EQ(log.layers[0].activation, "leaky_relu(negative_slope=0.2)");
  EXPECT_EQ(log.layers[0].units, 6);
  EXPECT_EQ(log.layers[1].name, "3");
  EXPECT_EQ(log.layers[1].activation, "");
  EXPECT_EQ(log.layers[1].units, 3);
}

TEST(Recorder, sees_free_functions_too) {
  struct Written : nn::Module {
    Tensor forward(const Tensor& x) override { return outer(gelu(inner(x))); }
    void visit(nn::Visitor& visitor) override {
      visitor("inner", inner);
      visitor("outer", outer);
    }
    nn::Linear inner{2, 5}, outer{5, 3};
  } model;
  Recorder recorder(nn::Loss::cross_entropy);
  const RunLog log = record(model, 1, recorder);
  ASSERT_EQ(log.layers.size(), 2u);
  EXPECT_EQ(log.layers[0].name, "inner");
  EXPECT_EQ(log.layers[0].activation, "gelu");
  EXPECT_EQ(log.layers[1].name, "outer");
}

TEST(Recorder, measures_outputs_firing_and_gradients_on_the_sample) {
  nn::Sequential model = network();
  const data::Dataset data = data::load("blobs(n=200, seed=4)");
  Recorder recorder(nn::Loss::cross_entropy, 50);
  recorder.on_start(model, data);
  ASSERT_EQ(recorder.log().snapshots.size(), 1u);
  const Snapshot& snapshot = recorder.log().snapshots.front();
  EXPECT_EQ(snapshot.epoch, 0);
  EXPECT_EQ(snapshot.step, 0);

  const data::Part sample{.input = data.train.input.rows(0, 50), .target = data.train.target.rows(0, 50)};
  model.evaluate();
  const Tensor hidden = model[1](model[0](sample.input));
  ASSERT_EQ(snapshot.layers[0].firing_rate.size(), 6u);
  for (int64_t unit = 0; unit < 6; ++unit) {
    int firing = 0;
    for (int64_t row = 0; row < 50; ++row) firing += hidden.at(row * 6 + unit) > 0 ? 1 : 0;
    EXPECT_FLOAT_EQ(snapshot.layers[0].firing_rate[static_cast<size_t>(unit)], static_cast<float>(firing) / 50);
  }
  const Histogram expected = make_histogram(hidden.data<float>(), hidden.size());
  EXPECT_EQ(snapshot.layers[0].output.counts, expected.counts);
  EXPECT_EQ(snapshot.layers[0].output.mean, expected.mean);
  const auto gradients = value_and_grad(model, [&] { return nn::cross_entropy(model(sample.input), sample.target); }).gradients;
  const Histogram of_last = make_histogram(gradients[2].data<float>(), gradients[2].size());
  EXPECT_EQ(snapshot.layers[1].gradient.counts, of_last.counts);
  EXPECT_EQ(snapshot.layers[1].gradient.low, of_last.low);
  EXPECT_GT(of_last.high, of_last.low);
}

TEST(Recorder, keeps_the_metrics_of_every_epoch) {
  nn::Sequential model = network();
  Recorder recorder(nn::Loss::cross_entropy);
  const RunLog log = record(model, 3, recorder, "blobs(n=200, seed=4, validation=0.2)");
  ASSERT_EQ(log.epochs.size(), 3u);
  ASSERT_EQ(log.snapshots.size(), 4u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(log.epochs[i].epoch, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(log.snapshots[i + 1].epoch, log.epochs[i].epoch);
    EXPECT_EQ(log.snapshots[i + 1].step, log.epochs[i].step);
    EXPECT_TRUE(log.epochs[i].train.accuracy && log.epochs[i].test.accuracy);
    EXPECT_TRUE(log.epochs[i].validation);
  }
}

TEST(Recorder, keeps_at_most_65_snapshots_with_the_first_and_the_last) {
  nn::Sequential model{nn::Linear{2, 3}};
  for (const int64_t epochs : {64, 65, 200}) {
    Recorder recorder(nn::Loss::cross_entropy, 8);
    const RunLog log = record(model, epochs, recorder, "blobs(n=60)");
    EXPECT_LE(log.snapshots.size(), 65u);
    EXPECT_GE(log.snapshots.size(), 32u);
    EXPECT_EQ(log.snapshots.front().epoch, 0);
    EXPECT_EQ(log.snapshots.back().epoch, epochs);
    const int64_t stride = log.snapshots[1].epoch;
    for (size_t i = 0; i + 1 < log.snapshots.size(); ++i) EXPECT_EQ(log.snapshots[i].epoch, static_cast<int64_t>(i) * stride);
    EXPECT_EQ(log.epochs.size(), static_cast<size_t>(epochs));
  }
}

TEST(Recorder, changes_no_bit_of_the_weights) {
  const auto digest = [](bool watched) {
    nn::Sequential model = network();
    const data::Dataset data = data::load("blobs(n=200, seed=4)");
    train::Adam optimiser(model.parameters());
    Recorder recorder(nn::Loss::cross_entropy);
    train::Listener* const listeners[] = {&recorder};
    train::fit(model, optimiser, data, {.epochs = 3, .batch = 32}, watched ? std::span<train::Listener* const>(listeners) : std::span<train::Listener* const>());
    return format::weights_sha256(model.state());
  };
  EXPECT_EQ(digest(true), digest(false));
}

TEST(Recorder, records_frozen_layers_without_gradients) {
  nn::Sequential model = network();
  model[0].freeze();
  Recorder recorder(nn::Loss::cross_entropy);
  const RunLog log = record(model, 1, recorder);
  const Histogram& gradient = log.snapshots.back().layers[0].gradient;
  EXPECT_EQ(gradient.low, 0);
  EXPECT_EQ(gradient.high, 0);
  EXPECT_EQ(log.snapshots.back().layers[0].firing_rate.size(), 6u);
}

}  // namespace
}  // namespace rectify::observe
