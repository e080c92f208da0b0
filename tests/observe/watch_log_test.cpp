#include "rectify/observe/watch_log.h"

#include <gtest/gtest.h>

#include <cmath>

namespace rectify::observe {
namespace {

/// A window of `steps` steps, each with `values` values per unit of one layer.
Window window(int64_t first_step, int64_t steps, double loss = 1, int64_t values = 4) {
  return {.first_step = first_step, .last_step = first_step + steps - 1, .loss = loss, .loss_deviation = 0, .first_loss = loss, .last_loss = loss, .learning_rate = 0.1,
          .layers = {{.values = steps * values, .mean = loss, .rms = 2 * loss, .non_finite = 1}}};
}

void expect_no_gaps(const WatchLog& log, int64_t last_step) {
  int64_t next = 1;
  for (const Window& one : log.windows) {
    ASSERT_EQ(one.first_step, next);
    next = one.last_step + 1;
  }
  EXPECT_EQ(next, last_step + 1);
}

TEST(WatchLog, a_long_run_keeps_few_windows_and_the_latest_in_full_detail) {
  WatchLog log;
  for (int64_t i = 0; i < 100'000; ++i) {
    append(log, window(1 + 10 * i, 10));
    ASSERT_LE(log.windows.size(), 16u * 14) << i;
  }
  expect_no_gaps(log, 1'000'000);
  for (size_t i = 1; i < log.windows.size(); ++i) {
    EXPECT_LE(log.windows[i].last_step - log.windows[i].first_step, log.windows[i - 1].last_step - log.windows[i - 1].first_step);
  }
  int64_t values = 0, non_finite = 0;
  for (const Window& one : log.windows) values += one.layers[0].values, non_finite += one.layers[0].non_finite;
  EXPECT_EQ(values, 4'000'000);
  EXPECT_EQ(non_finite, 100'000);
  for (size_t i = log.windows.size() - 15; i < log.windows.size(); ++i) EXPECT_EQ(log.windows[i].last_step - log.windows[i].first_step, 9);
}

TEST(WatchLog, the_seventeenth_of_a_length_makes_one_of_the_two_oldest) {
  WatchLog log;
  for (int64_t i = 0; i < 16; ++i) append(log, window(1 + 10 * i, 10));
  EXPECT_EQ(log.windows.size(), 16u);
  append(log, window(161, 10));
  ASSERT_EQ(log.windows.size(), 16u);
  EXPECT_EQ(log.windows[0].last_step, 20);
  EXPECT_EQ(log.windows[1].first_step, 21);
  EXPECT_EQ(log.windows[1].last_step, 30);
}

TEST(WatchLog, windows_of_any_length_stay_bounded_and_without_gaps) {
  WatchLog log;
  int64_t next = 1;
  for (int64_t i = 0; i < 20'000; ++i) {
    const int64_t steps = i % 2 ? 10 : 1 + i % 7;
    append(log, window(next, steps));
    next += steps;
    ASSERT_LE(log.windows.size(), 16u * 20);
  }
  expect_no_gaps(log, next - 1);
}

TEST(WatchLog, a_probe_stays_by_itself) {
  WatchLog log;
  append(log, {.first_step = 0, .last_step = 0, .loss = 5, .layers = {{.values = 3}}});
  for (int64_t i = 0; i < 1000; ++i) append(log, window(1 + i, 1));
  EXPECT_EQ(log.windows[0].last_step, 0);
  EXPECT_EQ(log.windows[0].loss, 5);
  EXPECT_EQ(log.windows[0].layers[0].values, 3);
  EXPECT_EQ(log.windows[1].first_step, 1);
}

TEST(WatchLog, merged_windows_have_the_loss_of_all_their_steps) {
  // Losses 1, 3 and 4, 6, 8: mean 22 / 5, mean square 126 / 5.
  Window a = window(1, 2), b = window(3, 3);
  a.loss = 2, a.loss_deviation = 1, a.first_loss = 1, a.last_loss = 3;
  b.loss = 6, b.loss_deviation = std::sqrt(8.0 / 3), b.first_loss = 4, b.last_loss = 8, b.learning_rate = 0.05;
  const Window both = merged(a, b);
  EXPECT_EQ(both.first_step, 1);
  EXPECT_EQ(both.last_step, 5);
  EXPECT_DOUBLE_EQ(both.loss, 4.4);
  EXPECT_DOUBLE_EQ(both.loss_deviation, std::sqrt(25.2 - 4.4 * 4.4));
  EXPECT_EQ(both.first_loss, 1);
  EXPECT_EQ(both.last_loss, 8);
  EXPECT_EQ(both.learning_rate, 0.1);
}

TEST(WatchLog, merged_layers_are_weighted_by_their_values_or_steps) {
  Window a = window(1, 10), b = window(11, 30);
  a.layers = {{.values = 100, .mean = 1, .rms = 2, .uncentred = 1, .smallest = -1, .largest = 3, .zeros = 0.5, .saturated = 0.2, .dead_units = 3, .stuck_units = 1, .linear_units = 4,
               .non_finite = 2, .output_gradient = 3, .weight = 1, .bias = -1, .largest_bias = 4, .sign_agreement = 0.2}};
  b.layers = {{.values = 300, .mean = 5, .rms = 6, .uncentred = 0.5, .smallest = -2, .largest = 1, .zeros = 0.1, .saturated = 0.6, .dead_units = 1, .stuck_units = 2, .linear_units = 0,
               .non_finite = 5, .output_gradient = 1, .weight = 3, .update = 0.5, .sign_agreement = 0.6}};
  const LayerWindow both = merged(a, b).layers.at(0);
  EXPECT_EQ(both.values, 400);
  EXPECT_DOUBLE_EQ(both.mean, 4);
  EXPECT_DOUBLE_EQ(both.rms, std::sqrt((100 * 4 + 300 * 36) / 400.0));
  EXPECT_DOUBLE_EQ(both.uncentred, (400 * 1 + 10800 * 0.5) / 11200);
  EXPECT_EQ(both.smallest, -2);
  EXPECT_EQ(both.largest, 3);
  EXPECT_DOUBLE_EQ(both.zeros, 0.2);
  EXPECT_DOUBLE_EQ(both.saturated, 0.5);
  EXPECT_EQ(both.dead_units, 3);
  EXPECT_EQ(both.stuck_units, 2);
  EXPECT_EQ(both.linear_units, 4);
  EXPECT_EQ(both.non_finite, 7);
  EXPECT_DOUBLE_EQ(both.output_gradient, std::sqrt((10 * 9 + 30 * 1) / 40.0));
  EXPECT_DOUBLE_EQ(both.weight, std::sqrt((10 * 1 + 30 * 9) / 40.0));
  EXPECT_DOUBLE_EQ(both.sign_agreement, 0.5);
  // Measured in one of them, or in none.
  EXPECT_EQ(both.update, 0.5);
  EXPECT_EQ(both.bias, -1);
  EXPECT_EQ(both.largest_bias, 4);
  EXPECT_TRUE(std::isnan(both.weight_gradient));
}

TEST(WatchLog, of_a_layer_that_did_not_run_in_one_of_two_windows_the_other_tells) {
  Window a = window(1, 10), b = window(11, 10);
  a.layers[0] = {};
  b.layers[0] = {.values = 7, .mean = 3, .rms = 4, .smallest = 2, .largest = 5, .weight = 6, .unit_spread = 0.5};
  const LayerWindow later = merged(a, b).layers.at(0);
  EXPECT_EQ(later.values, 7);
  EXPECT_EQ(later.mean, 3);
  EXPECT_EQ(later.rms, 4);
  EXPECT_EQ(later.smallest, 2);
  EXPECT_EQ(later.largest, 5);
  EXPECT_EQ(later.weight, 6);
  EXPECT_EQ(later.unit_spread, 0.5);
}

}  // namespace
}  // namespace rectify::observe
