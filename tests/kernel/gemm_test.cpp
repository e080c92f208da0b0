#include "rectify/kernel/gemm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "rectify/kernel/pointwise.h"
#include "tests/kernel/kernel_support.h"

namespace rectify::kernel {
namespace {

/// The definition, word by word.
template <class T>
T element(const T* a, int64_t a_step, const T* b, int64_t b_step, int64_t k) {
  T total = 0;
  for (int64_t begin = 0; begin < k; begin += chain_length) {
    T chain = 0;
    for (int64_t i = begin; i < std::min(begin + chain_length, k); ++i) chain = std::fma(a[i * a_step], b[i * b_step], chain);
    total = begin == 0 ? chain : total + chain;
  }
  return total;
}

/// A product with everything that gemm() takes; the gaps of `c` hold a mark that must survive.
template <class T>
struct Problem {
  bool transpose_a, transpose_b;
  int64_t m, n, k, gap = 0;
  int64_t lda = (transpose_a ? m : k) + gap, ldb = (transpose_b ? k : n) + 2 * gap, ldc = n + 3 * gap;
  std::vector<T> a = numbers<T>((transpose_a ? k : m) * lda, 1), b = numbers<T>((transpose_b ? n : k) * ldb, 2), bias = numbers<T>(n, 3);
  static constexpr T mark = T(-12345.5);

  std::vector<T> expected(bool with_bias) const {
    std::vector<T> c(static_cast<size_t>(m * ldc), mark);
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        T value = element(transpose_a ? &a.data()[i] : &a.data()[i * lda], transpose_a ? lda : 1, transpose_b ? &b.data()[j * ldb] : &b.data()[j], transpose_b ? 1 : ldb, k);
        if (with_bias) value += bias[static_cast<size_t>(j)];
        c[static_cast<size_t>(i * ldc + j)] = value;
      }
    }
    return c;
  }
  std::vector<T> computed(const Epilogue<T>& epilogue = {}) const {
    std::vector<T> c(static_cast<size_t>(m * ldc), mark);
    gemm(transpose_a, transpose_b, m, n, k, a.data(), lda, b.data(), ldb, c.data(), ldc, epilogue);
    return c;
  }
};

template <class T>
class Gemm : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Gemm, Types);

template <class T>
void check_exact(std::vector<Problem<T>> problems) {
  std::vector<std::vector<T>> plain, biased;
  for (const auto& p : problems) {
    plain.push_back(p.expected(false));
    biased.push_back(p.expected(true));
  }
  on_every_target_and_thread_count([&] {
    for (size_t i = 0; i < problems.size(); ++i) {
      const Problem<T>& p = problems[i];
      const auto shape = [&] {
        return "m " + std::to_string(p.m) + " n " + std::to_string(p.n) + " k " + std::to_string(p.k) + (p.transpose_a ? " T" : " N") + (p.transpose_b ? "T" : "N");
      };
      const bool small = p.m * p.n * p.k < 40000;  // the larger ones only once, for the sake of the scalar target under sanitizers
      if (small) {
        ASSERT_TRUE(same_bits(p.computed(), plain[i])) << shape();
      }
      ASSERT_TRUE(same_bits(p.computed({.bias = p.bias.data()}), biased[i])) << shape() << " with bias";
    }
  });
}

TYPED_TEST(Gemm, is_the_ordered_chain_of_fused_multiply_adds_for_every_transposition_and_length) {
  std::vector<Problem<TypeParam>> problems;
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      for (const int64_t k : {0, 1, 2, 3, 5, 16, 511, 512, 513, 1025}) {
        problems.push_back({.transpose_a = ta, .transpose_b = tb, .m = 17, .n = 35, .k = k});
        problems.push_back({.transpose_a = ta, .transpose_b = tb, .m = 3, .n = 10, .k = k, .gap = 3});
      }
    }
  }
  check_exact(problems);
}

TYPED_TEST(Gemm, is_exact_at_every_width_and_height_of_a_tile) {
  std::vector<Problem<TypeParam>> problems;
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      for (int64_t n = 1; n <= 40; ++n) problems.push_back({.transpose_a = ta, .transpose_b = tb, .m = 1 + n % 5, .n = n, .k = 7, .gap = 1});
      for (int64_t m = 1; m <= 32; ++m) problems.push_back({.transpose_a = ta, .transpose_b = tb, .m = m, .n = 19, .k = 6, .gap = 2});
    }
  }
  check_exact(problems);
}

TYPED_TEST(Gemm, is_exact_where_it_is_cut_into_blocks_and_shared_between_threads) {
  std::vector<Problem<TypeParam>> problems;
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      problems.push_back({.transpose_a = ta, .transpose_b = tb, .m = 128, .n = 256, .k = 70});
      problems.push_back({.transpose_a = ta, .transpose_b = tb, .m = 129, .n = 10, .k = 600, .gap = 5});
      problems.push_back({.transpose_a = ta, .transpose_b = tb, .m = 5, .n = 1300, .k = 530});
      problems.push_back({.transpose_a = ta, .transpose_b = tb, .m = 1, .n = 700, .k = 520});
      problems.push_back({.transpose_a = ta, .transpose_b = tb, .m = 700, .n = 1, .k = 520});
    }
  }
  check_exact(problems);
}

TYPED_TEST(Gemm, of_an_empty_sum_is_the_bias) {
  const Problem<TypeParam> p{.transpose_a = false, .transpose_b = false, .m = 2, .n = 3, .k = 0};
  const auto c = p.computed({.bias = p.bias.data()});
  for (size_t i = 0; i < c.size(); ++i) EXPECT_EQ(c[i], p.bias[i % 3]);
  for (const TypeParam zero : p.computed()) EXPECT_TRUE(zero == 0 && !std::signbit(zero));
}

TYPED_TEST(Gemm, starts_each_chain_at_plus_zero) {
  const TypeParam a = 1, b = TypeParam(-0.0);
  TypeParam c = 1;
  gemm<TypeParam>(false, false, 1, 1, 1, &a, 1, &b, 1, &c, 1);
  EXPECT_EQ(c, 0);
  EXPECT_FALSE(std::signbit(c));
}

TYPED_TEST(Gemm, propagates_infinities_and_nan_of_their_own_rows_and_columns_only) {
  Problem<TypeParam> p{.transpose_a = false, .transpose_b = true, .m = 20, .n = 33, .k = 9};
  p.a[static_cast<size_t>(19 * p.lda + 8)] = std::numeric_limits<TypeParam>::quiet_NaN();
  p.b[static_cast<size_t>(32 * p.ldb + 8)] = std::numeric_limits<TypeParam>::infinity();
  on_every_target_and_thread_count([&] {
    const auto c = p.computed();
    for (int64_t i = 0; i < p.m; ++i) {
      for (int64_t j = 0; j < p.n; ++j) {
        const TypeParam value = c[static_cast<size_t>(i * p.ldc + j)];
        EXPECT_EQ(std::isnan(value), i == 19);
        EXPECT_EQ(std::isinf(value), i != 19 && j == 32);
      }
    }
  });
}

TYPED_TEST(Gemm, epilogue_gives_the_bits_of_separate_passes) {
  for (const auto id : activation::all()) {
    const activation::Function f = activation::make(id);
    for (const int64_t k : {40, 600}) {
      const Problem<TypeParam> p{.transpose_a = false, .transpose_b = true, .m = 37, .n = 75, .k = k, .gap = 2};
      const auto before = p.expected(true);
      auto after = before;
      for (int64_t i = 0; i < p.m; ++i) pointwise_here<TypeParam>(f, activation::value_itself, &before[static_cast<size_t>(i * p.ldc)], nullptr, &after[static_cast<size_t>(i * p.ldc)], p.n);
      on_every_target_and_thread_count([&] {
        ASSERT_TRUE(same_bits(p.computed({.bias = p.bias.data(), .activation = &f}), after)) << activation::spec(id).name;
        std::vector<TypeParam> kept(before.size(), Problem<TypeParam>::mark);
        ASSERT_TRUE(same_bits(p.computed({.bias = p.bias.data(), .activation = &f, .pre_activation = kept.data()}), after)) << activation::spec(id).name;
        ASSERT_TRUE(same_bits(kept, before));
      });
    }
  }
}

TYPED_TEST(Gemm, keeps_the_pre_activation_without_an_activation_too) {
  const Problem<TypeParam> p{.transpose_a = true, .transpose_b = false, .m = 18, .n = 50, .k = 513};
  std::vector<TypeParam> kept(static_cast<size_t>(p.m * p.ldc));
  EXPECT_TRUE(same_bits(p.computed({.bias = p.bias.data(), .pre_activation = kept.data()}), p.expected(true)));
  EXPECT_TRUE(same_bits(kept, p.expected(true)));
}

TYPED_TEST(Gemm, sum_of_rows_is_the_product_with_a_row_of_ones) {
  for (const int64_t rows : {0, 1, 5, 128, 512, 513, 1200}) {
    for (const int64_t columns : {1, 10, 31, 64, 129, 300}) {
      const auto a = numbers<TypeParam>(rows * columns, 4);
      const std::vector<TypeParam> ones(static_cast<size_t>(rows), 1);
      std::vector<TypeParam> expected(static_cast<size_t>(columns));
      for (int64_t j = 0; j < columns; ++j) expected[static_cast<size_t>(j)] = element(ones.data(), 1, a.data() + j, columns, rows);
      on_every_target_and_thread_count([&] {
        std::vector<TypeParam> sums(static_cast<size_t>(columns), -1);
        sum_rows_chain(a.data(), rows, columns, sums.data());
        ASSERT_TRUE(same_bits(sums, expected)) << rows << " x " << columns;
      });
    }
  }
}

}  // namespace
}  // namespace rectify::kernel
