#include "tests/support/gradient_cases.h"

#include <cmath>

#include "rectify/autograd/images.h"
#include "rectify/autograd/units.h"
#include "rectify/base/random.h"
#include "rectify/nn/loss.h"

namespace rectify::test {

Tensor spread(const Shape& shape, double low, double high, uint64_t ordinal) {
  Tensor result = Tensor::empty(shape, DType::float64);
  for (int64_t i = 0; i < shape.count(); ++i) {
    double x = low + (high - low) * random_uniform({.seed = 7, .purpose = Purpose::test, .ordinal = ordinal}, static_cast<uint64_t>(i));
    if (std::abs(x - std::round(x)) < 0.05) x += 0.1;
    result.data<double>()[i] = x;
  }
  return result;
}

std::vector<GradientCase> primitive_cases() {
  using Inputs = std::span<const Tensor>;
  const Tensor a = spread({3, 4}, -2, 2, 1), b = spread({3, 4}, -2, 2, 2), positive = spread({3, 4}, 0.5, 3, 3), row = spread({4}, -2, 2, 4),
               column = spread({3, 1}, 0.5, 2, 5), number = spread({1}, 0.5, 2, 6), m = spread({4, 5}, -1, 1, 7), mt = spread({5, 4}, -1, 1, 8),
               at = spread({4, 3}, -1, 1, 9), weight = spread({5, 4}, -1, 1, 10), bias = spread({5}, -1, 1, 11), shares = spread({3, 4}, 0.1, 0.9, 12),
               deep = spread({2, 3, 4}, -2, 2, 13);
  const Tensor index = Tensor::from(std::vector<int64_t>{2, 0, 3}, {3});
  return {
      {"add", [](Inputs x) { return x[0] + x[1]; }, {a, b}},
      {"add_row", [](Inputs x) { return x[0] + x[1]; }, {a, row}},
      {"add_number", [](Inputs x) { return x[0] + x[1]; }, {a, number}},
      {"add_constant", [](Inputs x) { return 2.0 + (x[0] + 1.5); }, {a}},
      {"subtract", [](Inputs x) { return x[0] - x[1]; }, {a, column}},
      {"subtract_constant", [](Inputs x) { return (1.0 - x[0]) - 0.5; }, {a}},
      {"multiply", [](Inputs x) { return x[0] * x[1]; }, {a, b}},
      {"multiply_row", [](Inputs x) { return x[0] * x[1] * 3.0; }, {a, row}},
      {"multiply_by_itself", [](Inputs x) { return x[0] * x[0]; }, {a}},
      {"divide", [](Inputs x) { return x[0] / x[1]; }, {a, positive}},
      {"divide_by_column", [](Inputs x) { return x[0] / x[1] / 3.0; }, {a, column}},
      {"negate", [](Inputs x) { return -x[0]; }, {a}},
      {"square", [](Inputs x) { return square(x[0]); }, {a}},
      {"sqrt", [](Inputs x) { return sqrt(x[0]); }, {positive}},
      {"abs", [](Inputs x) { return abs(x[0]) * x[0]; }, {a}},
      {"exp", [](Inputs x) { return exp(x[0]); }, {a}},
      {"log", [](Inputs x) { return log(x[0]); }, {positive}},
      {"matmul", [](Inputs x) { return matmul(x[0], x[1]); }, {a, m}},
      {"matmul_transposed_a", [](Inputs x) { return matmul(x[0], x[1], true, false); }, {at, m}},
      {"matmul_transposed_b", [](Inputs x) { return matmul(x[0], x[1], false, true); }, {a, mt}},
      {"matmul_transposed_both", [](Inputs x) { return matmul(x[0], x[1], true, true); }, {at, mt}},
      {"transpose", [](Inputs x) { return square(transpose(x[0])); }, {a}},
      {"reshape", [](Inputs x) { return square(reshape(x[0], {2, -1})); }, {a}},
      {"broadcast_to", [](Inputs x) { return square(broadcast_to(x[0], {2, 3, 4})); }, {column}},
      {"sum_to", [](Inputs x) { return square(sum_to(x[0], {3, 1})); }, {deep}},
      {"sum", [](Inputs x) { return square(sum(x[0])); }, {a}},
      {"sum_of_axis", [](Inputs x) { return square(sum(x[0], 1)); }, {deep}},
      {"mean", [](Inputs x) { return square(mean(x[0])) + mean(square(x[0]), 0); }, {a}},
      {"sum_rows", [](Inputs x) { return square(sum_rows(x[0])); }, {a}},
      {"linear", [](Inputs x) { return square(linear(x[0], x[1], x[2])); }, {a, weight, bias}},
      {"linear_without_bias", [](Inputs x) { return square(linear(x[0], x[1])); }, {deep, weight}},
      {"linear_activate", [](Inputs x) { return linear_activate(x[0], x[1], x[2], activation::make(activation::Id::gelu)); }, {a, weight, bias}},
      {"softmax", [](Inputs x) { return softmax(x[0]); }, {a}},
      {"log_softmax", [](Inputs x) { return log_softmax(x[0]); }, {a}},
      {"pick", [index](Inputs x) { return square(pick(x[0], index)); }, {a}},
      {"place", [index](Inputs x) { return square(place(x[0], index, 4)); }, {spread({3}, -1, 1, 14)}},
      {"cross_entropy", [index](Inputs x) { return nn::cross_entropy(x[0], index); }, {a}},
      {"mse", [](Inputs x) { return nn::mse(x[0], x[1]); }, {a, b}},
      {"mae", [](Inputs x) { return nn::mae(x[0] * x[0], x[1]); }, {a, b}},
      {"bce_with_logits", [](Inputs x) { return nn::bce_with_logits(x[0], x[1]); }, {a, shares}},
  };
}

std::vector<GradientCase> image_cases() {
  using Inputs = std::span<const Tensor>;
  const Tensor x = spread({2, 5, 4, 3}, -2, 2, 60), weight = spread({4, 3, 2, 3}, -1, 1, 61), bias = spread({4}, -1, 1, 62), two = spread({2, 6, 5, 4}, -2, 2, 63),
               grouped = spread({6, 2, 3, 2}, -1, 1, 64), depthwise = spread({4, 3, 3, 1}, -1, 1, 65), g = spread({2, 3, 3, 4}, -1, 1, 66), six = spread({6}, -1, 1, 67);
  const Tensor factor = spread({4}, 0.5, 2, 71);
  const BatchStatistics given{spread({4}, -1, 1, 72), spread({4}, 0.5, 2, 73)};
  const Conv2dOptions apart{.stride = 2, .padding = {1, 2}}, wide{.padding = 2, .dilation = 2, .groups = 2}, each{.stride = {2, 1}, .padding = 1, .groups = 4};
  const activation::Function gelu = activation::make(activation::Id::gelu), tanh = activation::make(activation::Id::tanh);
  return {
      {"conv2d", [](Inputs v) { return square(conv2d(v[0], v[1], v[2])); }, {x, weight, bias}},
      {"conv2d_without_bias", [](Inputs v) { return square(conv2d(v[0], v[1])); }, {x, weight}},
      {"conv2d_with_stride_and_padding", [apart](Inputs v) { return square(conv2d(v[0], v[1], v[2], apart)); }, {x, weight, bias}},
      {"conv2d_of_groups_with_dilation", [wide](Inputs v) { return square(conv2d(v[0], v[1], v[2], wide)); }, {two, grouped, six}},
      {"conv2d_of_each_channel", [each](Inputs v) { return square(conv2d(v[0], v[1], v[2], each)); }, {two, depthwise, bias}},
      {"conv2d_activate", [gelu](Inputs v) { return conv2d_activate(v[0], v[1], v[2], gelu); }, {x, weight, bias}},
      {"conv2d_activate_that_keeps_its_output", [tanh, apart](Inputs v) { return conv2d_activate(v[0], v[1], v[2], tanh, apart); }, {x, weight, bias}},
      {"conv2d_input_gradient", [apart](Inputs v) { return square(conv2d_input_gradient(v[0], v[1], {4, 3}, apart)); }, {spread({2, 2, 3, 4}, -1, 1, 68), weight}},
      {"conv2d_weight_gradient", [](Inputs v) { return square(conv2d_weight_gradient(v[0], v[1], {3, 2})); }, {x, g}},
      {"max_pool2d", [](Inputs v) { return square(max_pool2d(v[0], {.kernel = 2})); }, {x}},
      {"max_pool2d_of_overlapping_windows", [](Inputs v) { return square(max_pool2d(v[0], {.kernel = 3, .stride = {2, 1}, .padding = 1})); }, {x}},
      {"avg_pool2d", [](Inputs v) { return square(avg_pool2d(v[0], {.kernel = {2, 3}})); }, {x}},
      {"avg_pool2d_of_overlapping_windows", [](Inputs v) { return square(avg_pool2d(v[0], {.kernel = 3, .stride = 2, .padding = 1})); }, {x}},
      {"avg_pool2d_without_padding", [](Inputs v) { return square(avg_pool2d(v[0], {.kernel = 3, .stride = 2, .padding = 1, .count_include_pad = false})); }, {x}},
      {"global_avg_pool2d", [](Inputs v) { return square(global_avg_pool2d(v[0])); }, {x}},
      {"batch_norm", [](Inputs v) { return square(batch_norm(v[0], v[1], v[2])); }, {two, bias, factor}},
      {"batch_norm_of_a_matrix", [](Inputs v) { return square(batch_norm(v[0], v[1], v[2], 0.5)); }, {spread({5, 4}, -2, 2, 69), bias, factor}},
      {"batch_norm_without_weights", [](Inputs v) { return exp(batch_norm(v[0], Tensor(), Tensor())); }, {x}},
      {"batch_norm_with_given_statistics", [given](Inputs v) { return square(batch_norm(v[0], given, v[1], v[2])); }, {two, bias, factor}},
      {"layer_norm", [](Inputs v) { return square(layer_norm(v[0], v[1], v[2])); }, {two, bias, factor}},
      {"layer_norm_without_weights", [](Inputs v) { return exp(layer_norm(v[0], Tensor(), Tensor(), 0.1)); }, {spread({3, 7}, -2, 2, 70)}},
  };
}

std::vector<GradientCase> unit_cases() {
  using Inputs = std::span<const Tensor>;
  const Tensor x = spread({3, 8}, -3, 3, 30), a = spread({3, 4}, -3, 3, 31), b = spread({3, 4}, -3, 3, 32), beta = spread({1}, 0.5, 1.5, 33), deep = spread({2, 2, 6}, -3, 3, 34),
               numerator = spread({6}, -1, 1, 35), denominator = spread({4}, -1, 1, 36), far = spread({3, 8}, -12, 12, 37), few = spread({2, 5}, -0.4, 0.4, 38);
  std::vector<GradientCase> cases = {
      {"swiglu_learned", [](Inputs v) { return swiglu(v[0], v[1]); }, {x, beta}},
      {"swiglu_learned_swapped", [](Inputs v) { return swiglu(v[0], v[1], GateLayout::swapped); }, {x, beta}},
      {"swiglu_learned_interleaved", [](Inputs v) { return swiglu(v[0], v[1], GateLayout::interleaved); }, {deep, beta}},
      {"swiglu_learned_of_two_operands", [](Inputs v) { return gated(activation::make(activation::Id::swish), v[0], v[1], v[2]); }, {a, b, beta}},
      {"swiglu_of_a_layer", [](Inputs v) { return swiglu(linear(v[0], v[1])); }, {a, spread({6, 4}, -1, 1, 39)}},
      {"half", [](Inputs v) { return square(half(v[0], 0)) * half(v[0], 1); }, {x}},
      {"half_interleaved", [](Inputs v) { return square(half(v[0], 0, true)) * half(v[0], 1, true); }, {x}},
      {"join_halves", [](Inputs v) { return square(join_halves(v[0], v[1])); }, {a, b}},
      {"join_halves_interleaved", [](Inputs v) { return square(join_halves(v[0], v[1], true)); }, {a, b}},
      {"softmin", [](Inputs v) { return softmin(v[0]); }, {a}},
      {"sparsemax", [](Inputs v) { return square(sparsemax(v[0])); }, {a}},
      {"sparsemax_of_near_numbers", [](Inputs v) { return square(sparsemax(v[0])); }, {few}},
      {"maxout", [](Inputs v) { return square(maxout(v[0], 2)); }, {x}},
      {"maxout_of_three", [](Inputs v) { return square(maxout(v[0], 3)); }, {deep}},
      {"crelu", [](Inputs v) { return square(crelu(v[0])); }, {deep}},
      {"rational", [](Inputs v) { return rational(v[0], v[1], v[2]); }, {x, numerator, denominator}},
      {"rational_far_out", [](Inputs v) { return rational(v[0], v[1], v[2]); }, {far, numerator, denominator}},
      {"rational_of_other_degrees", [](Inputs v) { return rational(v[0], v[1], v[2]); }, {x, spread({3}, -1, 1, 40), spread({3}, -1, 1, 41)}},
  };
  const std::pair<std::string, activation::Id> gates[] = {{"glu", activation::Id::sigmoid}, {"reglu", activation::Id::relu}, {"geglu", activation::Id::gelu},
                                                          {"geglu_tanh", activation::Id::gelu_tanh}, {"swiglu", activation::Id::swish}};
  for (const auto& [name, id] : gates) {
    const activation::Function f = activation::make(id);
    cases.push_back({name, [f](Inputs v) { return gated(f, v[0]); }, {x}});
    cases.push_back({name + "_swapped", [f](Inputs v) { return gated(f, v[0], GateLayout::swapped); }, {deep}});
    cases.push_back({name + "_interleaved", [f](Inputs v) { return gated(f, v[0], GateLayout::interleaved); }, {x}});
    cases.push_back({name + "_of_two_operands", [f](Inputs v) { return gated(f, v[0], v[1]); }, {a, b}});
  }
  return cases;
}

std::vector<GradientCase> activation_cases() {
  using Inputs = std::span<const Tensor>;
  std::vector<GradientCase> cases;
  for (const activation::Id id : activation::all()) {
    const activation::Function f = activation::make(id);
    const activation::Spec& spec = activation::spec(id);
    cases.push_back({std::string(spec.name), [f](Inputs x) { return activate(f, x[0]); }, {spread({20}, -4, 4, 20)}});
    for (int i = 0; i < spec.parameter_count(); ++i) {
      const auto place = static_cast<size_t>(i);
      // Away from values at which a kink or a limit lies: 1.3 times the default, 0.3 where that is 0; moderate for sharp defaults.
      double value = f.parameters[place] == 0 ? 0.3 : 1.3 * f.parameters[place];
      if (value > 4) value = 4;
      cases.push_back({std::string(spec.name) + "_by_" + std::string(spec.parameters[i].name),
                       [f, place](Inputs x) {
                         std::vector<Tensor> parameters(place + 1);
                         parameters[place] = x[1];
                         return activate(f, x[0], parameters);
                       },
                       {spread({20}, -4, 4, 21), Tensor::full({1}, value, DType::float64)}});
    }
  }
  return cases;
}

}  // namespace rectify::test
