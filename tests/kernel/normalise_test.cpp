// Normalisations against their definition in plain loops, byte for byte, and against exact statistics.
#include "rectify/kernel/normalise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/kernel/kernel_support.h"

namespace rectify::kernel {
namespace {

constexpr int64_t block = 4096;

/// The sum over one block in the order of reduce.h.
double sum_of_block(int64_t begin, int64_t end, const std::function<double(int64_t)>& term) {
  double lane[16] = {};
  for (int64_t i = begin; i < end; ++i) lane[(i - begin) % 16] += term(i);
  for (int half = 8; half > 0; half /= 2) {
    for (int l = 0; l < half; ++l) lane[l] += lane[l + half];
  }
  return lane[0];
}

double ordered(int64_t n, const std::function<double(int64_t)>& term) {
  double total = 0;
  for (int64_t begin = 0; begin < n; begin += block) total += sum_of_block(begin, std::min(begin + block, n), term);
  return total;
}

/// A matrix with far from zero columns, and every array one element behind an aligned address.
template <class T>
struct Problem {
  int64_t rows, columns;
  double epsilon = 1e-5;
  std::vector<T> x = away(numbers<T>(1 + rows * columns, 1)), g = numbers<T>(1 + rows * columns, 2), weight = numbers<T>(1 + columns, 3), bias = numbers<T>(1 + columns, 4);

  std::vector<T> away(std::vector<T> values) const {
    for (size_t i = 1; i < values.size(); ++i) values[i] += static_cast<T>(static_cast<int64_t>(i - 1) % columns * 3);
    return values;
  }
  double at(const std::vector<T>& values, int64_t row, int64_t column) const { return static_cast<double>(values[static_cast<size_t>(1 + row * columns + column)]); }
  double of(const std::vector<T>& values, bool given, int64_t column, double otherwise) const { return given ? static_cast<double>(values[static_cast<size_t>(1 + column)]) : otherwise; }
};

struct Moments {
  std::vector<double> mean, variance;
};

template <class T>
Moments moments_of_columns(const Problem<T>& p) {
  Moments result;
  const auto n = static_cast<double>(p.rows);
  for (int64_t j = 0; j < p.columns; ++j) {
    const double mean = ordered(p.rows, [&](int64_t i) { return p.at(p.x, i, j); }) / n;
    double squares = 0;
    for (int64_t begin = 0; begin < p.rows; begin += block) {
      const int64_t end = std::min(begin + block, p.rows);
      const double own = sum_of_block(begin, end, [&](int64_t i) { return p.at(p.x, i, j); }) / static_cast<double>(end - begin);
      const double q = sum_of_block(begin, end, [&](int64_t i) {
        const double d = p.at(p.x, i, j) - own;
        return d * d;
      });
      squares += q + static_cast<double>(end - begin) * ((own - mean) * (own - mean));
    }
    result.mean.push_back(mean);
    result.variance.push_back(squares / n);
  }
  return result;
}

template <class T>
struct Results {
  std::vector<T> y, x, weight, bias;
};

template <class T>
Results<T> expected_columns(const Problem<T>& p, const Moments& m, bool affine, bool fixed) {
  Results<T> result{std::vector<T>(p.x.size() - 1), std::vector<T>(p.x.size() - 1), {}, {}};
  const auto n = static_cast<double>(p.rows);
  for (int64_t j = 0; j < p.columns; ++j) {
    const auto column = static_cast<size_t>(j);
    const double deviation = std::sqrt(m.variance[column] + p.epsilon), r = 1 / deviation, scale = p.of(p.weight, affine, j, 1) / deviation;
    const double sum = ordered(p.rows, [&](int64_t i) { return p.at(p.g, i, j); });
    const double product = ordered(p.rows, [&](int64_t i) { return p.at(p.g, i, j) * (p.at(p.x, i, j) - m.mean[column]); });
    result.bias.push_back(static_cast<T>(sum));
    result.weight.push_back(static_cast<T>(r * product));
    for (int64_t i = 0; i < p.rows; ++i) {
      const auto place = static_cast<size_t>(i * p.columns + j);
      const double d = p.at(p.x, i, j) - m.mean[column], g = p.at(p.g, i, j);
      result.y[place] = static_cast<T>(std::fma(d, scale, p.of(p.bias, affine, j, 0)));
      result.x[place] = static_cast<T>(fixed ? scale * g : scale * std::fma(-d, r * r * product / n, g - sum / n));
    }
  }
  return result;
}

template <class T>
Results<T> computed_columns(const Problem<T>& p, const Moments& m, bool affine, bool fixed) {
  Results<T> result{std::vector<T>(p.x.size() - 1), std::vector<T>(p.x.size() - 1), std::vector<T>(static_cast<size_t>(p.columns)), std::vector<T>(static_cast<size_t>(p.columns))};
  const T *const weight = affine ? p.weight.data() + 1 : nullptr, *const bias = affine ? p.bias.data() + 1 : nullptr;
  normalise_columns(p.x.data() + 1, p.rows, p.columns, m.mean.data(), m.variance.data(), p.epsilon, weight, bias, result.y.data());
  normalise_columns_backward(p.x.data() + 1, p.g.data() + 1, p.rows, p.columns, m.mean.data(), m.variance.data(), p.epsilon, weight, fixed,
                             {.x = result.x.data(), .weight = result.weight.data(), .bias = result.bias.data()});
  return result;
}

template <class T>
Results<T> expected_rows(const Problem<T>& p, bool affine, Moments& kept) {
  Results<T> result{std::vector<T>(p.x.size() - 1), std::vector<T>(p.x.size() - 1), {}, {}};
  const auto n = static_cast<double>(p.columns);
  for (int64_t i = 0; i < p.rows; ++i) {
    const double mean = ordered(p.columns, [&](int64_t j) { return p.at(p.x, i, j); }) / n;
    const auto d = [&](int64_t j) { return p.at(p.x, i, j) - mean; };
    const auto h = [&](int64_t j) { return p.at(p.g, i, j) * p.of(p.weight, affine, j, 1); };
    const double r = 1 / std::sqrt(ordered(p.columns, [&](int64_t j) { return d(j) * d(j); }) / n + p.epsilon);
    const double sum = ordered(p.columns, h), product = ordered(p.columns, [&](int64_t j) { return h(j) * d(j); });
    kept.mean.push_back(mean);
    kept.variance.push_back(r);
    for (int64_t j = 0; j < p.columns; ++j) {
      const auto place = static_cast<size_t>(i * p.columns + j);
      result.y[place] = static_cast<T>(std::fma(d(j) * r, p.of(p.weight, affine, j, 1), p.of(p.bias, affine, j, 0)));
      result.x[place] = static_cast<T>(r * std::fma(-d(j), r * r * product / n, h(j) - sum / n));
    }
  }
  for (int64_t j = 0; j < p.columns; ++j) {
    result.bias.push_back(static_cast<T>(ordered(p.rows, [&](int64_t i) { return p.at(p.g, i, j); })));
    result.weight.push_back(static_cast<T>(ordered(p.rows, [&](int64_t i) {
      const auto row = static_cast<size_t>(i);
      return p.at(p.g, i, j) * ((p.at(p.x, i, j) - kept.mean[row]) * kept.variance[row]);
    })));
  }
  return result;
}

template <class T>
Results<T> computed_rows(const Problem<T>& p, bool affine, Moments& kept) {
  Results<T> result{std::vector<T>(p.x.size() - 1), std::vector<T>(p.x.size() - 1), std::vector<T>(static_cast<size_t>(p.columns)), std::vector<T>(static_cast<size_t>(p.columns))};
  kept = {std::vector<double>(static_cast<size_t>(p.rows)), std::vector<double>(static_cast<size_t>(p.rows))};
  const T *const weight = affine ? p.weight.data() + 1 : nullptr, *const bias = affine ? p.bias.data() + 1 : nullptr;
  normalise_rows(p.x.data() + 1, p.rows, p.columns, p.epsilon, weight, bias, result.y.data(), kept.mean.data(), kept.variance.data());
  normalise_rows_backward(p.x.data() + 1, p.g.data() + 1, p.rows, p.columns, kept.mean.data(), kept.variance.data(), weight,
                          {.x = result.x.data(), .weight = result.weight.data(), .bias = result.bias.data()});
  return result;
}

template <class T>
bool same(const Results<T>& a, const Results<T>& b) {
  return same_bits(a.y, b.y) && same_bits(a.x, b.x) && same_bits(a.weight, b.weight) && same_bits(a.bias, b.bias);
}

template <class T>
class Normalise : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Normalise, Types);

template <class T>
std::vector<Problem<T>> problems() {
  std::vector<Problem<T>> result;
  for (int64_t columns = 1; columns <= 34; ++columns) result.push_back({2 + columns % 23, columns});
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{2, 1}, {16, 64}, {17, 65}, {40, 130}, {4095, 3}, {4096, 9}, {4097, 5}, {9000, 70}}) result.push_back({rows, columns});
  return result;
}

TYPED_TEST(Normalise, columns_are_their_definition_to_the_last_bit) {
  struct Case {
    Problem<TypeParam> problem;
    Moments moments;
    Results<TypeParam> results[2][2];
  };
  std::vector<Case> cases;
  for (const Problem<TypeParam>& p : problems<TypeParam>()) {
    const Moments m = moments_of_columns(p);
    cases.push_back({p, m, {{expected_columns(p, m, false, false), expected_columns(p, m, false, true)}, {expected_columns(p, m, true, false), expected_columns(p, m, true, true)}}});
  }
  on_every_target_and_thread_count([&] {
    for (const Case& c : cases) {
      const Problem<TypeParam>& p = c.problem;
      const std::string shape = std::to_string(p.rows) + " x " + std::to_string(p.columns);
      Moments m{std::vector<double>(static_cast<size_t>(p.columns)), std::vector<double>(static_cast<size_t>(p.columns))};
      column_moments(p.x.data() + 1, p.rows, p.columns, m.mean.data(), m.variance.data());
      ASSERT_TRUE(same_bits(m.mean, c.moments.mean) && same_bits(m.variance, c.moments.variance)) << shape;
      for (const bool affine : {false, true}) {
        for (const bool fixed : {false, true}) ASSERT_TRUE(same(computed_columns(p, m, affine, fixed), c.results[affine][fixed])) << shape << " " << affine << fixed;
      }
    }
  });
}

TYPED_TEST(Normalise, rows_are_their_definition_to_the_last_bit) {
  struct Case {
    Problem<TypeParam> problem;
    Moments kept[2];
    Results<TypeParam> results[2];
  };
  std::vector<Case> cases;
  std::vector<Problem<TypeParam>> all = problems<TypeParam>();
  all.push_back({3, 4096}), all.push_back({2, 4097}), all.push_back({2, 10007});
  for (const Problem<TypeParam>& p : all) {
    Case& c = cases.emplace_back(Case{p, {}, {}});
    for (const bool affine : {false, true}) c.results[affine] = expected_rows(p, affine, c.kept[affine]);
  }
  on_every_target_and_thread_count([&] {
    for (const Case& c : cases) {
      for (const bool affine : {false, true}) {
        Moments kept;
        const Results<TypeParam> results = computed_rows(c.problem, affine, kept);
        const std::string shape = std::to_string(c.problem.rows) + " x " + std::to_string(c.problem.columns);
        ASSERT_TRUE(same_bits(kept.mean, c.kept[affine].mean) && same_bits(kept.variance, c.kept[affine].variance)) << shape;
        ASSERT_TRUE(same(results, c.results[affine])) << shape << " " << affine;
      }
    }
  });
}

TYPED_TEST(Normalise, a_variance_far_from_zero_keeps_its_digits) {
  // 10000 numbers at 2^20 plus a pattern of variance exactly 1: E x^2 - (E x)^2 would lose twelve digits of it.
  const int64_t rows = 10000, columns = 3;
  std::vector<TypeParam> x(static_cast<size_t>(rows * columns));
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<TypeParam>(0x1p20 + (i / 3 % 2 ? 1 : -1));
  double mean[3], variance[3];
  on_every_target([&] {
    column_moments(x.data(), rows, columns, mean, variance);
    for (int j = 0; j < 3; ++j) {
      EXPECT_EQ(mean[j], 0x1p20);
      EXPECT_EQ(variance[j], 1.0);
    }
  });
}

TYPED_TEST(Normalise, a_gradient_that_is_not_wanted_is_not_written_and_changes_no_other) {
  const Problem<TypeParam> p{50, 21};
  const Moments m = moments_of_columns(p);
  const Results<TypeParam> all = computed_columns(p, m, true, false);
  std::vector<TypeParam> bias(21), x(p.x.size() - 1);
  normalise_columns_backward(p.x.data() + 1, p.g.data() + 1, 50, 21, m.mean.data(), m.variance.data(), p.epsilon, p.weight.data() + 1, false, {.x = nullptr, .weight = nullptr, .bias = bias.data()});
  normalise_columns_backward(p.x.data() + 1, p.g.data() + 1, 50, 21, m.mean.data(), m.variance.data(), p.epsilon, p.weight.data() + 1, false, {.x = x.data(), .weight = nullptr, .bias = nullptr});
  EXPECT_TRUE(same_bits(bias, all.bias));
  EXPECT_TRUE(same_bits(x, all.x));
}

}  // namespace
}  // namespace rectify::kernel
