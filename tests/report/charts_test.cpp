// The charts of measured data: what they say, and that nothing in the data makes them undrawable.
#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "rectify/base/error.h"
#include "rectify/report/decision_chart.h"
#include "rectify/report/firing_chart.h"
#include "rectify/report/line_chart.h"
#include "rectify/report/raster.h"
#include "rectify/report/ridgeline.h"
#include "tests/report/xml_checker.h"

namespace rectify::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

void expect_drawable(const std::string& svg) {
  EXPECT_EQ(xml_problem(svg), "");
  EXPECT_FALSE(has_bad_number(svg));
}

LineChart lines(std::vector<Series> series) { return {.title = "T", .subtitle = "", .x_label = "epoch", .series = std::move(series)}; }

TEST(LineChart, a_value_that_is_not_finite_interrupts_the_line) {
  const std::string picture = svg(lines({{.label = "<loss>", .x = {1, 2, 3, 4, 5}, .y = {1, 2, NAN, INFINITY, 3}}}));
  expect_drawable(picture);
  const size_t path = picture.find("<path d=\"M");
  ASSERT_NE(path, std::string::npos);
  const std::string data = picture.substr(path, picture.find("fill", path) - path);
  EXPECT_EQ(std::count(data.begin(), data.end(), 'M'), 2);
  EXPECT_THAT(picture, HasSubstr("&lt;loss&gt;"));
}

TEST(LineChart, nothing_finite_is_said_and_drawn_without_a_line) {
  const std::string picture = svg(lines({{.label = "loss", .x = {1, 2}, .y = {NAN, NAN}}}));
  expect_drawable(picture);
  EXPECT_THAT(picture, HasSubstr("no finite value"));
  expect_drawable(svg(lines({})));
}

TEST(LineChart, labels_of_lines_that_end_together_do_not_overlap) {
  std::vector<Series> series;
  for (int i = 0; i < 5; ++i) series.push_back({.label = "line" + std::to_string(i), .x = {1, 2}, .y = {0.0 + i, 3}});
  const std::string picture = svg(lines(series));
  std::vector<double> places;
  for (int i = 0; i < 5; ++i) {
    const size_t text = picture.rfind("<text", picture.find(">line" + std::to_string(i)));
    places.push_back(std::stod(picture.substr(picture.find("y=\"", text) + 3)));
  }
  std::ranges::sort(places);
  for (size_t i = 1; i < places.size(); ++i) EXPECT_GT(places[i] - places[i - 1], 13);
}

TEST(LineChart, series_of_different_lengths_are_refused) { EXPECT_THROW(svg(lines({{.label = "", .x = {1}, .y = {}}})), ArgumentError); }

observe::Histogram bell(double scale, int64_t non_finite = 0) {
  return {.low = -scale, .high = scale, .counts = {1, 5, 9, 5, 1}, .non_finite = non_finite, .mean = 0, .standard_deviation = scale / 2};
}

TEST(Ridgeline, every_moment_is_named_and_drawn) {
  const Ridgeline chart{.title = "T", .subtitle = "", .x_label = "x", .ridges = {{"before", bell(1)}, {"epoch 1", bell(2)}, {"epoch 2", bell(0.1)}}};
  const std::string picture = svg(chart);
  expect_drawable(picture);
  for (const char* name : {">before<", ">epoch 1<", ">epoch 2<"}) EXPECT_THAT(picture, HasSubstr(name));
}

TEST(Ridgeline, histograms_of_nothing_one_number_or_infinities_do_not_break_it) {
  const observe::Histogram nothing, constant{.low = 3, .high = 3, .counts = {0, 7, 0}, .non_finite = 0, .mean = 3, .standard_deviation = 0};
  observe::Histogram broken = bell(1);
  broken.low = -INFINITY, broken.mean = NAN;
  expect_drawable(svg(Ridgeline{.title = "T", .subtitle = "", .x_label = "x", .ridges = {}}));
  expect_drawable(svg(Ridgeline{.title = "T", .subtitle = "", .x_label = "x", .ridges = {{"a", nothing}}}));
  expect_drawable(svg(Ridgeline{.title = "T", .subtitle = "", .x_label = "x", .ridges = {{"a", constant}, {"b", constant}}}));
  const std::string picture = svg(Ridgeline{.title = "T", .subtitle = "", .x_label = "x", .ridges = {{"a", broken}, {"b", nothing}, {"c", bell(1e-300)}, {"d", bell(1, 4)}}});
  expect_drawable(picture);
  EXPECT_THAT(picture, HasSubstr("4 not finite"));
}

TEST(Ridgeline, of_many_moments_the_first_and_the_last_are_kept) {
  EXPECT_THAT(choose_evenly(3, 5), ElementsAre(0, 1, 2));
  EXPECT_THAT(choose_evenly(9, 3), ElementsAre(0, 4, 8));
  EXPECT_THAT(choose_evenly(7, 1), ElementsAre(6));
  EXPECT_THAT(choose_evenly(0, 4), ElementsAre());
  const std::vector<size_t> chosen = choose_evenly(65, 12);
  EXPECT_EQ(chosen.size(), 12u);
  EXPECT_EQ(chosen.front(), 0u);
  EXPECT_EQ(chosen.back(), 64u);
  EXPECT_TRUE(std::ranges::adjacent_find(chosen) == chosen.end());
}

TEST(FiringChart, the_share_of_units_that_never_fire_is_stated) {
  EXPECT_EQ(describe(summarise({0.0f, 0.5f, 1.0f, 0.25f})), "1 of 4 units (25 %) never fires; 1 always does");
  EXPECT_EQ(describe(summarise({0.0f, 0.0f, 0.25f})), "2 of 3 units (66.7 %) never fire");
  EXPECT_EQ(describe(summarise({0.5f, 0.25f})), "Every one of the 2 units fires on some sample");
  EXPECT_EQ(describe(summarise({1.0f, 1.0f})), "All 2 units are above 0 on every sample");
  EXPECT_EQ(describe(summarise({NAN})), "No firing rate was recorded");
  EXPECT_DOUBLE_EQ(summarise({0.5f, 1.0f, NAN}).mean, 0.75);
}

TEST(FiringChart, units_of_any_number_and_rates_of_any_kind_are_drawn) {
  expect_drawable(svg(FiringChart{.title = "T", .subtitle = "", .moments = {}}));
  expect_drawable(svg(FiringChart{.title = "T", .subtitle = "", .moments = {{"a", {}}}}));
  expect_drawable(svg(FiringChart{.title = "T", .subtitle = "", .moments = {{"a", {0.5f}}, {"b", {NAN}}}}));
  expect_drawable(svg(FiringChart{.title = "T", .subtitle = "", .moments = {{"a", {0, 0.5f, NAN, 1}}, {"b", {1, INFINITY, 0, 0.1f}}}}));
  EXPECT_THROW(svg(FiringChart{.title = "T", .subtitle = "", .moments = {{"a", {0.5f}}, {"b", {0.5f, 1}}}}), ArgumentError);
}

DecisionRegions regions() {
  DecisionRegions result{.x = {-1, 1}, .y = {-2, 2}, .columns = 3, .rows = 2, .predicted = {0, 0, 1, 0, 1, 1}, .probability = {1, 0.9f, 0.5f, 0.6f, 1, NAN},
                         .points = {{0, 0, 0, false}, {0.5, 1, 1, true}, {NAN, 0, 1, true}, {9, 9, -3, false}}, .class_names = {"cat", "<dog>"}, .x_name = "a&b", .y_name = "y"};
  return result;
}

TEST(DecisionChart, classes_samples_and_features_are_named_and_drawn) {
  const std::string picture = svg(regions(), "T");
  expect_drawable(picture);
  for (const char* text : {">cat<", ">&lt;dog&gt;<", ">train<", ">test<", ">a&amp;b<", "data:image/png;base64,"}) EXPECT_THAT(picture, HasSubstr(text));
}

TEST(DecisionChart, a_grid_that_is_not_filled_is_refused) {
  DecisionRegions broken = regions();
  broken.probability.pop_back();
  EXPECT_THROW(svg(broken, ""), ArgumentError);
  EXPECT_THROW(svg(DecisionRegions{}, ""), ArgumentError);
}

TEST(Png, the_file_is_made_of_the_chunks_of_the_standard) {
  const std::string bytes = png({.width = 1, .height = 1, .pixels = {{255, 0, 0}}});
  EXPECT_EQ(bytes.substr(0, 33), std::string("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90\x77\x53\xde", 33));
  EXPECT_EQ(bytes.substr(bytes.size() - 12), std::string("\0\0\0\0IEND\xae\x42\x60\x82", 12));
  EXPECT_THROW(png({.width = 2, .height = 1, .pixels = {{0, 0, 0}}}), ArgumentError);
  EXPECT_THROW(png({}), ArgumentError);
}

TEST(Png, the_data_URI_is_padded_base64) {
  const std::string uri = png_data_uri({.width = 1, .height = 1, .pixels = {{1, 2, 3}}});
  EXPECT_TRUE(uri.starts_with("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1Pe"));
  EXPECT_EQ((uri.size() - uri.find(',') - 1) % 4, 0u);
  EXPECT_TRUE(uri.ends_with("AAAABJRU5ErkJggg==") || uri.ends_with("ElFTkSuQmCC") || uri.ends_with("BJRU5ErkJggg=")) << uri;
}

TEST(Palette, colours_are_mixed_and_written) {
  EXPECT_EQ(to_string(Colour{0, 171, 255}), "#00abff");
  EXPECT_EQ(mix({0, 0, 0}, {200, 100, 50}, 0.5), (Colour{100, 50, 25}));
  EXPECT_EQ(mix({0, 0, 0}, {200, 100, 50}, NAN), (Colour{0, 0, 0}));
  EXPECT_EQ(mix({0, 0, 0}, {200, 100, 50}, 7), (Colour{200, 100, 50}));
}

}  // namespace
}  // namespace rectify::report
