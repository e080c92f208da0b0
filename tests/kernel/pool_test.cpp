// Pooling against plain loops over a padded copy, byte for byte.
#include "rectify/kernel/pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "tests/kernel/kernel_support.h"

namespace rectify::kernel {
namespace {

/// A place of the image, as the windows see it.
struct Place {
  int64_t row, column, in_window;
};

template <class T>
struct Problem {
  Pooling s;
  Extent out = s.output();
  // Every array begins one element behind an aligned address.
  std::vector<T> x = numbers<T>(1 + s.batch * s.image.height * s.image.width * s.channels, 5), g = numbers<T>(1 + s.batch * out.height * out.width * s.channels, 6);

  /// The places of a window that lie on the image, in row-major order.
  std::vector<Place> places(int64_t i, int64_t j) const {
    std::vector<Place> result;
    for (int64_t p = 0; p < s.kernel.height * s.kernel.width; ++p) {
      const int64_t row = i * s.stride.height + p / s.kernel.width - s.padding.height, column = j * s.stride.width + p % s.kernel.width - s.padding.width;
      if (row >= 0 && row < s.image.height && column >= 0 && column < s.image.width) result.push_back({row, column, p});
    }
    return result;
  }
  size_t input(int64_t n, int64_t row, int64_t column, int64_t c) const { return static_cast<size_t>(((n * s.image.height + row) * s.image.width + column) * s.channels + c); }

  /// Calls visit(output index, n, i, j, channel) in the order of memory.
  template <class Visit>
  void for_each_window(Visit visit) const {
    size_t index = 0;
    for (int64_t n = 0; n < s.batch; ++n) {
      for (int64_t i = 0; i < out.height; ++i) {
        for (int64_t j = 0; j < out.width; ++j) {
          for (int64_t c = 0; c < s.channels; ++c) visit(index++, n, i, j, c);
        }
      }
    }
  }

  struct Largest {
    std::vector<T> value, gradient, selected;
    std::vector<int64_t> place;
  };
  Largest largest() const {
    Largest result{std::vector<T>(g.size() - 1), std::vector<T>(x.size() - 1, 0), std::vector<T>(g.size() - 1), std::vector<int64_t>(g.size() - 1)};
    const std::vector<T> others = numbers<T>(static_cast<int64_t>(x.size()), 7);
    for_each_window([&](size_t index, int64_t n, int64_t i, int64_t j, int64_t c) {
      const std::vector<Place> window = places(i, j);
      Place best = window.at(0);
      for (const Place& place : window) {
        const T now = x[1 + input(n, place.row, place.column, c)], before = x[1 + input(n, best.row, best.column, c)];
        if (!std::isnan(before) && (std::isnan(now) || now > before)) best = place;
      }
      result.value[index] = x[1 + input(n, best.row, best.column, c)];
      result.place[index] = best.in_window;
      // Windows come in row-major order, so each sum is in that order too.
      result.gradient[input(n, best.row, best.column, c)] += g[1 + index];
      result.selected[index] = others[1 + input(n, best.row, best.column, c)];
    });
    return result;
  }

  std::vector<T> mean(bool count_padding) const {
    std::vector<T> result(g.size() - 1);
    for_each_window([&](size_t index, int64_t n, int64_t i, int64_t j, int64_t c) {
      double sum = 0;
      const std::vector<Place> window = places(i, j);
      for (const Place& place : window) sum += static_cast<double>(x[1 + input(n, place.row, place.column, c)]);
      result[index] = static_cast<T>(sum / static_cast<double>(count_padding ? s.kernel.height * s.kernel.width : static_cast<int64_t>(window.size())));
    });
    return result;
  }
  std::vector<T> mean_gradient(bool count_padding) const {
    std::vector<double> sums(x.size() - 1, 0);
    for_each_window([&](size_t index, int64_t n, int64_t i, int64_t j, int64_t c) {
      const std::vector<Place> window = places(i, j);
      const double share = 1.0 / static_cast<double>(count_padding ? s.kernel.height * s.kernel.width : static_cast<int64_t>(window.size()));
      for (const Place& place : window) {
        double& sum = sums[input(n, place.row, place.column, c)];
        sum = std::fma(static_cast<double>(g[1 + index]), share, sum);
      }
    });
    std::vector<T> result;
    for (const double sum : sums) result.push_back(static_cast<T>(sum));
    return result;
  }
};

std::string described(const Pooling& s) {
  const auto pair = [](const Extent& e) { return std::to_string(e.height) + "x" + std::to_string(e.width); };
  return "image " + pair(s.image) + " channels " + std::to_string(s.channels) + " kernel " + pair(s.kernel) + " stride " + pair(s.stride) + " padding " + pair(s.padding);
}

template <class T, class Index>
void check_largest(const Problem<T>& p, const typename Problem<T>::Largest& expected) {
  std::vector<T> y(p.g.size() - 1), gx(p.x.size() - 1, T(-1)), selected(p.g.size() - 1);
  std::vector<Index> chosen(p.g.size());
  max_pool<T, Index>(p.s, p.x.data() + 1, y.data(), nullptr);
  ASSERT_TRUE(same_bits(y, expected.value)) << described(p.s);
  max_pool(p.s, p.x.data() + 1, y.data(), chosen.data() + 1);
  ASSERT_TRUE(same_bits(y, expected.value)) << described(p.s);
  ASSERT_TRUE(std::equal(expected.place.begin(), expected.place.end(), chosen.begin() + 1)) << described(p.s);
  max_pool_backward(p.s, p.g.data() + 1, chosen.data() + 1, gx.data());
  ASSERT_TRUE(same_bits(gx, expected.gradient)) << described(p.s);
  const std::vector<T> others = numbers<T>(static_cast<int64_t>(p.x.size()), 7);
  max_pool_select(p.s, others.data() + 1, chosen.data() + 1, selected.data());
  ASSERT_TRUE(same_bits(selected, expected.selected)) << described(p.s);
}

template <class T>
class Pool : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Pool, Types);

std::vector<Pooling> shapes() {
  std::vector<Pooling> result;
  for (const Extent kernel : {Extent{2, 2}, Extent{3, 3}, Extent{1, 4}, Extent{3, 2}}) {
    for (const Extent stride : {Extent{1, 1}, Extent{2, 2}, Extent{3, 1}, Extent{4, 4}}) {
      for (const Extent padding : {Extent{0, 0}, Extent{1, 1}, Extent{0, 1}}) {
        if (2 * padding.height > kernel.height || 2 * padding.width > kernel.width) continue;
        result.push_back({.batch = 2, .image = {7, 6}, .channels = 5, .kernel = kernel, .stride = stride, .padding = padding});
      }
    }
  }
  for (const int64_t channels : {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 70}) {
    result.push_back({.batch = 3, .image = {5, 4}, .channels = channels, .kernel = {2, 2}, .stride = {2, 2}});
    result.push_back({.batch = 1, .image = {5, 4}, .channels = channels, .kernel = {3, 3}, .stride = {2, 1}, .padding = {1, 1}});
  }
  result.push_back({.batch = 0, .image = {5, 4}, .channels = 3, .kernel = {2, 2}, .stride = {2, 2}});
  result.push_back({.batch = 2, .image = {20, 30}, .channels = 40, .kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}});
  return result;
}

TYPED_TEST(Pool, takes_the_first_largest_number_and_returns_the_gradient_to_it) {
  std::vector<std::pair<Problem<TypeParam>, typename Problem<TypeParam>::Largest>> cases;
  for (const Pooling& s : shapes()) {
    Problem<TypeParam> p{s};
    // Few different numbers, so that there are ties, zeros of both signs, infinities and some that are no numbers.
    for (size_t i = 1; i < p.x.size(); ++i) p.x[i] = i % 41 == 0 ? std::numeric_limits<TypeParam>::quiet_NaN() : i % 37 == 0 ? -std::numeric_limits<TypeParam>::infinity() : std::trunc(p.x[i]);
    cases.emplace_back(p, p.largest());
  }
  on_every_target_and_thread_count([&] {
    for (const auto& [problem, expected] : cases) {
      check_largest<TypeParam, uint8_t>(problem, expected);
      check_largest<TypeParam, int64_t>(problem, expected);
    }
  });
}

TYPED_TEST(Pool, takes_windows_of_more_places_than_a_byte_counts) {
  const Problem<TypeParam> p{{.batch = 2, .image = {23, 29}, .channels = 9, .kernel = {17, 20}, .stride = {3, 4}, .padding = {2, 3}}};
  const auto expected = p.largest();
  EXPECT_GT(*std::max_element(expected.place.begin(), expected.place.end()), 256);
  on_every_target_and_thread_count([&] { check_largest<TypeParam, int64_t>(p, expected); });
  const Problem<TypeParam> full{{.batch = 2, .image = {16, 16}, .channels = 9, .kernel = {16, 16}, .stride = {1, 1}}};
  on_every_target_and_thread_count([&, places = full.largest()] { check_largest<TypeParam, uint8_t>(full, places); });
}

TYPED_TEST(Pool, means_are_added_in_float64_in_order_and_rounded_once) {
  struct Case {
    Problem<TypeParam> problem;
    std::vector<TypeParam> mean[2], gradient[2];
  };
  std::vector<Case> cases;
  std::vector<Pooling> all = shapes();
  all.push_back({.batch = 2, .image = {19, 23}, .channels = 6, .kernel = {19, 23}, .stride = {19, 23}});
  for (const Pooling& s : all) {
    const Problem<TypeParam> p{s};
    cases.push_back({p, {p.mean(false), p.mean(true)}, {p.mean_gradient(false), p.mean_gradient(true)}});
  }
  on_every_target_and_thread_count([&] {
    for (const Case& c : cases) {
      const Problem<TypeParam>& p = c.problem;
      for (const bool count_padding : {false, true}) {
        std::vector<TypeParam> y(p.g.size() - 1), gx(p.x.size() - 1);
        average_pool(p.s, count_padding, p.x.data() + 1, y.data());
        ASSERT_TRUE(same_bits(y, c.mean[count_padding])) << described(p.s);
        average_pool_backward(p.s, count_padding, p.g.data() + 1, gx.data());
        ASSERT_TRUE(same_bits(gx, c.gradient[count_padding])) << described(p.s);
      }
    }
  });
}

TYPED_TEST(Pool, means_of_large_float32_numbers_do_not_overflow) {
  const TypeParam large = std::numeric_limits<TypeParam>::max();
  const std::vector<TypeParam> x = {large, large, large, large};
  const Pooling s{.batch = 1, .image = {2, 2}, .channels = 1, .kernel = {2, 2}, .stride = {2, 2}};
  on_every_target([&] {
    TypeParam y = 0;
    average_pool(s, true, x.data(), &y);
    EXPECT_EQ(y, sizeof(TypeParam) == 4 ? large : std::numeric_limits<TypeParam>::infinity());
  });
}

}  // namespace
}  // namespace rectify::kernel
