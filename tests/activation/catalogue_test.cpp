#include "rectify/activation/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "rectify/activation/limits.h"
#include "rectify/activation/quadrature.h"

namespace rectify::activation {
namespace {

using testing::HasSubstr;

Result<Function> read(const std::string& text) { return from_specification(*parse_specification(text)); }

TEST(Catalogue, has_every_name_once_and_no_alias_that_means_two_things) {
  std::set<std::string> seen;
  for (const Id id : all()) {
    EXPECT_TRUE(seen.insert(std::string(spec(id).name)).second) << spec(id).name;
    EXPECT_EQ(find(spec(id).name), id);
  }
  for (const Id id : all()) {
    std::string_view rest = spec(id).aliases;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(' '), rest.size());
      const std::string alias(rest.substr(0, end));
      EXPECT_TRUE(seen.insert(alias).second) << alias;
      EXPECT_EQ(find(alias), id) << alias;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

TEST(Catalogue, is_described_in_full) {
  for (const Id id : all()) {
    EXPECT_FALSE(spec(id).formula.empty());
    EXPECT_FALSE(spec(id).description.empty()) << spec(id).name;
    for (int i = 0; i < spec(id).parameter_count(); ++i) EXPECT_FALSE(spec(id).parameters[i].meaning.empty()) << spec(id).name;
  }
}

TEST(Catalogue, look_up_ignores_case_and_separators) {
  EXPECT_EQ(find("LeakyReLU"), Id::leaky_relu);
  EXPECT_EQ(find("leaky-relu"), Id::leaky_relu);
  EXPECT_EQ(find("parametric_softplus"), Id::softplus);
  EXPECT_EQ(find("linear"), Id::identity);
  EXPECT_EQ(find("no such thing"), std::nullopt);
  EXPECT_EQ(find(""), std::nullopt);
}

TEST(Catalogue, reads_specifications_by_position_and_by_name) {
  EXPECT_EQ(*read("leaky_relu(0.2)"), make(Id::leaky_relu, std::vector<double>{0.2}));
  EXPECT_EQ(*read("leaky_relu(negative_slope=0.2)"), make(Id::leaky_relu, std::vector<double>{0.2}));
  EXPECT_EQ(*read("leaky_relu"), make(Id::leaky_relu));
  EXPECT_EQ(*read("hardtanh(max_val=2)"), make(Id::hardtanh, std::vector<double>{-1, 2}));
}

TEST(Catalogue, suggests_the_nearest_name) {
  const Result<Function> result = read("rleu");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error(), HasSubstr("'rleu'"));
  EXPECT_THAT(result.error(), HasSubstr("relu"));
}

TEST(Catalogue, refuses_parameters_that_do_not_exist_or_are_out_of_range) {
  ASSERT_FALSE(read("leaky_relu(alpha=0.2)"));
  EXPECT_THAT(read("leaky_relu(alpha=0.2)").error(), HasSubstr("negative_slope"));
  ASSERT_FALSE(read("softplus(beta=0)"));
  EXPECT_THAT(read("softplus(beta=0)").error(), HasSubstr("above 0"));
  ASSERT_FALSE(read("hardtanh(2, 1)"));
  EXPECT_THAT(read("hardtanh(2, 1)").error(), HasSubstr("min_val <= max_val"));
  EXPECT_THROW(make(Id::relu, std::vector<double>{1.0}), ArgumentError);
  EXPECT_THROW(make(Id::smooth_relu, std::vector<double>{-1.0}), ArgumentError);
  EXPECT_THROW(make(Id::leaky_relu, std::vector<double>{std::numeric_limits<double>::quiet_NaN()}), ArgumentError);
}

TEST(Catalogue, prints_what_reads_back_to_the_same) {
  for (const Id id : all()) EXPECT_EQ(*read(to_string(make(id))), make(id));
  EXPECT_EQ(to_string(make(Id::leaky_relu, std::vector<double>{0.2})), "leaky_relu(negative_slope=0.2)");
  EXPECT_EQ(to_string(make(Id::relu)), "relu");
  const Function third = make(Id::leaky_relu, std::vector<double>{1.0 / 3});
  EXPECT_EQ(*read(to_string(third)), third);
}

TEST(Limits, understand_their_grammar_and_nothing_else) {
  const Spec& s = spec(Id::leaky_relu);
  const auto parameters = make(Id::leaky_relu).parameters;
  EXPECT_EQ(evaluate_limit("where(negative_slope > 0, -inf, 1)", s, parameters), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(evaluate_limit("2*(3 - 1)/8 + 1", s, parameters), 1.5);
  EXPECT_TRUE(std::signbit(evaluate_limit("-0", s, parameters)));
  for (const char* text : {"", "1 +", "unknown", "where(1, 2)", "1)", "#"}) EXPECT_TRUE(std::isnan(evaluate_limit(text, s, parameters))) << text;
}

TEST(Gain, has_the_published_values) {
  const auto gain_of = [](Id id) { return gain(make(id)); };
  EXPECT_NEAR(gain_of(Id::relu), std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(gain_of(Id::leaky_relu), std::sqrt(2 / (1 + 0.01 * 0.01)), 1e-12);
  EXPECT_NEAR(gain_of(Id::identity), 1, 1e-12);
  EXPECT_NEAR(gain_of(Id::tanh), 1.592537, 5e-7);
  EXPECT_NEAR(gain_of(Id::gelu), 1.533530, 5e-7);
  EXPECT_NEAR(gain_of(Id::silu), 1.676532, 5e-7);
  EXPECT_NEAR(gain_of(Id::mish), 1.486848, 5e-7);
  EXPECT_NEAR(gain_of(Id::selu), 1.000000, 5e-7);
  EXPECT_NEAR(gain_of(Id::elu), 1.245198, 5e-7);
  EXPECT_NEAR(gain_of(Id::sigmoid), 1.846229, 5e-7);
  EXPECT_NEAR(gain_of(Id::softplus), 1.041867, 5e-7);
  EXPECT_NEAR(gain_of(Id::hardswish), 1.736657, 5e-7);
}

TEST(NormalExpectation, integrates_the_moments) {
  EXPECT_NEAR(normal_expectation([](double) { return 1.0; }), 1, 1e-14);
  EXPECT_NEAR(normal_expectation([](double z) { return z; }), 0, 1e-14);
  EXPECT_NEAR(normal_expectation([](double z) { return z * z * z * z; }), 3, 1e-13);
}

}  // namespace
}  // namespace rectify::activation
