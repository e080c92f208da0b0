#include "rectify/observe/run_log.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "rectify/base/error.h"

namespace rectify::observe {
namespace {

using ::testing::ElementsAre;

template <class T>
Histogram of(const std::vector<T>& values, int bins) {
  return make_histogram(values.data(), static_cast<int64_t>(values.size()), bins);
}

TEST(Histogram, bins_are_equal_and_the_highest_value_belongs_to_the_last) {
  const Histogram histogram = of<double>({0, 0.5, 1, 1.5, 2, 3, 4}, 4);
  EXPECT_EQ(histogram.low, 0);
  EXPECT_EQ(histogram.high, 4);
  EXPECT_THAT(histogram.counts, ElementsAre(2, 2, 1, 2));
  EXPECT_EQ(histogram.non_finite, 0);
}

TEST(Histogram, mean_and_standard_deviation_are_those_of_the_values) {
  const Histogram histogram = of<float>({2, 4, 4, 4, 5, 5, 7, 9}, 3);
  EXPECT_EQ(histogram.mean, 5);
  EXPECT_EQ(histogram.standard_deviation, 2);
}

TEST(Histogram, values_that_are_not_finite_are_counted_apart) {
  const float infinity = std::numeric_limits<float>::infinity();
  const Histogram histogram = of<float>({NAN, 1, infinity, 3, -infinity}, 2);
  EXPECT_EQ(histogram.non_finite, 3);
  EXPECT_EQ(histogram.low, 1);
  EXPECT_EQ(histogram.high, 3);
  EXPECT_EQ(histogram.mean, 2);
  EXPECT_THAT(histogram.counts, ElementsAre(1, 1));
}

TEST(Histogram, one_number_alone_stands_in_the_middle) {
  const Histogram histogram = of<float>({7, 7, 7}, 5);
  EXPECT_THAT(histogram.counts, ElementsAre(0, 0, 3, 0, 0));
  EXPECT_EQ(histogram.low, 7);
  EXPECT_EQ(histogram.high, 7);
  EXPECT_EQ(histogram.standard_deviation, 0);
}

TEST(Histogram, nothing_finite_gives_empty_bins) {
  const Histogram histogram = of<double>({NAN, NAN}, 3);
  EXPECT_THAT(histogram.counts, ElementsAre(0, 0, 0));
  EXPECT_EQ(histogram.non_finite, 2);
  EXPECT_THAT(make_histogram(static_cast<const float*>(nullptr), 0, 2).counts, ElementsAre(0, 0));
}

TEST(Histogram, the_largest_and_the_smallest_doubles_neither_overflow_nor_vanish) {
  const double huge = std::numeric_limits<double>::max();
  const Histogram wide = of<double>({-huge, huge}, 2);
  EXPECT_THAT(wide.counts, ElementsAre(1, 1));
  EXPECT_EQ(wide.mean, 0);
  EXPECT_EQ(wide.standard_deviation, huge);
  const double tiny = std::numeric_limits<double>::denorm_min();
  const Histogram narrow = of<double>({-2 * tiny, 2 * tiny}, 2);
  EXPECT_THAT(narrow.counts, ElementsAre(1, 1));
  EXPECT_EQ(narrow.standard_deviation, 2 * tiny);
}

TEST(Histogram, every_value_falls_into_a_bin) {
  std::vector<float> values;
  for (int i = 0; i < 10'000; ++i) values.push_back(static_cast<float>(i * 7919 % 10'007) / 1e3f - 5.0f);
  for (const int bins : {1, 3, 40, 997}) {
    const Histogram histogram = of(values, bins);
    EXPECT_EQ(std::accumulate(histogram.counts.begin(), histogram.counts.end(), int64_t{0}), 10'000);
  }
}

TEST(Histogram, impossible_requests_are_refused) {
  const double x = 0;
  EXPECT_THROW(make_histogram(&x, 1, 0), ArgumentError);
  EXPECT_THROW(make_histogram(&x, -1), ArgumentError);
}

}  // namespace
}  // namespace rectify::observe
