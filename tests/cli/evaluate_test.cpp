#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "rectify/activation/catalogue.h"
#include "rectify/data/npy.h"
#include "tests/cli/program.h"

namespace rectify::cli_test {
namespace {

using ::testing::HasSubstr;

class Evaluating : public ProgramTest {
 protected:
  Tensor evaluated(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all{"evaluate"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), {"--input", "x.npy", "--output", "y.npy"});
    const Outcome outcome = rectify(all);
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    return data::read_npy(folder / "y.npy");
  }
};

TEST_F(Evaluating, every_activation_and_derivative_of_an_array_in_float64) {
  data::write_npy(folder / "x.npy", Tensor::from(std::vector<double>{-30, -1.5, -0.25, 0, 0.25, 1.5, 30, std::numeric_limits<double>::infinity()}, Shape{2, 2, 2}));
  const Tensor x = data::read_npy(folder / "x.npy");
  for (const activation::Id id : activation::all()) {
    const std::string name(activation::spec(id).name);
    for (const int order : {0, 1, 2}) {
      const Tensor y = evaluated({name, "--derivative", std::to_string(order)});
      ASSERT_EQ(y.shape(), x.shape());
      for (int64_t i = 0; i < x.size(); ++i) {
        const double expected = activation::evaluate(activation::make(id), x.at(i), {order, 0, 0});
        EXPECT_TRUE(y.at(i) == expected || (std::isnan(y.at(i)) && std::isnan(expected))) << name << " order " << order << " at " << x.at(i);
      }
    }
  }
}

TEST_F(Evaluating, parameters_by_option_or_in_the_name_are_the_same) {
  data::write_npy(folder / "x.npy", Tensor::from(std::vector<float>{-2, -1, 3}, Shape{3}));
  const Tensor y = evaluated({"leaky_relu", "--param", "negative_slope=0.25"});
  EXPECT_EQ(y.dtype(), DType::float32);
  EXPECT_EQ(y.at(0), -0.5);
  EXPECT_EQ(evaluated({"leaky_relu(0.25)"}).at(0), -0.5);
  const Outcome twice = rectify({"evaluate", "leaky_relu(negative_slope=0.25)", "--param", "negative_slope=0.5", "--input", "x.npy", "--output", "z.npy"});
  EXPECT_EQ(twice.status, 2);
  EXPECT_THAT(twice.errors, HasSubstr("negative_slope"));
}

TEST_F(Evaluating, a_formula_has_the_bits_of_the_activation_that_it_spells) {
  std::vector<float> numbers;
  for (int i = -40; i <= 40; ++i) numbers.push_back(0.37f * static_cast<float>(i));
  data::write_npy(folder / "x.npy", Tensor::from(numbers, Shape{81}));
  for (const char* order : {"0", "1", "2"}) {
    const Tensor named = evaluated({"mish", "--derivative", order}), written = evaluated({"x*tanh(log(1+exp(x)))", "--derivative", order});
    for (int64_t i = 0; i < named.size(); ++i) EXPECT_EQ(named.at(i), written.at(i)) << order << " " << numbers[static_cast<size_t>(i)];
  }
  const Tensor swish = evaluated({"swish(beta=1.5)"}), written = evaluated({"x/(1+exp(-b*x))", "--param", "b=1.5"});
  for (int64_t i = 0; i < swish.size(); ++i) EXPECT_EQ(swish.at(i), written.at(i));
  EXPECT_EQ(evaluated({"tanh(x)"}).at(0), evaluated({"tanh"}).at(0));
}

TEST_F(Evaluating, a_fault_in_a_formula_is_shown_with_a_caret) {
  data::write_npy(folder / "x.npy", Tensor::from(std::vector<float>{1}, Shape{1}));
  const Outcome outcome = rectify({"evaluate", "x*sigmoid(beta*x)", "--input", "x.npy", "--output", "y.npy"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("unknown name 'beta'"));
  EXPECT_THAT(outcome.errors, HasSubstr("            ^"));
  EXPECT_THAT(rectify({"evaluate", "mihs", "--input", "x.npy", "--output", "y.npy"}).errors, HasSubstr("Did you mean mish"));
}

TEST_F(Evaluating, an_array_of_float16_stays_one) {
  data::write_npy(folder / "x.npy", Tensor::from(std::vector<double>{-1.5, 0.25, 3}, Shape{3}).to(DType::float16));
  const Tensor y = evaluated({"sigmoid"});
  ASSERT_EQ(y.dtype(), DType::float16);
  EXPECT_EQ(y.at(1), static_cast<double>(Float16(1 / (1 + std::exp(-0.25)))));
}

TEST_F(Evaluating, whole_numbers_are_refused) {
  data::write_npy(folder / "x.npy", Tensor::from(std::vector<int64_t>{1, 2}, Shape{2}));
  const Outcome outcome = rectify({"evaluate", "relu", "--input", "x.npy", "--output", "y.npy"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("int64"));
  EXPECT_FALSE(std::filesystem::exists(folder / "y.npy"));
}

}  // namespace
}  // namespace rectify::cli_test
