// The pictures of watched runs: that they say the numbers of the log, and that no log is undrawable.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "rectify/report/depth_chart.h"
#include "rectify/report/unit_map.h"
#include "tests/report/watch_logs.h"
#include "tests/report/xml_checker.h"

namespace rectify::report {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

UnitMap map_of(const observe::WatchLog& log) { return {.log = log, .title = "T", .subtitle = ""}; }
DepthChart chart_of(const observe::WatchLog& log, Flow flow = Flow::gradient) { return {.log = log, .title = "T", .subtitle = "", .flow = flow}; }

void expect_drawable(const std::string& svg) {
  EXPECT_EQ(xml_problem(svg), "");
  EXPECT_FALSE(has_bad_number(svg));
}

void expect_all_drawable(const observe::WatchLog& log) {
  expect_drawable(svg(map_of(log)));
  expect_drawable(svg(chart_of(log, Flow::gradient)));
  expect_drawable(svg(chart_of(log, Flow::signal)));
}

size_t count_of(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t i = text.find(part); i != std::string_view::npos; i = text.find(part, i + part.size())) ++count;
  return count;
}

TEST(UnitShares, they_add_up_to_one_and_count_no_unit_twice) {
  const UnitShares relu = shares_of({.values = 100, .saturated = 0.5, .dead_units = 16, .stuck_units = 24}, 64);
  EXPECT_DOUBLE_EQ(relu.dead, 0.25);
  EXPECT_DOUBLE_EQ(relu.stuck, 0.125);
  EXPECT_DOUBLE_EQ(relu.saturated, 0.125) << "stuck units have 37.5 % of the inputs";
  EXPECT_DOUBLE_EQ(relu.active, 0.5);
}

TEST(UnitShares, they_stay_shares_where_merged_windows_disagree) {
  const std::vector<observe::LayerWindow> windows{{.saturated = 0.1, .dead_units = 60, .stuck_units = 64}, {.saturated = 0, .dead_units = 7, .stuck_units = 0},
                                                  {.saturated = NAN, .dead_units = 90, .stuck_units = 90}, {.saturated = 1, .dead_units = 64, .stuck_units = 0}};
  for (const observe::LayerWindow& window : windows) {
    const UnitShares shares = shares_of(window, 64);
    for (const double share : {shares.dead, shares.stuck, shares.saturated, shares.active}) EXPECT_TRUE(share >= 0 && share <= 1) << share;
    EXPECT_DOUBLE_EQ(shares.dead + shares.stuck + shares.saturated + shares.active, 1);
  }
}

TEST(UnitMap, the_tooltip_of_a_cell_has_the_numbers_of_its_window) {
  observe::WatchLog log = watch_log(3, 4);
  log.windows[2].layers[1].dead_units = 29, log.windows[2].layers[1].stuck_units = 32, log.windows[2].layers[1].saturated = 0.75;
  const std::string picture = svg(map_of(log));
  expect_drawable(picture);
  EXPECT_THAT(picture, HasSubstr("<title>2: linear(64), relu\nsteps 11 to 20: 29 of 64 dead (45.3 %), 3 of 64 stuck (4.7 %), saturated at times 25.0 %, active 25.0 %</title>"));
  EXPECT_THAT(picture, HasSubstr("<title>0: linear(64), relu\nbefore training: saturated at times 40.0 %, active 60.0 %</title>"));
  EXPECT_THAT(picture, HasSubstr("<title>steps 11 to 20: mean loss 0.667</title>"));
  EXPECT_EQ(count_of(picture, "<title>"), 3 * 5 + 4u) << "a cell for each layer and window, and the loss";
}

TEST(UnitMap, columns_are_as_wide_as_their_windows_are_long) {
  observe::WatchLog log = watch_log(1, 2);
  log.windows[2].last_step = 40;
  const std::string picture = svg(map_of(log));
  const auto width_of = [&](const char* title) {
    const size_t rect = picture.rfind("<rect", picture.find(title));
    return std::stod(picture.substr(picture.find("width=\"", rect) + 7));
  };
  EXPECT_NEAR(width_of("steps 11 to 40: active"), 3 * width_of("steps 1 to 10: active"), 0.05);
}

TEST(UnitMap, the_frame_of_a_marked_layer_begins_at_its_step) {
  const observe::WatchLog log = watch_log(3, 4);
  UnitMap map = map_of(log);
  map.marks = {{.layer = 1, .label = "7", .colour = {1, 2, 3}, .since_step = 21}, {.layer = 9, .label = "8"}};
  const std::string picture = svg(map);
  expect_drawable(picture);
  EXPECT_THAT(picture, AllOf(HasSubstr(">7</text>"), Not(HasSubstr(">8</text>"))));
  const auto attribute = [&](size_t from, const char* name) { return picture.substr(picture.find(name, from), picture.find('"', picture.find(name, from) + 5) - picture.find(name, from)); };
  const size_t frame = picture.find("fill=\"none\" stroke=\"#010203\""), cell = picture.find("2: linear(64), relu\nsteps 21 to 30");
  ASSERT_TRUE(frame != std::string::npos && cell != std::string::npos);
  EXPECT_EQ(attribute(picture.rfind("<rect", frame), " x=\""), attribute(picture.rfind("<rect", cell), " x=\""));
}

TEST(UnitMap, what_was_not_counted_is_a_gap_and_what_is_not_finite_is_named) {
  observe::WatchLog log = watch_log(2, 3);
  log.windows[2].layers[0].values = 0;
  log.windows[3].layers[0].non_finite = 5;
  const std::string picture = svg(map_of(log));
  expect_drawable(picture);
  EXPECT_THAT(picture, AllOf(HasSubstr("steps 11 to 20: not measured"), HasSubstr("steps 21 to 30: 5 values not finite"), HasSubstr(">not finite</text>")));
  EXPECT_THAT(svg(map_of(watch_log(2, 3))), Not(HasSubstr("not finite")));
}

TEST(UnitMap, a_loss_that_is_not_finite_is_a_dark_column) {
  observe::WatchLog log = watch_log(2, 3);
  log.windows.back().loss = NAN;
  const std::string picture = svg(map_of(log));
  expect_drawable(picture);
  EXPECT_THAT(picture, AllOf(HasSubstr("steps 21 to 30: mean loss nan"), HasSubstr(">not finite</text>")));
}

TEST(UnitMap, the_colours_differ_in_lightness_too) {
  const std::string picture = svg(map_of(watch_log(2, 2)));
  std::vector<double> lightness;
  for (const char* name : {"dead: 0", "stuck: saturated", "saturated at", "active"}) {
    const size_t swatch = picture.rfind("<rect", picture.find(name));
    const std::string colour = picture.substr(picture.find("fill=\"#", swatch) + 7, 6);
    double luminance = 0;
    const double weights[] = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; ++i) luminance += weights[i] * std::pow(std::stoi(colour.substr(2 * static_cast<size_t>(i), 2), nullptr, 16) / 255.0, 2.2);
    lightness.push_back(116 * std::cbrt(luminance) - 16);
  }
  std::ranges::sort(lightness);
  for (size_t i = 1; i < lightness.size(); ++i) EXPECT_GT(lightness[i] - lightness[i - 1], 12) << "CIE L*";
}

TEST(LayerFlow, factors_lead_from_one_size_to_the_next) {
  const observe::WatchLog log = watch_log(3, 1);
  const observe::Window& window = log.windows.back();
  const LayerFlow before = flow_of(window, 0, Flow::gradient), after = flow_of(window, 1, Flow::gradient);
  EXPECT_DOUBLE_EQ(after.after * after.activation_factor, after.before);
  EXPECT_DOUBLE_EQ(after.before * after.weights_factor, before.after);
  EXPECT_TRUE(std::isnan(before.weights_factor)) << "there is no layer before the first";
  const LayerFlow first = flow_of(window, 0, Flow::signal), second = flow_of(window, 1, Flow::signal);
  EXPECT_DOUBLE_EQ(first.after * second.weights_factor, second.before);
  EXPECT_DOUBLE_EQ(second.before * second.activation_factor, second.after);
}

TEST(DepthChart, the_tooltip_of_a_layer_has_the_numbers_of_each_moment) {
  observe::WatchLog log = watch_log(3, 4);
  log.windows.back().layers[0].pre_activation_gradient = 0;
  const std::string picture = svg(chart_of(log));
  expect_drawable(picture);
  EXPECT_THAT(picture, HasSubstr("<title>2: linear(64), relu\nbefore training: rms u 0.00800, d 0.00400, activation × 0.500, weights × 1.60\nsteps 1 to 10: rms u 0.00800"));
  EXPECT_THAT(picture, HasSubstr("steps 31 to 40: rms u 0.00640, d 0, activation × 0</title>"));
  EXPECT_THAT(picture, HasSubstr(">0</text>")) << "a size of 0 has a place of its own";
  EXPECT_THAT(svg(chart_of(watch_log(3, 4))), Not(HasSubstr(">0</text>")));
}

TEST(DepthChart, the_moments_are_before_training_its_first_and_its_last_window) {
  observe::WatchLog log = watch_log(2, 5);
  const auto steps = [&] {
    std::vector<int64_t> last_steps;
    for (const observe::Window* window : moments_of(log, Flow::gradient)) last_steps.push_back(window->last_step);
    return last_steps;
  };
  EXPECT_THAT(steps(), ElementsAre(0, 10, 50));
  for (auto& layer : log.windows.back().layers) layer.output_gradient = layer.pre_activation_gradient = observe::unmeasured;
  EXPECT_THAT(steps(), ElementsAre(0, 10, 40)) << "where no gradient was measured there is nothing to show";
  log.windows.resize(1);
  EXPECT_THAT(steps(), ElementsAre(0));
}

TEST(WatchCharts, logs_without_layers_windows_or_measurements_are_drawn) {
  expect_all_drawable({});
  expect_all_drawable(watch_log(1, 0));
  expect_all_drawable(watch_log(0, 3));
  observe::WatchLog log = watch_log(1, 1);
  expect_all_drawable(log);
  log.windows.clear();
  expect_all_drawable(log);
  EXPECT_THAT(svg(map_of(log)), HasSubstr("nothing was watched"));
  EXPECT_THAT(svg(chart_of(log)), HasSubstr("nothing was measured"));
}

TEST(WatchCharts, numbers_of_any_kind_are_drawn) {
  observe::WatchLog log = watch_log(4, 6);
  log.windows[1].layers.resize(2);
  const double odd[] = {NAN, INFINITY, 0, 1e308, 5e-324};
  for (size_t i = 0; i < 5; ++i) {
    observe::Window& window = log.windows[i];
    window.loss = odd[i];
    window.layers[0].output_gradient = window.layers[1].pre_activation_gradient = window.layers[0].rms = window.layers[1].pre_activation_rms = window.layers[0].saturated = odd[i];
  }
  log.layers[1].units = 0;
  log.windows.back().last_step = int64_t{1} << 60;
  log.layers[0] = {.name = "a<&\"\xff", .layer = std::string(400, 'w'), .activation = "re&lu", .units = 64};
  expect_all_drawable(log);
}

TEST(WatchCharts, two_hundred_layers_of_a_long_run_are_a_picture_of_bounded_size) {
  const observe::WatchLog source = watch_log(200, 600);
  observe::WatchLog log{.layers = source.layers, .windows = {}, .units = {}};
  for (const observe::Window& window : source.windows) append(log, window);
  const std::string map = svg(map_of(log)), chart = svg(chart_of(log));
  expect_drawable(map);
  expect_drawable(chart);
  EXPECT_LT(map.size(), 2'000'000u);
  EXPECT_LT(chart.size(), 600'000u);
  EXPECT_THAT(map, HasSubstr(">0: linear(64), relu</text>"));
  EXPECT_LT(count_of(map, "relu</text>"), 130u) << "names that would overlap are left out";
  UnitMap marked = map_of(log);
  marked.marks = {{.layer = 101, .label = "1"}};
  EXPECT_THAT(svg(marked), HasSubstr(">202: linear(64), relu</text>")) << "the name of a marked layer is there";
}

TEST(WatchCharts, the_same_log_is_the_same_picture) {
  const observe::WatchLog log = watch_log(5, 50), copy = log;
  EXPECT_EQ(svg(map_of(log)), svg(map_of(copy)));
  EXPECT_EQ(svg(chart_of(log)), svg(chart_of(copy)));
}

}  // namespace
}  // namespace rectify::report
