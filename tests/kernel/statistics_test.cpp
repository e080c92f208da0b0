#include "rectify/kernel/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "tests/kernel/kernel_support.h"

namespace rectify::kernel {
namespace {

template <class T>
class Statistics : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Statistics, Types);

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Accumulators {
  explicit Accumulators(int64_t units) : sum(static_cast<size_t>(units), 0.0), squares(sum), minimum(sum.size(), infinity), maximum(sum.size(), -infinity), zeros(sum.size(), 0), non_finite(zeros), below(zeros), above(zeros) {}
  UnitAccumulators view() { return {sum.data(), squares.data(), minimum.data(), maximum.data(), zeros.data(), non_finite.data(), below.data(), above.data()}; }
  bool same(const Accumulators& other) const {
    return same_bits(sum, other.sum) && same_bits(squares, other.squares) && same_bits(minimum, other.minimum) && same_bits(maximum, other.maximum) && zeros == other.zeros &&
           non_finite == other.non_finite && below == other.below && above == other.above;
  }
  std::vector<double> sum, squares, minimum, maximum;
  std::vector<int64_t> zeros, non_finite, below, above;
};

/// The definition in statistics.h, word by word.
template <class T>
void add_by_definition(const std::vector<T>& values, const std::vector<T>& inputs, int64_t rows, int64_t units, const CountedTails& tails, Accumulators& into) {
  for (int64_t unit = 0; unit < units; ++unit) {
    const auto j = static_cast<size_t>(unit);
    for (int64_t block = 0; block < rows; block += 4096) {
      double sum = 0, squares = 0;
      for (int64_t row = block; row < std::min(block + 4096, rows); ++row) {
        const auto i = static_cast<size_t>(row * units + unit);
        const double x = static_cast<double>(values[i]), z = static_cast<double>(inputs[i]);
        if (std::isfinite(x)) sum += x, squares = std::fma(x, x, squares);
        else ++into.non_finite[j];
        if (x < into.minimum[j]) into.minimum[j] = x;
        if (x > into.maximum[j]) into.maximum[j] = x;
        into.zeros[j] += x == 0;
        into.below[j] += z < tails.below;
        into.above[j] += z > tails.above;
      }
      into.sum[j] += sum;
      into.squares[j] += squares;
    }
  }
}

template <class T>
void expect_definition(const std::vector<T>& values, const std::vector<T>* inputs, int64_t rows, int64_t units, const CountedTails& tails) {
  Accumulators expected(units);
  for (int i = 0; i < 2; ++i) add_by_definition(values, inputs ? *inputs : values, rows, units, tails, expected);
  on_every_target_and_thread_count([&] {
    Accumulators found(units);
    for (int i = 0; i < 2; ++i) add_unit_statistics(values.data(), inputs ? inputs->data() : nullptr, rows, units, tails, found.view());
    ASSERT_TRUE(found.same(expected)) << rows << " x " << units;
  });
}

const struct {
  int64_t rows, units;
} shapes[] = {{0, 3}, {3, 0}, {1, 1}, {5, 1}, {128, 10}, {7, 15}, {33, 16}, {129, 17}, {64, 33}, {3, 63}, {128, 64}, {40, 65}, {300, 100}, {128, 257}, {128, 512}, {4096, 3}, {4097, 8}, {12305, 37}};

TYPED_TEST(Statistics, have_the_bits_of_their_definition) {
  for (const auto& shape : shapes) {
    auto x = numbers<TypeParam>(shape.rows * shape.units, 1);
    const auto z = numbers<TypeParam>(shape.rows * shape.units, 2);
    for (size_t i = 0; i < x.size(); i += 3) x[i] = TypeParam(i % 2 ? 0.0 : -0.0);
    expect_definition<TypeParam>(x, nullptr, shape.rows, shape.units, {.below = -0.25, .above = 1.5});
    expect_definition<TypeParam>(x, &z, shape.rows, shape.units, {.below = 0.0, .above = 3.0});
  }
}

TYPED_TEST(Statistics, leave_what_is_not_finite_out_of_the_sums_and_count_it) {
  using Limits = std::numeric_limits<TypeParam>;
  for (const auto& shape : shapes) {
    auto x = numbers<TypeParam>(shape.rows * shape.units, 3);
    for (size_t i = 5; i < x.size(); i += 11) x[i] = i % 4 == 0 ? Limits::infinity() : i % 4 == 1 ? -Limits::infinity() : i % 4 == 2 ? Limits::quiet_NaN() : -Limits::quiet_NaN();
    expect_definition<TypeParam>(x, nullptr, shape.rows, shape.units, {.below = -0.25, .above = 1.5});
  }
  expect_definition<TypeParam>(std::vector<TypeParam>(36, Limits::quiet_NaN()), nullptr, 2, 18, {});
}

TYPED_TEST(Statistics, the_largest_numbers_count_as_finite_even_if_their_squares_are_not) {
  expect_definition<TypeParam>(std::vector<TypeParam>(300, std::numeric_limits<TypeParam>::max()), nullptr, 20, 15, {.below = 0, .above = 1});
}

TYPED_TEST(Statistics, of_zeros_keep_the_sign_of_the_first) {
  const std::vector<TypeParam> x = {TypeParam(0.0), TypeParam(-0.0), TypeParam(-0.0), TypeParam(0.0)};
  expect_definition<TypeParam>(x, nullptr, 2, 2, {});
}

TYPED_TEST(Statistics, tails_are_compared_as_real_numbers) {
  const TypeParam one = 1, next = std::nextafter(one, TypeParam(2));
  const std::vector<TypeParam> x = {one, next, TypeParam(0.0), -std::numeric_limits<TypeParam>::denorm_min(), std::numeric_limits<TypeParam>::max(), -std::numeric_limits<TypeParam>::infinity()};
  for (const double t : {1.0, 1.0 + 0x1p-52, 1.0 + 0x1p-30, 0.0, std::numeric_limits<double>::denorm_min(), -std::numeric_limits<double>::denorm_min(), 1e300, -1e300, infinity, -infinity}) {
    expect_definition<TypeParam>(x, nullptr, 6, 1, {.below = t, .above = -infinity});
    expect_definition<TypeParam>(x, nullptr, 6, 1, {.below = infinity, .above = t});
  }
}

TYPED_TEST(Statistics, do_not_depend_on_alignment) {
  const int64_t rows = 70, units = 45;
  const auto x = numbers<TypeParam>(rows * units + 9, 4);
  for (int64_t offset = 0; offset < 9; ++offset) {
    const std::vector<TypeParam> moved(x.begin() + offset, x.begin() + offset + rows * units);
    Accumulators expected(units), found(units);
    add_by_definition(moved, moved, rows, units, {}, expected);
    add_unit_statistics<TypeParam>(x.data() + offset, nullptr, rows, units, {}, found.view());
    EXPECT_TRUE(found.same(expected)) << offset;
  }
}

}  // namespace
}  // namespace rectify::kernel
