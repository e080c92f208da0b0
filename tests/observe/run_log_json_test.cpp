#include "rectify/observe/run_log_json.h"

#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <limits>

namespace rectify::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RunLog example() {
  RunLog log;
  log.layers = {{"0", "linear(256)", "leaky_relu(negative_slope=0.01)", 2}, {"2", "linear(10)", "", 1}};
  log.epochs.push_back({.epoch = 1, .step = 469, .learning_rate = 0.1, .seconds = 1.0 / 3, .train = {0.7, 0.75}, .validation = Metrics{1e-300, {}},
                        .test = {std::nan(""), std::nullopt}});
  log.epochs.push_back({.epoch = 2, .step = 938, .learning_rate = 0.05, .seconds = 2, .train = {INFINITY, 0.1}, .validation = {},
                        .test = {-INFINITY, 0.30000000000000004}});
  const Histogram histogram{.low = -0.1, .high = 5e-324, .counts = {1, 0, 9'007'199'254'740'993}, .non_finite = 4, .mean = 0.1, .standard_deviation = 1e308};
  log.snapshots.push_back({.epoch = 0, .step = 0, .layers = {{histogram, histogram, {0.0f, 0.1f}}, {histogram, {}, {NAN}}}});
  return log;
}

TEST(RunLogJson, a_log_reads_back_to_the_same_bits) {
  const RunLog log = example();
  const auto again = run_log_from_json(to_json(log));
  ASSERT_TRUE(again) << again.error();
  ASSERT_EQ(again->layers.size(), 2u);
  EXPECT_EQ(again->layers[0].activation, "leaky_relu(negative_slope=0.01)");
  EXPECT_EQ(again->layers[1].units, 1);
  ASSERT_EQ(again->epochs.size(), 2u);
  EXPECT_EQ(again->epochs[0].step, 469);
  EXPECT_EQ(again->epochs[0].seconds, 1.0 / 3);
  ASSERT_TRUE(again->epochs[0].validation);
  EXPECT_EQ(again->epochs[0].validation->loss, 1e-300);
  EXPECT_FALSE(again->epochs[0].validation->accuracy);
  EXPECT_FALSE(again->epochs[1].validation);
  EXPECT_EQ(*again->epochs[1].test.accuracy, 0.30000000000000004);
  ASSERT_EQ(again->snapshots.size(), 1u);
  const LayerSnapshot& layer = again->snapshots[0].layers[0];
  EXPECT_EQ(layer.output.counts, log.snapshots[0].layers[0].output.counts);
  EXPECT_EQ(layer.output.high, 5e-324);
  EXPECT_EQ(layer.output.non_finite, 4);
  EXPECT_EQ(layer.firing_rate, log.snapshots[0].layers[0].firing_rate);
  EXPECT_EQ(to_json(*again), to_json(log));
}

TEST(RunLogJson, numbers_that_are_not_finite_survive) {
  const auto again = run_log_from_json(to_json(example()));
  ASSERT_TRUE(again) << again.error();
  EXPECT_TRUE(std::isnan(again->epochs[0].test.loss));
  EXPECT_EQ(again->epochs[1].train.loss, INFINITY);
  EXPECT_EQ(again->epochs[1].test.loss, -INFINITY);
  EXPECT_TRUE(std::isnan(again->snapshots[0].layers[1].firing_rate[0]));
}

TEST(RunLogJson, a_float_is_written_with_few_digits_and_keeps_its_bits) {
  RunLog log;
  log.layers.resize(1);
  LayerSnapshot layer;
  for (int i = 0; i <= 1024; ++i) layer.firing_rate.push_back(static_cast<float>(i) / 1024 / 3);
  layer.firing_rate.push_back(0.1f);
  log.snapshots.push_back({.epoch = 0, .step = 0, .layers = {layer}});
  const std::string text = to_json(log);
  EXPECT_THAT(text, HasSubstr(",0.1]"));
  const auto again = run_log_from_json(text);
  ASSERT_TRUE(again) << again.error();
  for (size_t i = 0; i < layer.firing_rate.size(); ++i) {
    EXPECT_EQ(std::bit_cast<uint32_t>(again->snapshots[0].layers[0].firing_rate[i]), std::bit_cast<uint32_t>(layer.firing_rate[i]));
  }
}

WatchLog watched() {
  WatchLog log{.every = 2, .layers = {{.name = "0", .layer = "linear(2)", .activation = "relu", .units = 2, .fan_in = 7}, {.name = "2", .layer = "linear(1)", .activation = "", .units = 1, .fan_in = 2}},
               .windows = {}, .units = {{{.silent_values = 9'007'199'254'740'993, .silent_since = 30}, {}}, {{}}}};
  log.windows.push_back({.first_step = 0, .last_step = 0, .loss = 1.0 / 3, .loss_deviation = 0.1, .first_loss = 2, .last_loss = NAN, .learning_rate = 1e-300, .layers = {LayerWindow{.values = 3}, LayerWindow{}}});
  log.windows.push_back({.first_step = 1, .last_step = 10, .loss = INFINITY, .layers = {
      {.values = 5, .mean = 0.1, .rms = 0.2, .uncentred = 0.3, .smallest = -0.4, .largest = INFINITY, .zeros = 0.6, .saturated = 0.7, .dead_units = 1, .stuck_units = 2, .linear_units = 3,
       .non_finite = 4, .pre_activation_rms = 0.8, .input = 0.85, .input_uncentred = 0.87, .output_gradient = 0.9, .pre_activation_gradient = 1.1, .weight = 1.2, .weight_gradient = 1.3, .bias = -1.4, .largest_bias = 1.5,
       .update = 1.6, .sign_agreement = 1.7, .mean_share = 1.75, .unit_spread = 1.8},
      {.values = 1}}});
  return log;
}

TEST(RunLogJson, what_was_watched_reads_back_to_the_same_bits) {
  RunLog log;
  log.watch = watched();
  const std::string text = to_json(log);
  const auto again = run_log_from_json(text);
  ASSERT_TRUE(again) << again.error();
  ASSERT_TRUE(again->watch);
  EXPECT_EQ(to_json(*again), text);
  EXPECT_EQ(again->watch->every, 2);
  EXPECT_EQ(again->watch->layers[0].activation, "relu");
  EXPECT_EQ(again->watch->layers[0].fan_in, 7);
  EXPECT_EQ(again->watch->units[0][0].silent_values, 9'007'199'254'740'993);
  EXPECT_EQ(again->watch->units[0][0].silent_since, 30);
  const Window& window = again->watch->windows[1];
  EXPECT_EQ(window.last_step, 10);
  EXPECT_EQ(window.loss, INFINITY);
  EXPECT_EQ(again->watch->windows[0].loss, 1.0 / 3);
  EXPECT_EQ(window.layers[0].update, 1.6);
  EXPECT_EQ(window.layers[0].smallest, -0.4);
  EXPECT_EQ(window.layers[0].stuck_units, 2);
  EXPECT_TRUE(std::isnan(window.layers[1].update));
}

TEST(RunLogJson, a_run_that_was_not_watched_says_nothing_of_it) {
  EXPECT_THAT(to_json(example()), Not(HasSubstr("watch")));
  EXPECT_FALSE(run_log_from_json(to_json(example()))->watch);
}

TEST(RunLogJson, a_failure_names_the_field_of_what_was_watched) {
  RunLog log;
  log.watch = watched();
  const std::string text = to_json(log);
  const auto failure = [&](const std::string& part, const std::string& by) {
    std::string changed = text;
    const size_t place = changed.rfind(part);
    if (place == std::string::npos) return "there is no " + part;
    const auto read = run_log_from_json(changed.replace(place, part.size(), by));
    return read ? std::string("it was read") : read.error();
  };
  EXPECT_THAT(failure(R"("every":2)", R"("every":"often")"), HasSubstr("watch.every must be a whole number"));
  EXPECT_THAT(failure(R"("units":1,)", R"("units":-1,)"), HasSubstr("watch.layers[1].units must not be negative"));
  EXPECT_THAT(failure(R"("loss":"inf")", R"("loss":[])"), HasSubstr("watch.windows[1].loss must be a number"));
  EXPECT_THAT(failure(R"("mean":0.1,)", ""), HasSubstr("watch.windows[1].layers[0].mean is missing"));
  EXPECT_THAT(failure(R"("update":1.6)", R"("update":"fast")"), HasSubstr("watch.windows[1].layers[0].update must be a number"));
  EXPECT_THAT(failure(R"("layers":[{"values":3,)", R"("layers":[{},{"values":3,)"), HasSubstr("watch.windows[0].layers[0].values is missing"));
  EXPECT_THAT(failure(R"("layers":[{"values":5,)", R"("layers":[],"were":[{"values":5,)"), HasSubstr("watch.windows[1].layers has 0 entries for 2 layers"));
  EXPECT_THAT(failure(R"("silent_since":[0])", R"("silent_since":[0,0])"), HasSubstr("watch.units[1].silent_since has 2 entries for 1 units"));
  EXPECT_THAT(failure(R"({"silent_values":[0],"silent_since":[0]})", R"({"silent_values":[],"silent_since":[]})"), HasSubstr("watch.units[1].silent_values has 0 entries for 1 units"));
  EXPECT_THAT(failure(R"(,{"silent_values":[0],"silent_since":[0]})", ""), HasSubstr("watch.units has 1 entries for 2 layers"));
  EXPECT_THAT(failure(R"json({"name":"2","layer":"linear(1)","activation":"","units":1,"fan_in":2})json", R"({"name":"2"})"), HasSubstr("watch.layers[1].layer is missing"));
}

TEST(RunLogJson, an_empty_log_is_a_log) {
  const auto log = run_log_from_json(to_json(RunLog{}));
  ASSERT_TRUE(log);
  EXPECT_TRUE(log->epochs.empty());
}

TEST(RunLogJson, a_failure_names_the_field) {
  const auto failure = [](const std::string& text) {
    const auto log = run_log_from_json(text);
    return log ? std::string("it was read") : log.error();
  };
  EXPECT_THAT(failure("{"), HasSubstr("not JSON"));
  EXPECT_THAT(failure("[]"), HasSubstr("layers is missing"));
  EXPECT_THAT(failure(R"({"layers":[],"epochs":3,"snapshots":[]})"), HasSubstr("epochs must be a list"));
  EXPECT_THAT(failure(R"({"layers":[],"epochs":[{"epoch":1,"step":2,"learning_rate":"many"}],"snapshots":[]})"),
              HasSubstr("epochs[0].learning_rate must be a number"));
  EXPECT_THAT(failure(R"({"layers":[],"epochs":[{"epoch":1.5}],"snapshots":[]})"), HasSubstr("epochs[0].epoch must be a whole number"));
  EXPECT_THAT(failure(R"({"layers":[],"epochs":[{"epoch":18446744073709551615}],"snapshots":[]})"), HasSubstr("must be a whole number"));
  EXPECT_THAT(failure(R"({"layers":[],"epochs":[{"epoch":-1}],"snapshots":[]})"), HasSubstr("must not be negative"));
  EXPECT_THAT(failure(R"json({"layers":[{"name":"0","layer":"linear(1)","activation":"","units":1}],"epochs":[],"snapshots":[{"epoch":0,"step":0,"layers":[]}]})json"),
              HasSubstr("0 entries for 1 layers"));
}

TEST(RunLogJson, a_million_brackets_do_not_exhaust_the_stack) { EXPECT_FALSE(run_log_from_json(std::string(1'000'000, '['))); }

}  // namespace
}  // namespace rectify::observe
