#include "rectify/data/preprocessing.h"

#include <cmath>
#include <numeric>

#include "tests/data/support.h"

namespace rectify::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<int64_t> first(int64_t n) {
  std::vector<int64_t> rows(static_cast<size_t>(n));
  std::iota(rows.begin(), rows.end(), int64_t{0});
  return rows;
}

const Tensor table = Tensor::from(std::vector<double>{1, 7, 100, 3, 7, 200, 5, 7, 600, 1000, 0, 0}, Shape{4, 3});

TEST(Preprocessing, standard_scaling_is_fitted_on_the_given_rows_only) {
  Preprocessing p;
  fit_scaling(p, Scale::standard, table, first(3));
  EXPECT_THAT(p.offset, ElementsAre(3, 7, 300));
  EXPECT_THAT(p.divisor, ElementsAre(std::sqrt(8.0 / 3), 1, std::sqrt(140000.0 / 3)));  // the constant column is divided by 1
  EXPECT_EQ(p.sample_shape, (Shape{3}));
  const Tensor scaled = scale_rows(p, table, std::vector<int64_t>{3, 0});
  EXPECT_EQ(scaled.shape(), (Shape{2, 3}));
  EXPECT_EQ(scaled.values<float>()[0], static_cast<float>(997 / std::sqrt(8.0 / 3)));
  EXPECT_EQ(scaled.values<float>()[1], -7.0f);
  EXPECT_EQ(scaled.values<float>()[4], 0.0f);
}

TEST(Preprocessing, a_constant_column_becomes_exactly_zero) {
  const Tensor constant = Tensor::from(std::vector<double>{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, Shape{7, 1});
  Preprocessing p;
  fit_scaling(p, Scale::standard, constant, first(7));
  const Tensor scaled = scale_rows(p, constant, first(7));
  for (const float value : scaled.values<float>()) EXPECT_EQ(value, 0.0f);
}

TEST(Preprocessing, standard_scaling_gives_mean_zero_and_deviation_one) {
  std::vector<double> values;
  for (int i = 0; i < 30000; ++i) values.push_back(1e6 + std::sin(i) * (i % 3 + 1));
  const Tensor raw = Tensor::from(values, Shape{10000, 3});
  Preprocessing p;
  fit_scaling(p, Scale::standard, raw, first(10000));
  const Tensor scaled = scale_rows(p, raw, first(10000));
  for (int64_t k = 0; k < 3; ++k) {
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < 10000; ++i) sum += scaled.at(3 * i + k), squares += scaled.at(3 * i + k) * scaled.at(3 * i + k);
    EXPECT_NEAR(sum / 10000, 0, 1e-7);
    EXPECT_NEAR(squares / 10000, 1, 1e-6);
  }
}

TEST(Preprocessing, unit_scaling_maps_the_range_to_0_and_1_and_bytes_to_255ths) {
  Preprocessing p;
  fit_scaling(p, Scale::unit, table, first(3));
  EXPECT_THAT(scale_rows(p, table, first(3)).values<float>(), ElementsAre(0, 0, 0, 0.5f, 0, 0.2f, 1, 0, 1));
  const Tensor bytes = Tensor::from(std::vector<uint8_t>{0, 51, 102, 255}, Shape{1, 2, 2});
  fit_scaling(p, Scale::unit, bytes, first(1));
  EXPECT_EQ(p.sample_shape, (Shape{2, 2}));
  const Tensor scaled = scale_rows(p, bytes, first(1));
  EXPECT_EQ(scaled.shape(), (Shape{1, 4}));
  EXPECT_THAT(scaled.values<float>(), ElementsAre(0, 0.2f, 0.4f, 1));
}

TEST(Preprocessing, images_share_one_offset_and_one_divisor) {
  const Tensor bytes = Tensor::from(std::vector<uint8_t>{0, 2, 4, 6, 1, 1, 1, 1}, Shape{2, 2, 2});
  Preprocessing p;
  fit_scaling(p, Scale::standard, bytes, first(1));
  EXPECT_THAT(p.offset, ElementsAre(3));
  EXPECT_THAT(p.divisor, ElementsAre(std::sqrt(5.0)));
}

TEST(Preprocessing, none_leaves_the_numbers_alone) {
  Preprocessing p;
  fit_scaling(p, Scale::none, table, first(4));
  EXPECT_EQ(scale_rows(p, table, first(4)).values<float>()[9], 1000.0f);
}

TEST(Preprocessing, misuse_and_numbers_beyond_float32_are_refused) {
  Preprocessing p;
  EXPECT_THAT(message_of<ArgumentError>([&] { fit_scaling(p, Scale::standard, table, {}); }), HasSubstr("no numbers to fit"));
  EXPECT_THAT(message_of<ShapeError>([&] { fit_scaling(p, Scale::none, Tensor::zeros(Shape{3}), first(1)); }), HasSubstr("found (3"));
  fit_scaling(p, Scale::none, table, first(1));
  EXPECT_THAT(message_of<ShapeError>([&] { scale_rows(p, Tensor::zeros(Shape{1, 2}), first(1)); }), HasSubstr("are expected, found (1, 2)"));
  const Tensor huge = Tensor::from(std::vector<double>{1, 1, 1e300, -1e300, 1.7e308, -1.7e308}, Shape{2, 3});
  p.feature_names = {"a", "b", "c"};
  EXPECT_THAT(message_of<ArgumentError>([&] { scale_rows(p, huge, first(2)); }), HasSubstr("row 1, feature c: 1"));
  const Tensor overflow = Tensor::from(std::vector<double>{1.7e308, -1.7e308}, Shape{2, 1});
  p.feature_names = {"a"};
  EXPECT_THAT(message_of<ArgumentError>([&] { fit_scaling(p, Scale::unit, overflow, first(2)); }), HasSubstr("feature a are too large to be scaled"));
}

Preprocessing example() {
  Preprocessing p;
  p.task = Task::classification;
  p.scale = Scale::standard;
  p.sample_shape = Shape{3};
  p.feature_names = {"a", "b \"quoted\"", "caf\xc3\xa9"};
  p.class_names = {"x", "y"};
  p.label_name = "kind";
  p.label_index = 3;
  p.offset = {0.1, -1e-310, 1.0 / 3};
  p.divisor = {1e300, 4.9e-324, 0.30000000000000004};
  return p;
}

TEST(Preprocessing, json_restores_every_bit) {
  const Preprocessing p = example();
  const Preprocessing again = preprocessing_from_json(to_json(p)).or_throw();
  EXPECT_EQ(again, p);
  Preprocessing image;
  image.task = Task::regression;
  image.scale = Scale::unit;
  image.sample_shape = Shape{2, 2};
  image.offset = {0};
  image.divisor = {255};
  EXPECT_EQ(preprocessing_from_json(to_json(image)).or_throw(), image);
}

std::string failure(const std::string& json) {
  const auto result = preprocessing_from_json(json);
  return result ? "no failure" : result.error();
}

TEST(Preprocessing, json_that_was_damaged_is_refused_with_the_reason) {
  const std::string good = to_json(example());
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string json = good;
    EXPECT_NE(json.find(from), std::string::npos) << from;
    return json.replace(json.find(from), from.size(), to);
  };
  EXPECT_EQ(failure(good), "no failure");
  EXPECT_THAT(failure("{"), HasSubstr("not JSON"));
  EXPECT_THAT(failure("[]"), HasSubstr("expected a JSON object"));
  EXPECT_THAT(failure("{}"), HasSubstr("the member task is missing"));
  EXPECT_THAT(failure(replaced("\"classification\"", "\"ranking\"")), HasSubstr("task is 'ranking'"));
  EXPECT_THAT(failure(replaced("[3]", "[4]")), HasSubstr("number of offsets"));
  EXPECT_THAT(failure(replaced("[3]", "[-3]")), HasSubstr("["));
  EXPECT_THAT(failure(replaced("[3]", "[1e300]")), HasSubstr("not made of whole numbers"));
  EXPECT_THAT(failure(replaced("[3]", "[]")), HasSubstr("the shape of a sample"));
  EXPECT_THAT(failure(replaced("[\"x\",\"y\"]", "[]")), HasSubstr("class names"));
  EXPECT_THAT(failure(replaced("[\"x\",\"y\"]", "[1]")), HasSubstr("class_names has the wrong type"));
  EXPECT_THAT(failure(replaced("1e+300", "0")), HasSubstr("a divisor is 0"));
  EXPECT_THAT(failure(replaced("\"label_index\":3", "\"label_index\":0.5")), HasSubstr("label_index"));
}

}  // namespace
}  // namespace rectify::data
