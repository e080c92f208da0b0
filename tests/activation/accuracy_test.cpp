// Every activation, slope and curvature against the oracle, which reads the formula's text.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "rectify/verify/sweep.h"
#include "tests/activation/catalogue_cases.h"

namespace rectify::activation {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t default_patterns = 1 << 14;
#else
constexpr uint64_t default_patterns = 1 << 22;
#endif

/// RECTIFY_TEST_PATTERNS (a power of two) asks for more or fewer than the usual 2^22.
uint64_t pattern_count() {
  const char* text = std::getenv("RECTIFY_TEST_PATTERNS");
  return text == nullptr ? default_patterns : static_cast<uint64_t>(std::atoll(text));
}

/// A line of tests/activation/hard_inputs.txt: a result that is all but a tie.
struct HardInput {
  std::string activation;
  int derivative = -1;
  std::string x;
};

std::vector<HardInput> hard_inputs() {
  std::ifstream file(std::string(RECTIFY_SOURCE_DIR) + "/tests/activation/hard_inputs.txt");
  EXPECT_TRUE(file) << "hard_inputs.txt is missing";
  std::vector<HardInput> result;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream words(line);
    words >> result.emplace_back().activation >> result.back().derivative >> result.back().x;
  }
  return result;
}

std::vector<double> hard_inputs(std::string_view activation, int derivative) {
  std::vector<double> result;
  for (const HardInput& hard : hard_inputs()) {
    if (hard.activation == activation && hard.derivative == derivative) result.push_back(std::strtod(hard.x.c_str(), nullptr));
  }
  return result;
}

TEST(HardInputs, every_line_is_a_float32_input_of_an_activation_of_the_catalogue) {
  size_t used = 0;
  for (const Id id : all()) {
    for (int derivative = 0; derivative < 3; ++derivative) {
      for (const double x : hard_inputs(spec(id).name, derivative)) {
        ++used;
        EXPECT_EQ(x, static_cast<double>(static_cast<float>(x))) << spec(id).name;
        EXPECT_NE(x, 0) << spec(id).name;
      }
    }
  }
  EXPECT_EQ(used, hard_inputs().size());
  EXPECT_GT(used, 0u);
}

template <class T>
void expect_right(const Function& function, int derivative, const verify::Inputs& inputs) {
  const verify::SweepResult result = verify::sweep<T>(function, derivative, verify::library_kernel<T>(function, derivative), {.inputs = inputs});
  EXPECT_EQ(result.failures, 0u) << std::hexfloat << to_string(function) << " derivative " << derivative << ": " << result.misrounded << " of " << std::dec << result.inputs
                                 << " misrounded, by up to " << result.largest_error << " units at " << std::hexfloat << result.worst_input << ", where it gives "
                                 << result.worst_result;
  EXPECT_GE(result.inputs, inputs.count);
}

class Float32 : public testing::TestWithParam<Id> {
 protected:
  void expect_correctly_rounded(int derivative) {
    const Function function = make(GetParam());
    expect_right<float>(function, derivative,
                        {.kind = verify::Inputs::Kind::stratified, .count = pattern_count(), .seed = 1, .listed = hard_inputs(spec(GetParam()).name, derivative)});
  }
};

TEST_P(Float32, value_is_correctly_rounded) { expect_correctly_rounded(0); }
TEST_P(Float32, slope_is_correctly_rounded) { expect_correctly_rounded(1); }
TEST_P(Float32, curvature_is_correctly_rounded) { expect_correctly_rounded(2); }

TEST_P(Float32, other_parameters_are_within_half_a_unit_and_a_ten_millionth) {
  for (const Function& function : with_other_parameters(GetParam())) {
    for (int derivative = 0; derivative < 3; ++derivative) {
      expect_right<float>(function, derivative, {.kind = verify::Inputs::Kind::stratified, .count = default_patterns >> 8});
    }
  }
}

class Float64 : public testing::TestWithParam<Id> {};

TEST_P(Float64, value_slope_and_curvature_are_within_two_units) {
  for (int derivative = 0; derivative < 3; ++derivative) {
    expect_right<double>(make(GetParam()), derivative, {.kind = verify::Inputs::Kind::sampled, .count = default_patterns >> 6});
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Float32, every_activation(), case_name);
INSTANTIATE_TEST_SUITE_P(Catalogue, Float64, every_activation(), case_name);

}  // namespace
}  // namespace rectify::activation
