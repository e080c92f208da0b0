#include "rectify/data/toy.h"

#include <cmath>

#include "rectify/base/error.h"
#include "tests/data/support.h"

namespace rectify::data {
namespace {

using testing::HasSubstr;

const Toy every_kind[] = {Toy::xor_problem, Toy::moons, Toy::circles, Toy::spirals, Toy::blobs};

TEST(Toy, points_are_a_function_of_the_options) {
  for (const Toy kind : every_kind) {
    const ToyPoints a = make_toy(kind, {.n = 60, .seed = 3}), b = make_toy(kind, {.n = 90, .seed = 3}), c = make_toy(kind, {.n = 60, .seed = 4});
    const auto pa = a.points.values<double>(), pb = b.points.values<double>(), pc = c.points.values<double>();
    EXPECT_TRUE(std::equal(pa.begin(), pa.end(), pb.begin())) << name(kind);  // more points leave the first ones alone
    EXPECT_FALSE(std::equal(pa.begin(), pa.end(), pc.begin())) << name(kind);
  }
}

TEST(Toy, names_go_both_ways) {
  for (const Toy kind : every_kind) EXPECT_EQ(toy_named(name(kind)), kind);
  EXPECT_EQ(toy_named("rings"), std::nullopt);
}

TEST(Toy, classes_are_equally_frequent) {
  for (const Toy kind : every_kind) {
    const ToyPoints toy = make_toy(kind, {.n = 600});
    std::vector<int> counts(static_cast<size_t>(default_classes(kind)));
    for (const int64_t k : toy.classes.values<int64_t>()) ++counts.at(static_cast<size_t>(k));
    for (const int count : counts) EXPECT_EQ(count, 600 / static_cast<int>(counts.size())) << name(kind);
  }
}

TEST(Toy, without_noise_the_points_lie_on_their_shapes) {
  const ToyOptions clean{.n = 200, .noise = 0.0, .seed = 1};
  const auto each = [&](Toy kind, auto check) {
    const ToyPoints toy = make_toy(kind, clean);
    for (int64_t i = 0; i < clean.n; ++i) check(toy.points.at(2 * i), toy.points.at(2 * i + 1), toy.classes.data<int64_t>()[i]);
  };
  each(Toy::xor_problem, [](double x, double y, int64_t k) {
    EXPECT_EQ(std::abs(x), 1);
    EXPECT_EQ(std::abs(y), 1);
    EXPECT_EQ(k, x * y < 0);
  });
  each(Toy::circles, [](double x, double y, int64_t k) { EXPECT_NEAR(std::hypot(x, y), k == 0 ? 1 : 0.5, 1e-12); });
  each(Toy::moons, [](double x, double y, int64_t k) {
    EXPECT_NEAR(k == 0 ? std::hypot(x, y) : std::hypot(x - 1, y - 0.5), 1, 1e-12);
    EXPECT_TRUE(k == 0 ? y >= -1e-12 : y <= 0.5 + 1e-12);
  });
  each(Toy::spirals, [](double x, double y, int64_t k) {
    const double u = (std::hypot(x, y) - 0.3) / 2.7, turns = std::atan2(y, x) / (2 * M_PI) - static_cast<double>(k) / 2 - 1.25 * u;
    EXPECT_NEAR(turns, std::round(turns), 1e-10);
  });
  each(Toy::blobs, [](double x, double y, int64_t k) {
    EXPECT_NEAR(x, 2 * std::cos(2 * M_PI * static_cast<double>(k) / 3), 1e-12);
    EXPECT_NEAR(y, 2 * std::sin(2 * M_PI * static_cast<double>(k) / 3), 1e-12);
  });
}

TEST(Toy, noise_has_the_standard_deviation_that_was_asked_for) {
  const ToyPoints toy = make_toy(Toy::xor_problem, {.n = 40000, .noise = 0.3});
  const ToyPoints clean = make_toy(Toy::xor_problem, {.n = 40000, .noise = 0.0});
  double sum = 0, squares = 0, products = 0;
  for (int64_t i = 0; i < 80000; ++i) {
    const double d = toy.points.at(i) - clean.points.at(i);
    sum += d;
    squares += d * d;
    if (i % 2 == 1) products += d * (toy.points.at(i - 1) - clean.points.at(i - 1));
  }
  EXPECT_NEAR(sum / 80000, 0, 0.005);
  EXPECT_NEAR(std::sqrt(squares / 80000), 0.3, 0.004);
  EXPECT_NEAR(products / 40000, 0, 0.003);  // the coordinates are independent
}

TEST(Toy, spirals_and_blobs_take_a_number_of_classes_and_the_others_do_not) {
  EXPECT_EQ(make_toy(Toy::spirals, {.n = 10, .classes = 5}).groups, 5);
  EXPECT_THAT(message_of<ArgumentError>([] { make_toy(Toy::moons, {.classes = 3}); }), HasSubstr("[moons] the number of classes is fixed at 2"));
  EXPECT_THAT(message_of<ArgumentError>([] { make_toy(Toy::blobs, {.classes = 1}); }), HasSubstr("[blobs] classes is 1; expected 2 to 100"));
}

TEST(Toy, options_out_of_range_are_refused) {
  EXPECT_THAT(message_of<ArgumentError>([] { make_toy(Toy::xor_problem, {.n = 3}); }), HasSubstr("[xor] n is 3; expected 4 to 10000000 points"));
  EXPECT_THAT(message_of<ArgumentError>([] { make_toy(Toy::circles, {.n = INT64_MAX}); }), HasSubstr("expected 2 to 10000000"));
  EXPECT_THAT(message_of<ArgumentError>([] { make_toy(Toy::circles, {.noise = -0.1}); }), HasSubstr("noise is -0.1"));
  EXPECT_THAT(message_of<ArgumentError>([] { make_toy(Toy::circles, {.noise = NAN}); }), HasSubstr("noise is nan"));
}

}  // namespace
}  // namespace rectify::data
