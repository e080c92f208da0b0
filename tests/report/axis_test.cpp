#include "rectify/report/axis.h"

#include <gmock/gmock.h>

#include <cmath>

namespace rectify::report {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;

TEST(Ticks, they_stand_at_round_numbers_with_just_the_decimals_they_need) {
  EXPECT_THAT(nice_ticks({0, 1}, 5).labels, ElementsAre("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"));
  EXPECT_THAT(nice_ticks({-5, 5}, 5).labels, ElementsAre("−4", "−2", "0", "2", "4"));
  EXPECT_THAT(nice_ticks({0.31, 0.42}, 4).labels, ElementsAre("0.35", "0.40"));
  EXPECT_THAT(nice_ticks({0, 60'000}, 3).labels, ElementsAre("0", "20000", "40000", "60000"));
  EXPECT_THAT(nice_ticks({-1, 1}, 4).values, ElementsAre(-1.0, -0.5, 0.0, 0.5, 1.0));
}

TEST(Ticks, very_small_and_very_large_numbers_are_written_with_powers_of_ten) {
  EXPECT_THAT(nice_ticks({0, 4e-5}, 4).labels, ElementsAre("0", "1×10⁻⁵", "2×10⁻⁵", "3×10⁻⁵", "4×10⁻⁵"));
  EXPECT_THAT(nice_ticks({0, 3e7}, 3).labels, ElementsAre("0", "1×10⁷", "2×10⁷", "3×10⁷"));
}

TEST(Ticks, whole_numbers_stay_whole) {
  EXPECT_THAT(nice_ticks({1, 3}, 10, true).labels, ElementsAre("1", "2", "3"));
  EXPECT_THAT(nice_ticks({0.9, 1.1}, 10, true).labels, ElementsAre("1"));
}

TEST(Ticks, shares_are_percent) { EXPECT_THAT(percent_ticks({0, 1}, 2).labels, ElementsAre("0 %", "50 %", "100 %")); }

TEST(Ticks, whatever_the_range_there_are_some_but_not_many_and_all_inside) {
  for (double width = 1e-280; width < 1e280; width *= 7.3) {
    for (const double offset : {0.0, -0.5, 0.37, 3.0, -11.0}) {
      const Range range{offset * width, offset * width + width};
      for (const int wanted : {1, 2, 5, 9}) {
        const Ticks ticks = nice_ticks(range, wanted);
        ASSERT_GE(ticks.values.size(), 1u) << width << " " << offset << " " << wanted;
        ASSERT_LE(ticks.values.size(), static_cast<size_t>(2 * wanted + 3));
        ASSERT_EQ(ticks.labels.size(), ticks.values.size());
        for (size_t i = 0; i < ticks.values.size(); ++i) {
          ASSERT_GE(ticks.values[i], range.low - 1e-5 * width);
          ASSERT_LE(ticks.values[i], range.high + 1e-5 * width);
          if (i > 0) {
            ASSERT_NE(ticks.labels[i], ticks.labels[i - 1]);
          }
        }
      }
    }
  }
}

TEST(Ticks, an_impossible_range_has_none) {
  EXPECT_TRUE(nice_ticks({NAN, 1}, 5).values.empty());
  EXPECT_TRUE(nice_ticks({0, INFINITY}, 5).values.empty());
  EXPECT_TRUE(nice_ticks({1, 1}, 5).values.empty());
}

TEST(RangeFinder, it_ignores_what_is_not_finite_and_never_is_empty) {
  RangeFinder finder;
  EXPECT_GT(finder.range().width(), 0);
  for (const double x : {std::nan(""), 3.0, -1.0, double{INFINITY}}) finder.add(x);
  EXPECT_EQ(finder.range().low, -1);
  EXPECT_EQ(finder.range().high, 3);
  EXPECT_THAT(finder.range(0.25).high, DoubleEq(4));
  RangeFinder single;
  single.add(5);
  EXPECT_LT(single.range().low, 5);
  EXPECT_GT(single.range().high, 5);
}

TEST(Readable, numbers_for_people) {
  EXPECT_EQ(readable(0.35512), "0.355");
  EXPECT_EQ(readable(-12.345), "−12.3");
  EXPECT_EQ(readable(12345), "12345");
  EXPECT_EQ(readable(0), "0");
  EXPECT_EQ(readable(-4.2e-6, 2), "−4.2×10⁻⁶");
  EXPECT_EQ(readable(5e-324, 1), "5×10⁻³²⁴");
  EXPECT_EQ(readable(NAN), "nan");
}

TEST(Frame, numbers_become_places_with_y_upwards) {
  const Frame frame{.box = {10, 20, 100, 50}, .x = {0, 10}, .y = {-1, 1}};
  EXPECT_EQ(frame.at(0, -1).x, 10);
  EXPECT_EQ(frame.at(0, -1).y, 70);
  EXPECT_EQ(frame.at(10, 1).x, 110);
  EXPECT_EQ(frame.at(10, 1).y, 20);
}

TEST(RangeFinder, numbers_below_zero_have_a_range_without_zero) {
  RangeFinder finder;
  finder.add(-3), finder.add(-5);
  EXPECT_EQ(finder.range().low, -5);
  EXPECT_EQ(finder.range().high, -3);
}

TEST(Ticks, logarithms_are_marked_at_whole_powers_of_ten) {
  EXPECT_THAT(power_ticks({-2, 1}, 4).labels, ElementsAre("10⁻²", "10⁻¹", "1", "10¹"));
  EXPECT_THAT(power_ticks({-12, 0}, 3).values, ElementsAre(-10, -5, 0));
}

}  // namespace
}  // namespace rectify::report
