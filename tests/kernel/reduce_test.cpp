#include "rectify/kernel/reduce.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "tests/kernel/kernel_support.h"

namespace rectify::kernel {
namespace {

template <class T>
class Reduce : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Reduce, Types);

const int64_t sizes[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 4095, 4096, 4097, 12305, 140001};

/// The definition in reduce.h, word by word, of terms that are float64 numbers.
double ordered_sum_by_definition(const std::vector<double>& terms) {
  double total = 0;
  for (size_t begin = 0; begin < terms.size(); begin += 4096) {
    double lane[16] = {};
    for (size_t i = begin; i < std::min(begin + 4096, terms.size()); ++i) lane[i % 16] += terms[i];
    for (int step : {8, 4, 2, 1}) {
      for (int l = 0; l < step; ++l) lane[l] += lane[l + step];
    }
    total += lane[0];
  }
  return total;
}

bool same(double x, double y) { return std::bit_cast<uint64_t>(x) == std::bit_cast<uint64_t>(y); }

TYPED_TEST(Reduce, sum_and_dot_have_the_bits_of_their_definition) {
  for (const int64_t n : sizes) {
    const auto x = numbers<TypeParam>(n, 1), y = numbers<TypeParam>(n, 2);
    std::vector<double> wide(x.begin(), x.end()), products;
    for (size_t i = 0; i < x.size(); ++i) products.push_back(static_cast<double>(x[i]) * static_cast<double>(y[i]));
    const double expected_sum = ordered_sum_by_definition(wide), expected_dot = ordered_sum_by_definition(products);
    on_every_target_and_thread_count([&] {
      EXPECT_TRUE(same(sum(x.data(), n), expected_sum)) << n;
      EXPECT_TRUE(same(dot(x.data(), y.data(), n), expected_dot)) << n;
    });
  }
}

TYPED_TEST(Reduce, sum_does_not_depend_on_alignment) {
  const auto x = numbers<TypeParam>(5000, 3);
  for (size_t offset = 0; offset < 9; ++offset) {
    const std::vector<TypeParam> moved(x.begin() + static_cast<int64_t>(offset), x.end());
    EXPECT_TRUE(same(sum(x.data() + offset, 5000 - static_cast<int64_t>(offset)), sum(moved.data(), static_cast<int64_t>(moved.size()))));
  }
}

TYPED_TEST(Reduce, sum_of_minus_zeros_is_plus_zero) {
  const std::vector<TypeParam> x(40, TypeParam(-0.0));
  on_every_target_and_thread_count([&] { EXPECT_TRUE(same(sum(x.data(), 40), 0.0)); });
}

TYPED_TEST(Reduce, sum_axis_is_the_ordered_sum_of_each_output) {
  const struct {
    int64_t outer, axis, inner;
  } shapes[] = {{1, 1, 1}, {3, 5, 1}, {2, 4100, 1}, {1, 33, 7}, {5, 17, 3}, {1, 128, 256}, {2, 4097, 70}, {7, 40, 129}, {0, 3, 4}, {2, 0, 3}, {300, 3, 40}};
  for (const auto& s : shapes) {
    const auto x = numbers<TypeParam>(s.outer * s.axis * s.inner, 4);
    std::vector<TypeParam> expected;
    for (int64_t o = 0; o < s.outer; ++o) {
      for (int64_t i = 0; i < s.inner; ++i) {
        std::vector<double> terms;
        for (int64_t a = 0; a < s.axis; ++a) terms.push_back(static_cast<double>(x[static_cast<size_t>((o * s.axis + a) * s.inner + i)]));
        expected.push_back(static_cast<TypeParam>(ordered_sum_by_definition(terms)));
      }
    }
    on_every_target_and_thread_count([&] {
      std::vector<TypeParam> out(expected.size(), TypeParam(-7));
      sum_axis(x.data(), s.outer, s.axis, s.inner, out.data());
      ASSERT_TRUE(same_bits(out, expected)) << s.outer << " x " << s.axis << " x " << s.inner;
    });
  }
}

TYPED_TEST(Reduce, max_magnitude_finds_the_largest_and_nan_above_all) {
  using Limits = std::numeric_limits<TypeParam>;
  on_every_target_and_thread_count([] {
    for (const int64_t n : sizes) {
      auto x = numbers<TypeParam>(n, 5);
      TypeParam largest = 0;
      for (const TypeParam number : x) largest = std::max(largest, std::fabs(number));
      EXPECT_EQ(max_magnitude(x.data(), n), largest) << n;
      EXPECT_TRUE(all_finite(x.data(), n));
      if (n == 0) continue;
      for (const size_t place : {size_t{0}, x.size() / 2, x.size() - 1}) {
        const TypeParam kept = x[place];
        x[place] = -Limits::infinity();
        EXPECT_EQ(max_magnitude(x.data(), n), Limits::infinity());
        EXPECT_FALSE(all_finite(x.data(), n)) << n << " at " << place;
        x[place] = -Limits::quiet_NaN();
        EXPECT_TRUE(std::isnan(max_magnitude(x.data(), n)));
        EXPECT_FALSE(all_finite(x.data(), n)) << n << " at " << place;
        x[place] = kept;
      }
    }
  });
}

TYPED_TEST(Reduce, sign_balance_counts_neither_zeros_nor_nan) {
  using Limits = std::numeric_limits<TypeParam>;
  on_every_target([] {
    for (const int64_t n : sizes) {
      auto x = numbers<TypeParam>(n, 7);
      const TypeParam special[] = {TypeParam(0), TypeParam(-0.0), Limits::quiet_NaN(), -Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity(), Limits::denorm_min()};
      for (size_t i = 0; i < x.size(); i += 3) x[i] = special[i / 3 % 7];
      int64_t expected = 0;
      for (const TypeParam number : x) expected += number > 0 ? 1 : number < 0 ? -1 : 0;
      EXPECT_EQ(sign_balance(x.data(), n), expected) << n;
    }
  });
}

TYPED_TEST(Reduce, argmax_takes_the_first_of_equals_and_nan_before_everything) {
  const TypeParam nan = std::numeric_limits<TypeParam>::quiet_NaN(), infinity = std::numeric_limits<TypeParam>::infinity();
  const std::vector<TypeParam> x = {1, 3, 3, 2, /**/ -1, -1, -1, -1, /**/ 0, nan, infinity, nan, /**/ nan, 1, 2, 3, /**/ -infinity, -infinity, -5, -6, /**/ 1, infinity, 2, nan};
  int64_t out[6];
  argmax_rows(x.data(), 6, 4, out);
  const int64_t expected[6] = {1, 0, 1, 0, 2, 3};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(out[i], expected[i]) << i;
}

TYPED_TEST(Reduce, argmax_of_many_rows_is_found_by_several_threads) {
  const int64_t rows = 20000, columns = 10;
  const auto x = numbers<TypeParam>(rows * columns, 6);
  on_every_target_and_thread_count([&] {
    std::vector<int64_t> out(static_cast<size_t>(rows), -1);
    argmax_rows(x.data(), rows, columns, out.data());
    for (size_t r = 0; r < out.size(); ++r) {
      const auto row = x.begin() + static_cast<int64_t>(r) * columns;
      ASSERT_EQ(out[r], std::max_element(row, row + columns) - row);
    }
  });
}

}  // namespace
}  // namespace rectify::kernel
