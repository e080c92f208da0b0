#include "rectify/report/curve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/report/activation_chart.h"
#include "tests/report/xml_checker.h"

namespace rectify::report {
namespace {

TEST(Curve, a_smooth_function_is_one_piece) {
  for (const double steepness : {1.0, 20.0}) {
    const Curve curve = sample([&](double x) { return std::tanh(steepness * x); }, {-5, 5});
    EXPECT_TRUE(curve.jumps.empty());
    ASSERT_EQ(curve.pieces.size(), 1u);
    EXPECT_EQ(curve.pieces[0].front().x, -5);
    EXPECT_EQ(curve.pieces[0].back().x, 5);
  }
}

TEST(Curve, a_jump_is_found_with_both_limits_and_the_value_there) {
  for (const double at_jump : {0.0, 1.0, 0.5}) {
    const Curve curve = sample([&](double x) { return x < 0 ? 0.0 : x > 0 ? 1.0 : at_jump; }, {-5, 5});
    ASSERT_EQ(curve.jumps.size(), 1u);
    EXPECT_EQ(curve.jumps[0].x, 0);
    EXPECT_EQ(curve.jumps[0].left, 0);
    EXPECT_EQ(curve.jumps[0].right, 1);
    EXPECT_EQ(curve.jumps[0].at, at_jump);
  }
}

TEST(Curve, no_piece_crosses_a_jump) {
  const double places[] = {-3, 0.1, 1.0 / 3};
  const auto f = [&](double x) { return static_cast<double>(std::ranges::count_if(places, [&](double place) { return x >= place; })) + 0.1 * x; };
  const Curve curve = sample(f, {-5, 5});
  ASSERT_EQ(curve.jumps.size(), 3u);
  ASSERT_EQ(curve.pieces.size(), 4u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(curve.jumps[i].x, places[i], 1e-9);
    EXPECT_NEAR(curve.jumps[i].right - curve.jumps[i].left, 1, 1e-4);
    EXPECT_EQ(curve.pieces[i].back().x, curve.jumps[i].x);
    EXPECT_EQ(curve.pieces[i + 1].front().x, curve.jumps[i].x);
  }
  for (const auto& piece : curve.pieces) {
    for (size_t i = 1; i < piece.size(); ++i) EXPECT_LT(std::fabs(piece[i].y - piece[i - 1].y), 0.1);
  }
}

TEST(Curve, corners_are_points_of_the_curve) {
  const double corner[] = {0.123456};
  const Curve curve = sample([](double x) { return std::fabs(x - 0.123456); }, {-1, 1}, corner, 10);
  ASSERT_EQ(curve.pieces.size(), 1u);
  EXPECT_TRUE(std::ranges::any_of(curve.pieces[0], [](Point point) { return point.x == 0.123456 && point.y == 0; }));
}

TEST(Curve, drawing_leaves_out_points_that_a_straight_line_does_not_need) {
  Drawing drawing(100, 100, "");
  draw_curve(drawing, {.box = {0, 0, 100, 100}, .x = {-1, 1}, .y = {-1, 1}}, sample([](double x) { return x; }, {-1, 1}), {});
  EXPECT_NE(drawing.finish().find("d=\"M0 100L100 0\""), std::string::npos) << drawing.finish();
}

TEST(ActivationChart, slopes_jump_where_the_functions_have_kinks_and_nowhere_else) {
  const auto kinks = [](const char* name) {
    std::vector<double> places;
    for (const Jump& jump : curves_of(activation::make(*activation::find(name))).slope.jumps) places.push_back(jump.x);
    return places;
  };
  EXPECT_EQ(kinks("relu"), std::vector<double>{0});
  EXPECT_EQ(kinks("leaky_relu"), std::vector<double>{0});
  EXPECT_EQ(kinks("hardtanh"), (std::vector<double>{-1, 1}));
  EXPECT_EQ(kinks("hardswish"), (std::vector<double>{-3, 3}));
  EXPECT_EQ(kinks("selu"), std::vector<double>{0});
  EXPECT_EQ(kinks("elu"), std::vector<double>{});
  EXPECT_EQ(kinks("tanh"), std::vector<double>{});
  EXPECT_EQ(kinks("mish"), std::vector<double>{});
}

TEST(ActivationChart, every_activation_has_a_picture_that_can_be_drawn) {
  for (const activation::Id id : activation::all()) {
    const std::string picture = svg(curves_of(activation::make(id)));
    EXPECT_EQ(xml_problem(picture), "") << activation::spec(id).name;
    EXPECT_FALSE(has_bad_number(picture)) << activation::spec(id).name;
  }
}

TEST(Poster, it_names_every_activation) {
  const std::string poster = poster_of_catalogue();
  EXPECT_EQ(xml_problem(poster), "");
  for (const activation::Id id : activation::all()) EXPECT_NE(poster.find(">" + std::string(activation::spec(id).name) + "<"), std::string::npos);
}

}  // namespace
}  // namespace rectify::report
