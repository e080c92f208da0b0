// Sweeps find what is wrong, and count what there is.
#include "rectify/verify/sweep.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "rectify/verify/oracle.h"

namespace rectify::verify {
namespace {

using activation::Id;
using activation::make;

/// The library's kernel with the result at one input replaced.
template <class T>
Kernel<T> wrong_at(const activation::Function& function, int derivative, T place, T result) {
  return [=, kernel = library_kernel<T>(function, derivative)](const T* x, T* y, int64_t n) {
    kernel(x, y, n);
    for (int64_t i = 0; i < n; ++i) {
      if (x[i] == place && std::signbit(x[i]) == std::signbit(place)) y[i] = result;
    }
  };
}

SweepOptions small(std::vector<double> listed = {}) { return {.inputs = {.kind = Inputs::Kind::stratified, .count = 1 << 10, .listed = std::move(listed)}}; }

TEST(Sweep, one_wrong_bit_at_one_input_is_found) {
  const activation::Function silu = make(Id::silu);
  const float x = 1.75f, right = Oracle(silu, 0).rounded<float>(x), wrong = std::nextafter(right, 2.0f);
  const SweepResult result = sweep<float>(silu, 0, wrong_at(silu, 0, x, wrong), small({x}));
  EXPECT_GE(result.misrounded, 1u);
  EXPECT_EQ(result.misrounded, result.failures);
  EXPECT_EQ(result.worst_input, x);
  EXPECT_EQ(result.worst_result, wrong);
  EXPECT_GT(result.largest_error, 0.5);
  EXPECT_LE(result.largest_error, 1.5);
}

TEST(Sweep, a_wrong_zero_a_wrong_limit_and_a_nan_are_found) {
  const activation::Function silu = make(Id::silu);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(sweep<float>(silu, 0, library_kernel<float>(silu, 0), small()).failures, 0u);
  // silu goes to -0 at -inf: what underflows has that sign.
  EXPECT_EQ(sweep<float>(silu, 0, wrong_at(silu, 0, -0x1p100f, 0.0f), small({-0x1p100})).failures > 0, true);
  EXPECT_EQ(sweep<float>(silu, 0, wrong_at(silu, 0, -110.0f, 0.0f), small({-110.0})).failures > 0, true);
  EXPECT_EQ(sweep<float>(silu, 0, wrong_at(silu, 0, -infinity, 0.0f), small()).failures > 0, true);
  EXPECT_EQ(sweep<float>(silu, 0, wrong_at(silu, 0, 1.0f, std::numeric_limits<float>::quiet_NaN()), small()).failures > 0, true);
  EXPECT_EQ(sweep<float>(silu, 0, wrong_at(silu, 0, 0x1p100f, infinity), small({0x1p100})).failures > 0, true);
}

TEST(Sweep, a_zero_that_is_exact_may_have_either_sign) {
  const activation::Function relu = make(Id::relu);
  EXPECT_EQ(sweep<float>(relu, 1, wrong_at(relu, 1, -1.0f, -0.0f), small()).failures, 0u);
  EXPECT_GT(sweep<float>(relu, 1, wrong_at(relu, 1, -1.0f, 1e-45f), small()).failures, 0u);
}

TEST(Sweep, float64_counts_errors_and_not_roundings) {
  const activation::Function tanh = make(Id::tanh);
  const SweepOptions options{.inputs = {.kind = Inputs::Kind::sampled, .count = 500, .listed = {0.7}}};
  const double right = Oracle(tanh, 0).rounded<double>(0.7), near = std::nextafter(right, 1.0);
  EXPECT_EQ(sweep<double>(tanh, 0, library_kernel<double>(tanh, 0), options).failures, 0u);
  EXPECT_EQ(sweep<double>(tanh, 0, wrong_at(tanh, 0, 0.7, near), options).failures, 0u);
  const SweepResult far = sweep<double>(tanh, 0, wrong_at(tanh, 0, 0.7, right + 4 * (near - right)), options);
  EXPECT_EQ(far.failures, 1u);
  EXPECT_EQ(far.worst_input, 0.7);
}

/// The nearest float32, and then the nearest number of T: rounded twice.
template <class T>
Kernel<T> rounded_twice(const activation::Function& function, int derivative) {
  return [kernel = library_kernel<float>(function, derivative)](const T* x, T* y, int64_t n) {
    std::vector<float> input(static_cast<size_t>(n)), result(input.size());
    for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(x[i]);
    kernel(input.data(), result.data(), n);
    for (size_t i = 0; i < input.size(); ++i) y[i] = T(static_cast<double>(result[i]));
  };
}

TEST(Sweep, of_16_bits_is_of_all_inputs_and_finds_what_was_rounded_twice) {
  for (const activation::Id id : {Id::softplus, Id::gelu}) {
    const SweepResult right = sweep<Float16>(make(id), 0, library_kernel<Float16>(make(id), 0), {}), twice = sweep<Float16>(make(id), 0, rounded_twice<Float16>(make(id), 0), {});
    EXPECT_EQ(right.inputs, 65536u);
    EXPECT_EQ(right.misrounded, 0u);
    EXPECT_GT(twice.misrounded, 0u) << to_string(make(id));
    EXPECT_EQ(twice.failures, twice.misrounded);
    EXPECT_LT(twice.largest_error, 0.501);
  }
}

TEST(Sweep, the_filter_settles_all_but_a_few_and_the_hardest_are_reported) {
  const activation::Function mish = make(Id::mish);
  SweepOptions options{.inputs = {.kind = Inputs::Kind::stratified, .count = 1 << 16}, .hardest = 3};
  const SweepResult result = sweep<float>(mish, 0, library_kernel<float>(mish, 0), options);
  EXPECT_LT(static_cast<double>(result.in_doubt), 0.01 * static_cast<double>(result.inputs));  // the special patterns are made of ties
  ASSERT_EQ(result.hardest.size(), 3u);
  EXPECT_LE(result.hardest[0].distance, result.hardest[1].distance);
  EXPECT_LT(result.hardest[0].distance, 0x1p-50);
}

TEST(Sweep, an_interrupted_one_is_not_complete) {
  const std::atomic<bool> pressed = true;
  SweepOptions options = small();
  options.interrupt = &pressed;
  EXPECT_FALSE(sweep<float>(make(Id::relu), 0, library_kernel<float>(make(Id::relu), 0), options).complete);
}

TEST(Sweep, inputs_that_make_no_sense_are_refused) {
  const auto with = [](Inputs inputs) { return SweepOptions{.inputs = std::move(inputs)}; };
  const activation::Function relu = make(Id::relu);
  EXPECT_THROW(sweep<float>(relu, 0, library_kernel<float>(relu, 0), with({.kind = Inputs::Kind::stratified, .count = 1000})), ArgumentError);
  EXPECT_THROW(sweep<double>(relu, 0, library_kernel<double>(relu, 0), with({.kind = Inputs::Kind::exhaustive})), ArgumentError);
}

}  // namespace
}  // namespace rectify::verify
