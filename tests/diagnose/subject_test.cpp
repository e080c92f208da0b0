// The probe of a network: what it measures, against closed forms, and that it leaves no trace.
#include "rectify/diagnose/subject.h"

#include <gmock/gmock.h>

#include <cmath>

#include "rectify/data/load.h"
#include "rectify/format/digest.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/initialise.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/normalisations.h"
#include "rectify/nn/sequential.h"
#include "rectify/nn/units.h"
#include "rectify/observe/watch.h"
#include "tests/support/message_of.h"

namespace rectify::diagnose {
namespace {

using testing::HasSubstr;

/// A dataset whose training part is this.
data::Dataset dataset(const Tensor& input, const Tensor& target) {
  data::Dataset data;
  data.train = {.input = input, .target = target};
  return data;
}

/// Two features that are 1 and -1 in the four possible ways, 25 times each; the class says whether they differ.
data::Dataset signs() {
  std::vector<float> input;
  std::vector<int64_t> target;
  for (int i = 0; i < 100; ++i) {
    const float x = i % 2 ? 1 : -1, y = i / 2 % 2 ? 1 : -1;
    input.insert(input.end(), {x, y});
    target.push_back(x != y);
  }
  return dataset(Tensor::from(input, {100, 2}), Tensor::from(target, {100}));
}

nn::Linear layer(const std::vector<float>& weight, const std::vector<float>& bias) {
  const int64_t units = static_cast<int64_t>(bias.size()), inputs = static_cast<int64_t>(weight.size()) / units;
  nn::Linear result{inputs, units};
  result.weight.copy_from(Tensor::from(weight, {units, inputs}));
  result.bias.copy_from(Tensor::from(bias, {units}));
  return result;
}

TEST(Examine, measures_the_inputs) {
  // Features: 1 and 3 in turn; always 5; 0, but for one NaN and one infinity.
  std::vector<float> input;
  for (int i = 0; i < 10; ++i) input.insert(input.end(), {i % 2 ? 3.0f : 1.0f, 5.0f, i == 4 ? NAN : i == 7 ? -INFINITY : 0.0f});
  nn::Sequential model{nn::Linear{3, 1}};
  const InputMeasure measure = examine(model, nn::Loss::mse, dataset(Tensor::from(input, {10, 3}), Tensor::zeros({10, 1}))).input;
  EXPECT_EQ(measure.samples, 10);
  EXPECT_EQ(measure.features, 3);
  EXPECT_DOUBLE_EQ(measure.rms, std::sqrt((5 * 10 + 250) / 28.0));
  EXPECT_EQ(measure.largest, 5);
  EXPECT_DOUBLE_EQ(measure.uncentred, (4.0 + 25) / (5 + 25));
  EXPECT_EQ(measure.smallest_deviation, 1);
  EXPECT_EQ(measure.largest_deviation, 1);
  EXPECT_EQ(measure.constant_features, 2);
  EXPECT_EQ(measure.non_finite, 2);
}

TEST(Examine, the_chance_loss_of_classes_is_their_entropy) {
  const Tensor input = Tensor::zeros({8, 2}), classes = Tensor::from(std::vector<int64_t>{0, 2, 0, 0, 2, 0, 1, 0}, Shape{8});
  nn::Sequential three{nn::Linear{2, 3}};
  const double entropy = -(5.0 / 8 * std::log(5.0 / 8) + 2.0 / 8 * std::log(2.0 / 8) + 1.0 / 8 * std::log(1.0 / 8));
  EXPECT_DOUBLE_EQ(examine(three, nn::Loss::cross_entropy, dataset(input, classes)).output.chance_loss, entropy);
  nn::Sequential with_end{nn::Linear{2, 3}, LogSoftmax{}};
  EXPECT_DOUBLE_EQ(examine(with_end, nn::Loss::nll, dataset(input, classes)).output.chance_loss, entropy);
  nn::Sequential one{nn::Linear{2, 1}};
  const Tensor two = Tensor::from(std::vector<int64_t>{0, 1, 0, 0, 1, 0, 0, 0}, Shape{8});
  const double of_two = -(0.75 * std::log(0.75) + 0.25 * std::log(0.25));
  EXPECT_DOUBLE_EQ(examine(one, nn::Loss::bce_with_logits, dataset(input, two)).output.chance_loss, of_two);
  EXPECT_DOUBLE_EQ(examine(one, nn::Loss::bce_with_logits, dataset(input, two.to(DType::float32).view({8, 1}))).output.chance_loss, of_two);
  EXPECT_EQ(examine(three, nn::Loss::cross_entropy, dataset(input, Tensor::zeros(Shape{8}, DType::int64))).output.chance_loss, 0);
}

TEST(Examine, the_chance_loss_of_numbers_is_their_variance_or_their_distance_from_the_median) {
  const Tensor input = Tensor::zeros({5, 2}), target = Tensor::from(std::vector<float>{1, 2, 3, 4, 10}, {5, 1});
  nn::Sequential model{nn::Linear{2, 1}};
  const OutputMeasure squared = examine(model, nn::Loss::mse, dataset(input, target)).output, absolute = examine(model, nn::Loss::mae, dataset(input, target)).output;
  EXPECT_DOUBLE_EQ(squared.chance_loss, (9 + 4 + 1 + 0 + 36) / 5.0);
  EXPECT_DOUBLE_EQ(absolute.chance_loss, (2 + 1 + 0 + 1 + 7) / 5.0);
  EXPECT_EQ(squared.smallest_target, 1);
  EXPECT_EQ(squared.largest_target, 10);
  EXPECT_DOUBLE_EQ(squared.loss, (1 + 4 + 9 + 16 + 100) / 5.0);  // the inputs are 0, and so is the output
}

TEST(Examine, a_network_of_zeros_says_the_same_for_every_sample) {
  nn::Sequential model{layer({0, 0, 0, 0, 0, 0}, {0, 0, 0}), Tanh{}, layer({0, 0, 0, 0, 0, 0}, {0, 0})};
  const Subject subject = examine(model, nn::Loss::cross_entropy, signs());
  EXPECT_EQ(subject.output.distinct_outputs, 1);
  EXPECT_NEAR(subject.output.loss, std::log(2.0), 1e-7);
  EXPECT_DOUBLE_EQ(subject.output.chance_loss, std::log(2.0));
  ASSERT_EQ(subject.log.windows.size(), 1u);
  const observe::Window& probe = subject.log.windows[0];
  EXPECT_EQ(probe.first_step, 0);
  EXPECT_EQ(probe.last_step, 0);
  EXPECT_EQ(probe.loss, subject.output.loss);
  EXPECT_EQ(probe.layers[0].unit_spread, 0);
  EXPECT_EQ(probe.layers[0].weight, 0);
  EXPECT_EQ(probe.layers[0].zeros, 1);
  EXPECT_EQ(probe.layers[0].output_gradient, 0);
  EXPECT_TRUE(std::isnan(probe.layers[0].update));
  // Each of 100 samples pulls its two logits by half of a hundredth.
  EXPECT_NEAR(probe.layers[1].output_gradient, 0.005, 1e-9);
  EXPECT_EQ(subject.training_samples, 100);
  EXPECT_FALSE(subject.normalised);
}

TEST(Examine, the_probe_has_the_units_of_each_layer) {
  // On inputs of +-1: never above 0, always, and in half of the samples.
  nn::Sequential model{layer({1, 0, 1, 0, 1, 0}, {-2, 2, 0}), ReLU{}, nn::Linear{3, 2}};
  const Subject subject = examine(model, nn::Loss::cross_entropy, signs());
  const observe::LayerWindow& hidden = subject.log.windows[0].layers[0];
  EXPECT_EQ(subject.log.layers[0].activation, "relu");
  EXPECT_EQ(hidden.values, 100);
  EXPECT_EQ(hidden.dead_units, 1);
  EXPECT_EQ(hidden.linear_units, 1);
  EXPECT_DOUBLE_EQ(hidden.mean, (0 + 2 + 0.5) / 3);
  EXPECT_DOUBLE_EQ(hidden.rms, std::sqrt((0 + 5 + 0.5) / 3));
  EXPECT_DOUBLE_EQ(hidden.zeros, 0.5);
  EXPECT_EQ(subject.log.units[0][0].silent_values, 100);
  EXPECT_EQ(subject.log.units[0][1].silent_values, 0);
}

TEST(Examine, sees_how_the_network_ends) {
  const auto output = [](nn::Module& model) { return examine(model, nn::Loss::cross_entropy, signs()).output; };
  nn::Sequential plain{nn::Linear{2, 4}, Tanh{}, nn::Linear{4, 2}}, rectified{nn::Linear{2, 2}, ReLU{}}, soft{nn::Linear{2, 2}, Softmax{}}, nested{nn::Linear{2, 2}, nn::Sequential{LogSoftmax{}}};
  EXPECT_EQ(output(plain).last_activation, "");
  EXPECT_FALSE(output(plain).ends_in_softmax || output(plain).ends_in_log_softmax);
  EXPECT_EQ(output(rectified).last_activation, "relu");
  EXPECT_EQ(output(rectified).smallest, 0);
  EXPECT_TRUE(output(soft).ends_in_softmax);
  EXPECT_FALSE(output(soft).ends_in_log_softmax);
  EXPECT_TRUE(output(nested).ends_in_log_softmax);
  // A module that is no list tells it by its numbers.
  struct Written : nn::Module {
    explicit Written(bool logarithm) : logarithm_(logarithm) {}
    Tensor forward(const Tensor& x) override { return logarithm_ ? log_softmax(layer_(x)) : softmax(layer_(x)); }
    void visit(nn::Visitor& visitor) override { visitor("layer", layer_); }
    bool logarithm_;
    nn::Linear layer_{2, 3};
  } of_probabilities(false), of_logarithms(true);
  EXPECT_TRUE(output(of_probabilities).ends_in_softmax);
  EXPECT_FALSE(output(of_probabilities).ends_in_log_softmax);
  EXPECT_TRUE(output(of_logarithms).ends_in_log_softmax);
}

TEST(Examine, leaves_no_trace) {
  nn::Sequential model{nn::Linear{2, 8}, nn::BatchNorm{8}, ReLU{}, nn::Dropout{0.5}, nn::Linear{8, 2}};
  nn::initialise(model, {.seed = 3});
  model[3].evaluate();
  observe::Watch watch{model};
  const std::string before = format::weights_sha256(model.state());
  EXPECT_TRUE(examine(model, nn::Loss::cross_entropy, signs()).normalised);
  EXPECT_EQ(format::weights_sha256(model.state()), before);
  EXPECT_TRUE(model.training());
  EXPECT_TRUE(model[1].training());
  EXPECT_FALSE(model[3].training());
  EXPECT_TRUE(watch.log().windows.empty());
  EXPECT_FALSE(autograd::recording());
}

TEST(Examine, meets_a_normalised_network_as_training_will) {
  nn::Sequential model{nn::Linear{2, 8}, nn::BatchNorm{8}, Tanh{}, nn::Linear{8, 2}};
  nn::initialise(model, {.seed = 3});
  Tensor weight = model.parameters()[0];
  weight.copy_from(weight * 1000.0);
  const Subject subject = examine(model, nn::Loss::cross_entropy, signs());
  EXPECT_NEAR(subject.log.windows[0].layers[0].pre_activation_rms, 1, 1e-3);
  EXPECT_LT(subject.log.windows[0].layers[0].saturated, 0.3);
}

TEST(Examine, draws_its_samples_from_the_whole_of_sorted_data) {
  std::vector<int64_t> classes(1000, 0);
  std::fill(classes.begin() + 500, classes.end(), 1);
  nn::Sequential model{nn::Linear{2, 2}};
  const Subject subject = examine(model, nn::Loss::cross_entropy, dataset(Tensor::zeros({1000, 2}), Tensor::from(classes, Shape{1000})), 200);
  EXPECT_EQ(subject.input.samples, 200);
  EXPECT_GT(subject.output.chance_loss, 0.98 * std::log(2.0));
}

TEST(Examine, takes_models_of_other_types_and_without_layers) {
  nn::Sequential wide{nn::Linear{2, 3, {}, DType::float64}, Tanh{}, nn::Linear{3, 2, {}, DType::float64}};
  EXPECT_GT(examine(wide, nn::Loss::cross_entropy, signs()).log.windows[0].layers[0].output_gradient, 0);
  nn::Sequential nothing{nn::Flatten{}};
  const Subject subject = examine(nothing, nn::Loss::cross_entropy, signs());
  ASSERT_EQ(subject.log.windows.size(), 1u);
  EXPECT_TRUE(subject.log.windows[0].layers.empty());
}

TEST(Examine, says_what_it_cannot_look_at) {
  nn::Sequential model{nn::Linear{2, 2}};
  EXPECT_THAT(test::message_of<ArgumentError>([&] { examine(model, nn::Loss::cross_entropy, signs(), 0); }), HasSubstr("[examine] 0 samples"));
  EXPECT_THAT(test::message_of<ArgumentError>([&] { examine(model, nn::Loss::cross_entropy, dataset(Tensor::zeros({3, 2}), Tensor())); }), HasSubstr("Give labelled data"));
}

}  // namespace
}  // namespace rectify::diagnose
