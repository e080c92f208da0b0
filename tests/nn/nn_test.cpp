#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "rectify/base/error.h"
#include "rectify/base/warning.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/initialise.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/loss.h"
#include "rectify/nn/network.h"
#include "rectify/nn/sequential.h"
#include "tests/support/gradient_cases.h"

namespace rectify {
namespace {

using test::spread;

std::vector<double> values(const Tensor& x) {
  std::vector<double> result;
  for (int64_t i = 0; i < x.size(); ++i) result.push_back(x.at(i));
  return result;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() && std::memcmp(a.raw(), b.raw(), static_cast<size_t>(a.size()) * size_of(a.dtype())) == 0;
}

Tensor sample(const Shape& shape, uint64_t ordinal = 1) { return spread(shape, -2, 2, ordinal).to(DType::float32); }

std::vector<Specification> parse(const char* text) { return parse_specification_list(text).or_throw(); }

TEST(Sequential, fuses_linear_and_activation_with_the_same_bits_as_apart) {
  for (const activation::Id id : activation::all()) {
    nn::Linear layer(7, 5);
    nn::Activation activation(activation::make(id));
    nn::Sequential fused;
    fused.append(layer);
    fused.append(activation);
    const Tensor x = sample({9, 7});
    const auto apart = [&] { return activation(layer(x)); };
    EXPECT_TRUE(same_bits(fused(x), apart())) << activation::spec(id).name;
    const auto a = value_and_grad(fused, [&] { return sum(square(fused(x))); });
    const auto b = value_and_grad(fused, [&] { return sum(square(apart())); });
    ASSERT_EQ(a.gradients.size(), b.gradients.size());
    for (size_t i = 0; i < 2; ++i) EXPECT_TRUE(same_bits(a.gradients[i], b.gradients[i])) << activation::spec(id).name << " " << i;
  }
}

TEST(Module, copies_share_storage_and_clones_do_not) {
  nn::Sequential model{nn::Linear{3, 4}, Tanh{}, PReLU{}, nn::Linear{4, 2}};
  nn::Sequential shared = model, own = nn::clone(model);
  EXPECT_TRUE(shared.parameters()[0].shares_storage_with(model.parameters()[0]));
  EXPECT_FALSE(own.parameters()[0].shares_storage_with(model.parameters()[0]));
  EXPECT_TRUE(same_bits(own(sample({2, 3})), model(sample({2, 3}))));
  EXPECT_TRUE(own.parameters()[0].requires_grad());
}

TEST(Module, names_its_tensors_by_their_path_and_loads_them_back) {
  nn::Sequential model{nn::Linear{3, 4}, PReLU{0.1}, nn::Dropout{0.5}, nn::Linear{4, 2}};
  std::vector<std::string> names;
  for (const NamedTensor& tensor : model.state()) names.push_back(tensor.name);
  EXPECT_THAT(names, testing::ElementsAre("0.weight", "0.bias", "1.slope", "2.state", "3.weight", "3.bias"));
  nn::Sequential other = nn::clone(model);
  nn::initialise(other, {.seed = 99});
  EXPECT_FALSE(same_bits(other.parameters()[0], model.parameters()[0]));
  other.load_state(model.state());
  EXPECT_TRUE(same_bits(other.parameters()[0], model.parameters()[0]));
}

TEST(Module, refuses_a_state_that_does_not_fit_and_changes_nothing) {
  nn::Sequential model{nn::Linear{3, 4}};
  const Tensor before = model.parameters()[0].clone();
  std::vector<NamedTensor> state = {{"0.weight", Tensor::zeros({4, 3})}, {"0.bias", Tensor::zeros({5})}};
  EXPECT_THROW(model.load_state(state), ShapeError);
  state[1] = {"0.bais", Tensor::zeros({4})};
  EXPECT_THROW(model.load_state(state), ArgumentError);
  state.pop_back();
  EXPECT_THROW(model.load_state(state), ArgumentError);
  EXPECT_TRUE(same_bits(before, model.parameters()[0]));
}

TEST(Linear, refuses_an_input_of_another_width_with_both_sizes) {
  nn::Linear layer(3, 4);
  try {
    layer(sample({2, 5}));
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("[linear]"), testing::HasSubstr("(2, 5)"), testing::HasSubstr("(4, 3)")));
  }
}

TEST(Dropout, is_the_identity_in_evaluation_and_keeps_the_mean_in_training) {
  nn::Dropout dropout(0.25);
  const Tensor ones = Tensor::full({100, 100}, 1.0);
  dropout.evaluate();
  EXPECT_TRUE(same_bits(dropout(ones), ones));
  dropout.train();
  dropout.restart(3, 1);
  const Tensor first = dropout(ones), second = dropout(ones);
  EXPECT_NEAR(mean(first).item(), 1.0, 0.02);
  EXPECT_FALSE(same_bits(first, second));
  dropout.restart(3, 1);
  EXPECT_TRUE(same_bits(dropout(ones), first));
  EXPECT_THROW(nn::Dropout(1.0), ArgumentError);
}

TEST(Initialise, follows_the_activation_that_comes_next) {
  const auto deviation = [](const char* text) {
    nn::Sequential network = nn::build(parse(text), {400});
    nn::initialise(network, {.seed = 5});
    double sum = 0;
    for (const double w : values(network.parameters()[0])) sum += w * w;
    return std::sqrt(sum / 400 / 300 * 400);
  };
  EXPECT_NEAR(deviation("linear(300), relu, linear(10)"), std::sqrt(2.0), 0.02);
  EXPECT_NEAR(deviation("linear(300), dropout(0.5), tanh, linear(10)"), 1.592537, 0.02);
  EXPECT_NEAR(deviation("linear(300), selu, linear(10)"), 1.0, 0.02);
  EXPECT_NEAR(deviation("linear(300), linear(10), relu"), 1.0, 0.02);
  EXPECT_NEAR(deviation("linear(300, init=normal(0.5)), relu"), 0.5 * 20, 0.2);
}

struct FreeFunctions : nn::Module {
  Tensor forward(const Tensor& x) override { return last(tanh(first(x))); }
  void visit(nn::Visitor& v) override { v("0", first), v("2", last); }
  nn::Linear first{40, 30}, last{30, 2};
};

TEST(Initialise, finds_free_functions_by_tracing_a_sample) {
  FreeFunctions model;
  nn::Sequential same{nn::Linear{40, 30}, Tanh{}, nn::Linear{30, 2}};
  nn::initialise(model, {.seed = 4}, sample({2, 40}));
  nn::initialise(same, {.seed = 4});
  for (size_t i = 0; i < 4; ++i) EXPECT_TRUE(same_bits(model.parameters()[i], same.parameters()[i])) << i;
  EXPECT_TRUE(same_bits(model(sample({5, 40})), same(sample({5, 40}))));
}

TEST(Initialise, makes_orthogonal_rows_or_columns) {
  for (const Shape shape : {Shape{5, 9}, Shape{9, 5}}) {
    Tensor w = Tensor::empty(shape, DType::float64);
    nn::fill(w, {nn::Init::orthogonal, 2.0}, 1, 0);
    const Tensor product = shape[0] < shape[1] ? matmul(w, w, false, true) : matmul(w, w, true, false);
    for (int64_t i = 0; i < 25; ++i) EXPECT_NEAR(product.at(i), i % 6 == 0 ? 4.0 : 0.0, 1e-13);
  }
}

TEST(Initialise, every_scheme_has_the_variance_it_promises) {
  const auto variance = [](const char* text) {
    Tensor w = Tensor::empty({300, 500}, DType::float64);
    nn::fill(w, nn::initialiser_from(parse_specification(text).or_throw()), 8, 0);
    return mean(square(w)).item();
  };
  EXPECT_NEAR(variance("xavier_uniform") * 400, 1.0, 0.02);
  EXPECT_NEAR(variance("glorot_normal") * 400, 1.0, 0.02);
  EXPECT_NEAR(variance("he_uniform") * 250, 1.0, 0.02);
  EXPECT_NEAR(variance("he") * 250, 1.0, 0.02);
  EXPECT_NEAR(variance("lecun_uniform") * 500, 1.0, 0.02);
  EXPECT_NEAR(variance("lecun_normal") * 500, 1.0, 0.02);
  EXPECT_NEAR(variance("uniform(0.3)") / 0.03, 1.0, 0.02);
  EXPECT_EQ(variance("constant(0.5)"), 0.25);
  EXPECT_THROW(variance("hee"), ArgumentError);
  EXPECT_THROW(variance("normal"), ArgumentError);
  EXPECT_THROW(variance("normal(-1)"), ArgumentError);
}

TEST(Build, prints_a_network_in_full_and_reads_it_back) {
  const char* text = "linear(8, bias=0.1, init=he_uniform), leaky_relu(0.2), dropout, flatten, linear(4, bias=false), prelu, linear(3, bias=normal(0.5)), log_softmax";
  nn::Sequential network = nn::build(parse(text), {6});
  const std::string full = network.specification();
  EXPECT_THAT(full, testing::HasSubstr("leaky_relu(negative_slope=0.2)"));
  EXPECT_EQ(nn::build(parse(full.c_str()), {6}).specification(), full);
  EXPECT_EQ(nn::output_size(network, {6}), 3);
}

TEST(Build, suggests_the_nearest_name_for_an_unknown_layer) {
  try {
    nn::build(parse("linear(8), rellu, linear(2)"), {4});
    FAIL();
  } catch (const ArgumentError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("'rellu'"), testing::HasSubstr("relu")));
  }
  EXPECT_THROW(nn::build(parse("linear(0)"), {4}), ArgumentError);
  EXPECT_THROW(nn::build(parse("linear(2, 3, 4)"), {4}), ArgumentError);
}

TEST(Loss, cross_entropy_is_nll_of_log_softmax_to_the_last_bit) {
  const Tensor index = Tensor::from(std::vector<int64_t>{2, 0, 3}, {3});
  for (const double scale : {1.0, 1e-3, 40.0}) {
    nn::Linear layer(6, 4);
    const Tensor x = sample({3, 6}, 9) * scale;
    const auto a = value_and_grad(layer, [&] { return nn::cross_entropy(layer(x), index); });
    const auto b = value_and_grad(layer, [&] { return nn::nll(log_softmax(layer(x)), index); });
    EXPECT_TRUE(same_bits(a.value, b.value));
    EXPECT_TRUE(same_bits(a.gradients[0], b.gradients[0]));
  }
}

TEST(Loss, bce_with_logits_keeps_its_digits_for_large_logits) {
  const Tensor z = Tensor::from({50.0, -50.0}, DType::float64), t = Tensor::from({1.0, 0.0}, DType::float64);
  EXPECT_NEAR(nn::bce_with_logits(z, t).item() / std::exp(-50.0), 1.0, 1e-12);
}

TEST(Loss, warns_once_when_probabilities_stand_where_logits_belong) {
  int warnings = 0;
  std::string message;
  const WarningSink before = set_warning_sink([&](std::string_view text) { ++warnings, message = text; });
  const Tensor index = Tensor::from(std::vector<int64_t>{2, 0, 3}, {3});
  nn::cross_entropy(sample({3, 4}), index);
  EXPECT_EQ(warnings, 0);
  nn::cross_entropy(softmax(sample({3, 4})), index);
  nn::cross_entropy(softmax(sample({3, 4})), index);
  EXPECT_EQ(warnings, 1);
  EXPECT_THAT(message, testing::AllOf(testing::HasSubstr("probabilities"), testing::HasSubstr("softmax"), testing::HasSubstr("below 0.743668")));
  // The bound is what the best such input reaches: log(e + 3) - 1 for four classes.
  EXPECT_NEAR(nn::cross_entropy(Tensor::from(std::vector<double>{0, 0, 1, 0}, {1, 4}), Tensor::from(std::vector<int64_t>{2}, {1})).item(), 0.743668, 1e-6);
  set_warning_sink(before);
}

TEST(Loss, refuses_shapes_that_would_broadcast_by_accident) {
  EXPECT_THROW(nn::mse(Tensor::zeros({4, 1}), Tensor::zeros({4})), ShapeError);
  EXPECT_THROW(nn::cross_entropy(Tensor::zeros({2, 3}), Tensor::from(std::vector<int64_t>{0, 3}, {2})), ArgumentError);
}

TEST(Activation, free_function_and_module_and_parameters_agree) {
  const Tensor x = sample({50});
  EXPECT_TRUE(same_bits(LeakyReLU{0.2}(x), leaky_relu(x, 0.2)));
  EXPECT_TRUE(same_bits(Mish{}(x), mish(x)));
  EXPECT_FALSE(same_bits(leaky_relu(x, 0.2), leaky_relu(x)));
  EXPECT_THROW(LeakyReLU(0.1, 0.2), ArgumentError);
}

TEST(PReLU, learns_its_slope_and_freezing_stops_it) {
  nn::Sequential model{PReLU{0.25}};
  const Tensor x = Tensor::from({-1.0, -2.0, 3.0});
  auto result = value_and_grad(model, [&] { return sum(model(x)); });
  EXPECT_EQ(result.gradients[0].item(), -3);
  model.freeze();
  result = value_and_grad(model, [&] { return sum(model(x)); });
  EXPECT_FALSE(result.gradients[0].defined());
}

TEST(SampleLosses, are_those_whose_mean_is_the_loss) {
  const Tensor logits = Tensor::from({1, -2, 0.5, 3, 0.1, 0.2}).view(Shape{3, 2}), column = Tensor::from({1, -2, 30}).view(Shape{3, 1}), truth = Tensor::from({0.5, -1, 2}).view(Shape{3, 1});
  const Tensor classes = Tensor::from(std::vector<int64_t>{1, 0, 1}, Shape{3});
  const auto expect_mean = [](nn::Loss loss, const Tensor& output, const Tensor& target) {
    const Tensor losses = nn::sample_losses(loss, output, target);
    ASSERT_EQ(losses.shape(), Shape{3});
    EXPECT_NEAR((losses.at(0) + losses.at(1) + losses.at(2)) / 3, nn::compute(loss, output, target).item(), 1e-5) << nn::to_string(loss);
  };
  expect_mean(nn::Loss::cross_entropy, logits, classes);
  expect_mean(nn::Loss::nll, logits * -1.0, classes);
  expect_mean(nn::Loss::bce_with_logits, column, classes);
  expect_mean(nn::Loss::mse, column, truth);
  expect_mean(nn::Loss::mae, column, truth);
}

}  // namespace
}  // namespace rectify
