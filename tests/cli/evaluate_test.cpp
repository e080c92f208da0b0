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
      for (int64_t i = 0; i < x.size(); ++i) EXPECT_EQ(y.at(i), activation::evaluate(activation::make(id), x.at(i), {order, 0, 0})) << name << " order " << order << " at " << x.at(i);
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

TEST_F(Evaluating, whole_numbers_are_refused) {
  data::write_npy(folder / "x.npy", Tensor::from(std::vector<int64_t>{1, 2}, Shape{2}));
  const Outcome outcome = rectify({"evaluate", "relu", "--input", "x.npy", "--output", "y.npy"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("int64"));
  EXPECT_FALSE(std::filesystem::exists(folder / "y.npy"));
}

}  // namespace
}  // namespace rectify::cli_test
