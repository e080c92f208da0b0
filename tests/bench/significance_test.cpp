#include "bench/diagnosis/significance.h"

#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace bench::diagnosis {
namespace {

using Sample = std::vector<double>;

/// The definition, by trying every arrangement.
double by_enumeration(const Sample& worse, const Sample& better) {
  Sample all = worse;
  all.insert(all.end(), better.begin(), better.end());
  const auto rank_sum = [&](uint32_t chosen) {
    double sum = 0;
    for (size_t i = 0; i < all.size(); ++i) {
      if (!(chosen >> i & 1)) continue;
      double rank = 0.5;
      for (const double other : all) rank += other < all[i] ? 1 : other == all[i] ? 0.5 : 0;
      sum += rank;
    }
    return sum;
  };
  const double observed = rank_sum((1u << worse.size()) - 1);
  int64_t total = 0, as_large = 0;
  for (uint32_t chosen = 0; chosen < 1u << all.size(); ++chosen) {
    if (std::popcount(chosen) != static_cast<int>(worse.size())) continue;
    ++total;
    as_large += rank_sum(chosen) >= observed ? 1 : 0;
  }
  return static_cast<double>(as_large) / static_cast<double>(total);
}

TEST(MannWhitney, gives_one_arrangement_of_all_when_the_samples_are_apart) {
  Sample low, high;
  for (int i = 0; i < 10; ++i) low.push_back(i), high.push_back(i + 100);
  EXPECT_DOUBLE_EQ(probability_of_being_larger_by_chance(high, low), 1.0 / 184756);
  EXPECT_DOUBLE_EQ(probability_of_being_larger_by_chance(low, high), 1.0);
}

TEST(MannWhitney, agrees_with_the_enumeration_of_all_arrangements_with_and_without_ties) {
  for (const auto& [worse, better] : std::vector<std::pair<Sample, Sample>>{{{3, 1, 4}, {1.5, 9, 2.6, 5}},
                                                                            {{1, 1, 1, 2}, {1, 2, 2}},
                                                                            {{5, 5, 5}, {5, 5, 5, 5}},
                                                                            {{0.3, 0.31, 0.5, 0.31, 7, 8}, {0.31, 0.2, 0.1, 0.1, 6, 0.3}}}) {
    EXPECT_DOUBLE_EQ(probability_of_being_larger_by_chance(worse, better), by_enumeration(worse, better));
  }
}

TEST(MannWhitney, has_the_published_critical_value_for_two_samples_of_ten) {
  // U = 19 is the largest that is significant at 1 % one-sided: Mann and Whitney's tables continued, Siegel 1956, table K.
  const auto with_statistic = [](int wins) {
    // `better` has 0 .. 9; each of `worse` lies below as many of them as its share of U.
    Sample worse, better;
    for (int i = 0; i < 10; ++i) better.push_back(i);
    for (int i = 0; i < 10; ++i) {
      const int below = std::min(10, std::max(0, wins - 10 * i));
      worse.push_back(9.5 - below + 0.01 * (10 - i));
    }
    return probability_of_being_larger_by_chance(worse, better);
  };
  EXPECT_LT(with_statistic(19), 0.01);
  EXPECT_GT(with_statistic(20), 0.01);
}

TEST(MannWhitney, ranks_a_diverged_training_above_every_number) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_DOUBLE_EQ(probability_of_being_larger_by_chance(Sample{infinity, std::nan(""), infinity}, Sample{1e300, 2, 3}), 0.05);
}

TEST(Median, is_the_middle_and_takes_infinities) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(median(Sample{3, 1, 2}), 2);
  EXPECT_EQ(median(Sample{4, 1, 2, 3}), 2.5);
  EXPECT_EQ(median(Sample{1, infinity, infinity, infinity}), infinity);
  EXPECT_TRUE(std::isnan(median(Sample{})));
}

TEST(Share, has_wilsons_interval) {
  // Brown, Cai and DasGupta 2001: none of 10 has the upper border z² / (n + z²).
  const double z = 1.959963984540054;
  EXPECT_DOUBLE_EQ((Share{0, 10}.high()), z * z / (10 + z * z));
  EXPECT_EQ((Share{0, 10}.low()), 0);
  EXPECT_NEAR((Share{68, 188}.low()), 0.296, 0.0005);
  EXPECT_NEAR((Share{68, 188}.high()), 0.433, 0.0005);
  EXPECT_TRUE(std::isnan(Share{}.value()));
}

}  // namespace
}  // namespace bench::diagnosis
