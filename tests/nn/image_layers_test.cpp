// Convolution, pooling and normalisation as modules, in Sequential and in the grammar.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "rectify/base/error.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/image_layers.h"
#include "rectify/nn/initialise.h"
#include "rectify/nn/network.h"
#include "rectify/nn/normalisations.h"
#include "rectify/nn/sequential.h"
#include "tests/support/gradient_cases.h"
#include "tests/support/message_of.h"

namespace rectify {
namespace {

using test::spread;
using testing::HasSubstr;

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() && std::memcmp(a.raw(), b.raw(), static_cast<size_t>(a.size()) * size_of(a.dtype())) == 0;
}

Tensor sample(const Shape& shape, uint64_t ordinal = 1) { return spread(shape, -2, 2, ordinal).to(DType::float32); }

nn::Sequential network(const std::string& text, const Shape& shape, const Shape& image = {}) { return nn::build(parse_specification_list(text).or_throw(), shape, image); }

TEST(Sequential, fuses_convolution_and_activation_with_the_same_bits_as_apart) {
  for (const activation::Id id : activation::all()) {
    nn::Conv2d layer(3, 5, 3, {.stride = {2, 1}, .padding = 1});
    nn::Activation activation(activation::make(id));
    nn::Sequential fused;
    fused.append(layer);
    fused.append(activation);
    const Tensor x = sample({2, 6, 5, 3});
    const auto apart = [&] { return activation(layer(x)); };
    EXPECT_TRUE(same_bits(fused(x), apart())) << activation::spec(id).name;
    const auto a = value_and_grad(fused, [&] { return sum(square(fused(x))); });
    const auto b = value_and_grad(fused, [&] { return sum(square(apart())); });
    for (size_t i = 0; i < 2; ++i) EXPECT_TRUE(same_bits(a.gradients[i], b.gradients[i])) << activation::spec(id).name << " " << i;
  }
}

TEST(Conv2d, of_one_tap_is_a_linear_layer_at_each_position_to_the_last_bit) {
  nn::Conv2d layer(7, 4, 1);
  const Tensor x = sample({2, 3, 5, 7});
  EXPECT_TRUE(same_bits(layer(x), reshape(linear(reshape(x, {30, 7}), reshape(layer.weight, {4, 7}), layer.bias), {2, 3, 5, 4})));
}

TEST(Conv2d, is_initialised_by_its_fan_in_and_the_activation_that_comes_next) {
  const auto deviation = [](const std::string& text) {
    nn::Sequential model = network(text, {8, 8, 20});
    nn::initialise(model, {.seed = 5});
    const Tensor weight = model.parameters()[0].to(DType::float64);
    return std::sqrt(mean(square(weight)).item() * static_cast<double>(weight.size() / weight.size(0)));
  };
  EXPECT_NEAR(deviation("conv(60, kernel=3), relu, linear(10)"), std::sqrt(2.0), 0.03);
  EXPECT_NEAR(deviation("conv(60, kernel=3, groups=2), max_pool(2), relu, linear(10)"), std::sqrt(2.0), 0.03);
  EXPECT_NEAR(deviation("conv(60, kernel=3), linear(10), relu"), 1.0, 0.03);
}

struct FreeFunctions : nn::Module {
  Tensor forward(const Tensor& x) override { return last(nn::Flatten()(tanh(max_pool2d(norm(first(x)), {.kernel = 2})))); }
  void visit(nn::Visitor& v) override { v("0", first), v("1", norm), v("5", last); }
  nn::Conv2d first{2, 6, 3, {.padding = 1}};
  nn::BatchNorm norm{6};
  nn::Linear last{24, 3};
};

TEST(Initialise, finds_what_comes_after_a_convolution_through_normalisation_and_pooling) {
  FreeFunctions model;
  nn::Sequential same{nn::Conv2d{2, 6, 3, {.padding = 1}}, nn::BatchNorm{6}, nn::MaxPool2d{2}, Tanh{}, nn::Flatten{}, nn::Linear{24, 3}};
  nn::initialise(model, {.seed = 4}, sample({1, 4, 4, 2}));
  nn::initialise(same, {.seed = 4});
  const auto a = model.state(), b = same.state();
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same_bits(a[i].tensor, b[i].tensor)) << a[i].name;
  EXPECT_TRUE(model.training() && model.norm.training());
  EXPECT_TRUE(same_bits(model(sample({3, 4, 4, 2})), same(sample({3, 4, 4, 2}))));
}

TEST(MaxPool2d, keeps_the_largest_and_not_a_number) {
  Tensor x = Tensor::from(std::vector<double>{1, 2, 3, 4, 5, 6, 7, std::nan(""), 9}, {1, 3, 3, 1});
  const Tensor y = nn::MaxPool2d(2, 1)(x);
  EXPECT_EQ(y.shape(), (Shape{1, 2, 2, 1}));
  EXPECT_EQ(y.at(0), 5);
  EXPECT_EQ(y.at(1), 6);
  EXPECT_TRUE(std::isnan(y.at(2)) && std::isnan(y.at(3)));
}

TEST(BatchNorm, has_mean_0_and_variance_1_in_training_and_follows_the_running_statistics_in_evaluation) {
  nn::BatchNorm norm(3);
  const Tensor x = sample({40, 3}, 8) * 3.0 + 5.0, y = norm(x);
  for (int64_t j = 0; j < 3; ++j) {
    double total = 0, squares = 0, own = 0, own_squares = 0;
    for (int64_t i = 0; i < 40; ++i) total += y.at(3 * i + j), squares += y.at(3 * i + j) * y.at(3 * i + j), own += x.at(3 * i + j);
    for (int64_t i = 0; i < 40; ++i) own_squares += std::pow(x.at(3 * i + j) - own / 40, 2);
    EXPECT_NEAR(total / 40, 0, 1e-6);
    EXPECT_NEAR(squares / 40, 1, 1e-4);
    EXPECT_NEAR(norm.running_mean.at(j), 0.1 * own / 40, 1e-6);
    EXPECT_NEAR(norm.running_var.at(j), 0.9 + 0.1 * own_squares / 39, 1e-5);
  }
  for (int i = 0; i < 300; ++i) norm(x);
  const Tensor before = norm.running_mean.clone();
  norm.evaluate();
  // In the end the running statistics are the batch's own, but for the unbiased variance.
  const Tensor late = norm(x);
  for (int64_t i = 0; i < x.size(); ++i) EXPECT_NEAR(late.at(i), y.at(i) * std::sqrt(39.0 / 40), 1e-4);
  EXPECT_TRUE(same_bits(norm.running_mean, before)) << "evaluation learns nothing";
  EXPECT_TRUE(same_bits(norm(x.rows(0, 1)), late.rows(0, 1))) << "a sample's output does not depend on the others";
}

TEST(BatchNorm, normalises_images_as_the_matrix_of_their_positions) {
  nn::BatchNorm a(5), b(5);
  const Tensor x = sample({3, 4, 2, 5});
  EXPECT_TRUE(same_bits(reshape(a(x), {24, 5}), b(reshape(x, {24, 5}))));
  EXPECT_TRUE(same_bits(a.running_var, b.running_var));
}

TEST(BatchNorm, refuses_a_batch_without_variance_and_wrong_options) {
  nn::BatchNorm norm(3);
  EXPECT_THAT(test::message_of<Error>([&] { norm(sample({1, 3})); }), testing::AllOf(HasSubstr("[batch_norm]"), HasSubstr("needs two")));
  EXPECT_THROW(norm(sample({4, 2})), ShapeError);
  EXPECT_THROW(nn::BatchNorm(0), ArgumentError);
  EXPECT_THROW(nn::BatchNorm(3, {.momentum = 1.5}), ArgumentError);
  EXPECT_THROW(nn::BatchNorm(3, {.epsilon = -1}), ArgumentError);
  EXPECT_NO_THROW(norm(sample({1, 2, 1, 3})));
}

TEST(LayerNorm, normalises_each_row_by_itself) {
  nn::LayerNorm norm(6);
  const Tensor x = sample({5, 6}), y = norm(x);
  for (int64_t i = 0; i < 5; ++i) {
    double total = 0, squares = 0;
    for (int64_t j = 0; j < 6; ++j) total += y.at(6 * i + j), squares += y.at(6 * i + j) * y.at(6 * i + j);
    EXPECT_NEAR(total, 0, 1e-6);
    EXPECT_NEAR(squares / 6, 1, 1e-4);
    EXPECT_TRUE(same_bits(norm(x.rows(i, i + 1)), y.rows(i, i + 1)));
  }
}

TEST(Normalisation, clones_copies_and_starts_anew) {
  nn::Sequential model{nn::Conv2d{2, 3, 2}, nn::BatchNorm{3}, nn::LayerNorm{3}};
  nn::Sequential own = nn::clone(model);
  own(sample({2, 3, 3, 2}));
  own.parameters()[2].copy_from(Tensor::full({3}, 7));
  std::vector<std::string> names;
  for (const NamedTensor& tensor : model.state()) names.push_back(tensor.name);
  EXPECT_THAT(names, testing::ElementsAre("0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "2.weight", "2.bias"));
  EXPECT_EQ(model.state()[4].tensor.at(0), 0);
  EXPECT_NE(own.state()[4].tensor.at(0), 0);
  nn::initialise(own);
  EXPECT_EQ(own.state()[4].tensor.at(0), 0);
  EXPECT_EQ(own.state()[5].tensor.at(0), 1);
  EXPECT_EQ(own.parameters()[2].at(0), 1);
}

TEST(Build, prints_networks_for_images_in_full_and_reads_them_back) {
  const std::string text =
      "conv(8, kernel=3, padding=same), batch_norm, relu, max_pool(2), conv2d(12, size(3, 1), stride=size(2, 1), dilation=size(1, 2), groups=4, bias=false, init=he_normal), layer_norm, "
      "avg_pool(kernel=2, stride=1, padding=1, count_include_pad=false), batch_norm(momentum=0.2, affine=false), global_avg_pool, linear(3)";
  nn::Sequential built = network(text, {12, 10});
  const std::string full = built.specification();
  EXPECT_EQ(full,
            "unflatten(12, 10, 1), conv2d(8, kernel=3, stride=1, padding=1, dilation=1, groups=1), batch_norm(momentum=0.1, epsilon=1e-05, affine=true), relu, "
            "max_pool2d(2, stride=2, padding=0), conv2d(12, kernel=size(3, 1), stride=size(2, 1), padding=0, dilation=size(1, 2), groups=4, bias=false, init=he_normal), "
            "layer_norm(epsilon=1e-05, affine=true), avg_pool2d(2, stride=1, padding=1, count_include_pad=false), batch_norm(momentum=0.2, epsilon=1e-05, affine=false), "
            "global_avg_pool2d, linear(3)");
  EXPECT_EQ(network(full, {12, 10}).specification(), full);
  EXPECT_EQ(network(full, {120}).specification(), full) << "rows of numbers are unfolded by the first layer";
  EXPECT_EQ(nn::output_size(built, {12, 10}), 3);
  EXPECT_EQ(nn::output_size(built, {120}), 3);
  built.train();
  EXPECT_EQ(built(sample({2, 120})).shape(), (Shape{2, 3}));
}

TEST(Build, unfolds_rows_that_were_images_until_a_layer_mixes_them) {
  EXPECT_EQ(network("dropout(0.1), relu, conv(2, kernel=3), linear(2)", {30}, {5, 6}).specification().substr(0, 40), "dropout(p=0.1), relu, unflatten(5, 6, 1)");
  EXPECT_EQ(network("conv(2, kernel=1)", {30}, {5, 3, 2}).specification().substr(0, 18), "unflatten(5, 3, 2)");
  EXPECT_EQ(network("conv(2, kernel=1)", {5, 3, 2}).specification().substr(0, 8), "conv2d(2");
  EXPECT_EQ(network("linear(4)", {30}, {5, 6}).specification(), "linear(4)");
  EXPECT_THROW(network("linear(30), conv(2, kernel=3)", {30}, {5, 6}), ArgumentError);
  EXPECT_THROW(network("conv(2, kernel=3)", {30}), ArgumentError);
}

TEST(Build, counts_the_weights_before_anything_is_allocated) {
  const auto count = [](const char* text, const Shape& shape) { return nn::weight_count(parse_specification_list(text).or_throw(), shape); };
  EXPECT_EQ(count("conv(8, kernel=size(3, 5), groups=2), batch_norm, linear(10)", {9, 9, 4}), 8 * 15 * 2 + 3 * 8 + 7 * 5 * 8 * 10);
  EXPECT_EQ(count("conv(1000000000, kernel=1000, padding=same, dilation=2)", {9, 9, 4}), 4e15);
}

TEST(Images, of_wrong_shapes_are_refused_in_one_sentence_and_what_to_do) {
  const Tensor x = sample({2, 5, 5, 3});
  EXPECT_THAT(test::message_of<Error>([&] { nn::Conv2d(4, 2, 3)(x); }), testing::AllOf(HasSubstr("[conv2d] the input has 3 channels"), HasSubstr("takes 4")));
  EXPECT_THAT(test::message_of<Error>([&] { nn::Conv2d(3, 2, 6)(x); }), HasSubstr("an image of 5 x 5 is too small for a kernel of 6"));
  EXPECT_THAT(test::message_of<Error>([&] { nn::Conv2d(3, 2, 3)(reshape(x, {10, 5, 3})); }), HasSubstr("must be (batch, height, width, channels)"));
  EXPECT_THAT(test::message_of<Error>([&] { nn::Conv2d(3, 2, 3)(x.to(DType::float64)); }), HasSubstr("float64"));
  EXPECT_THAT(test::message_of<Error>([&] { nn::Conv2d(3, 2, 3, {.stride = 0})(x); }), HasSubstr("the stride is 0"));
  EXPECT_THAT(test::message_of<Error>([&] { nn::Conv2d(3, 4, 3, {.groups = 2}); }), HasSubstr("do not both divide into 2 groups"));
  EXPECT_THAT(test::message_of<Error>([&] { nn::MaxPool2d(6)(x); }), HasSubstr("[max_pool2d] an image of 5 x 5 is smaller than the window of 6 x 6"));
  EXPECT_THAT(test::message_of<Error>([&] { nn::AvgPool2d(2, 2, 2)(x); }), HasSubstr("[avg_pool2d] the padding is 2; for a kernel of 2"));
  EXPECT_THAT(test::message_of<Error>([&] { nn::Unflatten(5, 5, 2)(x); }), HasSubstr("[reshape]"));
  EXPECT_THAT(test::message_of<Error>([&] { conv2d(x, sample({4, 3, 3, 3}), sample({3})); }), HasSubstr("the bias (3,) must have the shape (4,)"));
}

TEST(Images, without_samples_give_results_without_samples) {
  EXPECT_EQ(nn::Conv2d(3, 2, 3)(sample({0, 5, 5, 3})).shape(), (Shape{0, 3, 3, 2}));
  nn::Conv2d layer(3, 2, 3);
  const auto result = value_and_grad(layer, [&] { return sum(layer(sample({0, 5, 5, 3}))); });
  for (const Tensor& gradient : result.gradients) EXPECT_EQ(sum(abs(gradient)).item(), 0);
  EXPECT_EQ(nn::MaxPool2d(2)(sample({0, 5, 5, 3})).shape(), (Shape{0, 2, 2, 3}));
  EXPECT_EQ(nn::LayerNorm(3)(sample({0, 3})).shape(), (Shape{0, 3}));
}

}  // namespace
}  // namespace rectify
