// float16 and bfloat16 tensors: storage and conversion work, calculating is refused with what to do.
#include <gmock/gmock.h>

#include <cmath>

#include "rectify/autograd/operations.h"
#include "rectify/format/safetensors.h"
#include "rectify/nn/loss.h"
#include "rectify/train/optimiser.h"
#include "tests/support/message_of.h"

namespace rectify {
namespace {

using testing::HasSubstr;

TEST(Float16Tensor, is_made_converted_and_printed) {
  const Tensor x = Tensor::from({1.0, 2.00048828125, 70000.0, 1e-8}, DType::float16);
  EXPECT_EQ(x.dtype(), DType::float16);
  EXPECT_EQ(x.at(1), 2);
  EXPECT_EQ(x.at(2), INFINITY);
  EXPECT_EQ(x.at(3), 0);
  EXPECT_EQ(to_string(x), "tensor(4,) float16 [1, 2, inf, 0]");
  EXPECT_EQ(Tensor::from({1.00390625, 3e38}, DType::bfloat16).to(DType::float32).at(0), 1.0);
  EXPECT_EQ(Tensor::full({2}, 0.1, DType::bfloat16).at(1), 0.10009765625);
  EXPECT_EQ(x.to(DType::float64).to(DType::float16).values<Float16>()[0].bits, 0x3c00);
  EXPECT_EQ(Tensor::from(std::vector<int64_t>{3, 300}, {2}).to(DType::bfloat16).at(1), 300);
  EXPECT_EQ(x.clone().rows(1, 2).at(0), 2);
}

TEST(Float16Tensor, calculating_is_refused_with_the_way_out) {
  for (const DType dtype : {DType::float16, DType::bfloat16}) {
    const Tensor x = Tensor::full({2, 2}, 1.0, dtype);
    const auto expect_refused = [&](const char* function, auto action) {
      EXPECT_THAT(test::message_of<DTypeError>(action),
                  testing::AllOf(HasSubstr(function), HasSubstr("needs float32 or float64, not " + std::string(name(dtype))), HasSubstr("Convert with to()")));
    };
    expect_refused("[matmul]", [&] { matmul(x, x); });
    expect_refused("[sum]", [&] { sum(x); });
    expect_refused("[add]", [&] { x + x; });
    expect_refused("[softmax]", [&] { softmax(x); });
    EXPECT_THROW(nn::mse(x, x), DTypeError);
    EXPECT_THROW(nn::cross_entropy(x, Tensor::from(std::vector<int64_t>{0, 1}, {2})), DTypeError);
    EXPECT_THROW(Tensor(x).set_requires_grad(true), DTypeError);
    EXPECT_THROW(train::SGD({x}, {}), DTypeError);
  }
}

TEST(Float16Tensor, an_activation_and_its_derivatives_are_rounded_once) {
  const activation::Function tanh = activation::make(activation::Id::tanh);
  const auto expect = [&]<class T>(T) {
    const std::vector<double> inputs{-3.5, -0.25, 0, 0.75, 2}, factors{1, -0.5, 3, 0.125, 7};
    const Tensor x = Tensor::from(inputs, {5}).to(dtype_of<T>), g = Tensor::from(factors, {5}).to(dtype_of<T>);
    const Tensor y = activate(tanh, x), slope = activation_backward(tanh, x, g), curvature = activation_derivative(tanh, activation::curvature, x, g);
    EXPECT_EQ(y.dtype(), dtype_of<T>);
    for (size_t i = 0; i < inputs.size(); ++i) {
      const double tanh_x = std::tanh(inputs[i]), derivative = 1 - tanh_x * tanh_x;
      EXPECT_EQ(y.values<T>()[i].bits, T(tanh_x).bits);
      EXPECT_EQ(slope.values<T>()[i].bits, T(derivative * factors[i]).bits);
      EXPECT_EQ(static_cast<double>(curvature.values<T>()[i]), static_cast<double>(T(-2 * tanh_x * derivative * factors[i])));
    }
    EXPECT_THROW(activation_backward(tanh, x, g.to(DType::float32)), DTypeError);
  };
  expect(Float16{});
  expect(BFloat16{});
}

TEST(Float16Tensor, goes_into_a_safetensors_file_and_back) {
  std::vector<Float16> halves;
  std::vector<BFloat16> brains;
  for (int i = 0; i < 0x10000; i += 3) halves.emplace_back().bits = static_cast<uint16_t>(i), brains.emplace_back().bits = static_cast<uint16_t>(i);
  const auto n = static_cast<int64_t>(halves.size());
  const std::string bytes = format::write_safetensors({.tensors = {{"h", Tensor::from(halves, {n})}, {"b", Tensor::from(brains, {n})}}, .metadata = {}});
  EXPECT_THAT(bytes, testing::AllOf(HasSubstr("\"F16\""), HasSubstr("\"BF16\"")));
  const format::Safetensors content = format::read_safetensors(bytes).or_throw();
  for (size_t i = 0; i < halves.size(); ++i) {
    const uint16_t half = content.tensors[0].tensor.values<Float16>()[i].bits, brain = content.tensors[1].tensor.values<BFloat16>()[i].bits;
    ASSERT_EQ(half, std::isnan(static_cast<double>(halves[i])) ? 0x7e00 : halves[i].bits);
    ASSERT_EQ(brain, std::isnan(static_cast<double>(brains[i])) ? 0x7fc0 : brains[i].bits);
  }
}

}  // namespace
}  // namespace rectify
