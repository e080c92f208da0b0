#include "rectify/activation/dialects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "rectify/activation/limits.h"
#include "rectify/kernel/pointwise.h"
#include "tests/activation/catalogue_cases.h"

namespace rectify::activation {
namespace {

using testing::HasSubstr;

Result<Function> read(const std::string& text) { return from_specification(*parse_specification(text)); }
std::string resolved(const std::string& text) { return to_string(read(text).or_throw()); }
std::string fault(const std::string& text) {
  const Result<Function> result = read(text);
  return result ? "no fault: " + to_string(*result) : result.error();
}

TEST(Dialects, every_line_of_the_data_stands_for_an_activation_with_its_parameters) {
  for (const DialectName& line : dialect_names()) {
    SCOPED_TRACE(std::string(line.dialect) + ": " + std::string(line.theirs));
    EXPECT_TRUE(dialect_named(line.dialect));
    ASSERT_TRUE(read(std::string(line.ours))) << fault(std::string(line.ours));
    const Spec& ours = spec(line.function().id);
    for (const auto& [theirs, own] : line.renamed()) {
      const auto* end = ours.parameters + ours.parameter_count();
      EXPECT_TRUE(std::any_of(ours.parameters, end, [&](const Parameter& parameter) { return parameter.name == own; })) << own;
    }
    // The call that the line describes, through the whole of the look-up.
    std::string call = std::string(line.theirs) + "(";
    for (const auto& [name, value] : line.conditions()) call += std::string(name) + "=" + std::string(value) + ", ";
    for (const auto& [theirs, own] : line.renamed()) {
      for (int i = 0; i < ours.parameter_count(); ++i) {
        if (ours.parameters[i].name == own) call += std::string(theirs) + "=" + number(line.function().parameters[static_cast<size_t>(i)]).text + ", ";
      }
    }
    EXPECT_EQ(resolved(call + "dialect=" + std::string(line.dialect) + ")"), to_string(line.function()));
  }
}

TEST(Dialects, names_and_prefixes_are_unambiguous) {
  std::map<std::string, Id> meanings;
  for (const DialectName& line : dialect_names()) {
    if (!line.renamed().empty() || !line.conditions().empty()) continue;
    const auto [place, fresh] = meanings.emplace(std::string(line.dialect) + " " + std::string(line.theirs), line.function().id);
    EXPECT_TRUE(fresh) << place->first << " stands in the data twice";
  }
  std::set<std::string> prefixes;
  for (const Dialect& dialect : dialects()) {
    std::string text(dialect.prefixes);
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find(' ', at), text.size());
      EXPECT_TRUE(prefixes.insert(text.substr(at, end - at)).second) << text.substr(at, end - at);
      at = end + 1;
    }
  }
}

TEST(Dialects, have_their_defaults) {
  EXPECT_EQ(resolved("leaky_relu"), "leaky_relu(negative_slope=0.01)");
  EXPECT_EQ(resolved("leaky_relu(dialect=keras)"), "leaky_relu(negative_slope=0.2)");
  EXPECT_EQ(resolved("layers.LeakyReLU(dialect=keras)"), "leaky_relu(negative_slope=0.3)");
  EXPECT_EQ(resolved("leaky_relu(dialect=tensorflow)"), "leaky_relu(negative_slope=0.2)");
  EXPECT_EQ(resolved("leaky_relu(dialect=pytorch)"), "leaky_relu(negative_slope=0.01)");
  EXPECT_EQ(resolved("gelu(dialect=jax)"), "gelu_tanh");
  EXPECT_EQ(resolved("gelu(dialect=jax, approximate=false)"), "gelu");
  EXPECT_EQ(resolved("gelu(dialect=pytorch)"), "gelu");
  EXPECT_EQ(resolved("gelu(approximate=tanh, dialect=pytorch)"), "gelu_tanh");
  EXPECT_EQ(resolved("prelu(dialect=flax)"), "prelu(slope=0.01)");
  EXPECT_EQ(resolved("hardswish(dialect=jax)"), "hardswish(at_kinks=outer)");
  EXPECT_EQ(resolved("mish(dialect=fann)"), "mish") << "where nothing is known to differ, ours";
}

TEST(Dialects, take_the_parameter_names_of_the_library_and_ours) {
  EXPECT_EQ(resolved("LeakyRelu(alpha=0.3, dialect=onnx)"), "leaky_relu(negative_slope=0.3)");
  EXPECT_EQ(resolved("leaky_relu(negative_slope=0.3, dialect=onnx)"), "leaky_relu(negative_slope=0.3)");
  EXPECT_EQ(resolved("leaky_relu(0.3, dialect=keras)"), "leaky_relu(negative_slope=0.3)");
  EXPECT_EQ(resolved("relu(negative_slope=0.1, dialect=keras)"), "leaky_relu(negative_slope=0.1)");
  EXPECT_EQ(resolved("clip(alpha=-2, beta=3, dialect=onednn)"), "hardtanh(min_val=-2, max_val=3, at_kinks=left)");
  EXPECT_EQ(resolved("Swish(alpha=2, dialect=onnx)"), "swish(beta=2)");
  EXPECT_THAT(fault("leaky_relu(alpha=0.3)"), HasSubstr("no argument alpha"));
}

TEST(Dialects, are_recognised_by_their_prefixes) {
  EXPECT_EQ(resolved("nn.LeakyReLU"), "leaky_relu(negative_slope=0.01)");
  EXPECT_EQ(resolved("F.leaky_relu(0.3)"), "leaky_relu(negative_slope=0.3)");
  EXPECT_EQ(resolved("torch.nn.functional.gelu"), "gelu");
  EXPECT_EQ(resolved("jax.nn.gelu"), "gelu_tanh");
  EXPECT_EQ(resolved("tf.nn.leaky_relu"), "leaky_relu(negative_slope=0.2)");
  EXPECT_EQ(resolved("keras.layers.LeakyReLU"), "leaky_relu(negative_slope=0.3)");
  EXPECT_EQ(resolved("eltwise_swish(alpha=2)"), "swish(beta=2)");
  EXPECT_EQ(resolved("dnnl_eltwise_soft_relu"), "softplus(beta=1)");
  EXPECT_EQ(resolved("DNNL-Eltwise-Logistic"), resolved("sigmoid"));
  EXPECT_EQ(find("eltwise_bounded_nothing"), std::nullopt);
  EXPECT_EQ(find("nn."), std::nullopt);
}

TEST(Dialects, complain_of_what_contradicts_or_does_not_exist) {
  EXPECT_THAT(fault("leaky_relu(dialect=kears)"), HasSubstr("Did you mean keras"));
  EXPECT_THAT(fault("jax.nn.gelu(dialect=keras)"), HasSubstr("Leave one of them out"));
  EXPECT_THAT(fault("gelu(approximate=perhaps, dialect=jax)"), HasSubstr("approximate"));
  EXPECT_THAT(fault("leaky_relu(0.1, negative_slope=0.2, dialect=keras)"), HasSubstr("negative_slope"));
  EXPECT_THAT(fault("leaky_relu(0.1, 0.2, dialect=keras)"), HasSubstr("one value too many"));
  EXPECT_THAT(fault("jax.nn.nothing"), HasSubstr("'jax.nn.nothing'"));
  EXPECT_THAT(fault("relu(at_kinks=sideways)"), HasSubstr("'sideways'"));
  EXPECT_THAT(fault("softplus(beta=-1, dialect=pytorch)"), HasSubstr("above 0"));
}

TEST(Dialects, what_is_printed_reads_back_to_the_same_function) {
  for (const DialectName& line : dialect_names()) EXPECT_EQ(read(to_string(line.function())).or_throw(), line.function());
}

double slope_at(const std::string& text, double x) { return evaluate(read(text).or_throw(), x, slope); }

TEST(KinkConventions, choose_the_slope_at_a_kink) {
  EXPECT_EQ(slope_at("relu", 0), 0);
  EXPECT_EQ(slope_at("relu(dialect=fann)", 0), 1);
  EXPECT_EQ(slope_at("relu(at_kinks=mean)", 0), 0.5);
  EXPECT_EQ(slope_at("leaky_relu(dialect=jax)", 0), 1);
  const std::map<std::string, std::pair<double, double>> hardswish = {
      {"pytorch", {-0.5, 1.5}}, {"jax", {0, 1}}, {"onednn", {0, 0}}, {"tinygrad", {0, 1.5}}};
  for (const auto& [dialect, slopes] : hardswish) {
    EXPECT_EQ(slope_at("hardswish(dialect=" + dialect + ")", -3), slopes.first) << dialect;
    EXPECT_EQ(slope_at("hardswish(dialect=" + dialect + ")", 3), slopes.second) << dialect;
  }
  EXPECT_EQ(slope_at("hard_tanh(dialect=jax)", -1), 1);
  EXPECT_EQ(slope_at("hard_tanh(dialect=jax)", 1), 1);
  EXPECT_EQ(slope_at("clip(alpha=-1, beta=1, dialect=onednn)", -1), 0);
  EXPECT_EQ(slope_at("clip(alpha=-1, beta=1, dialect=onednn)", 1), 1);
  EXPECT_EQ(slope_at("selu(dialect=tinygrad)", 0), 1.0507009873554805);
}

class EveryKink : public testing::TestWithParam<Id> {};

TEST_P(EveryKink, conventions_change_the_slope_at_the_kinks_and_nothing_else) {
  const Function standard = make(GetParam());
  const std::vector<double> places = kinks(standard);
  for (const AtKinks convention : {AtKinks::left, AtKinks::right, AtKinks::inner, AtKinks::outer, AtKinks::mean, AtKinks::zero}) {
    Function f = standard;
    f.at_kinks = convention;
    std::vector<double> points{-40, -1.25, -1e-300, -0.0, 0, 1e-300, 0.75, 40, std::nan("")};
    for (const double x : places) points.insert(points.end(), {std::nextafter(x, -1e9), x, std::nextafter(x, 1e9)});
    for (const double x : points) {
      const bool at_kink = std::ranges::find(places, x) != places.end();
      for (const Derivative derivative : {value_itself, curvature, slope}) {
        const double expected = evaluate(standard, x, derivative), got = evaluate(f, x, derivative);
        if (derivative.x != 1 || !at_kink) {
          EXPECT_TRUE(got == expected || (std::isnan(got) && std::isnan(expected))) << x;
        }
      }
      if (!at_kink) continue;
      const double left = evaluate(standard, std::nextafter(x, -1e9), slope), right = evaluate(standard, std::nextafter(x, 1e9), slope), got = evaluate(f, x, slope);
      const double expected = convention == AtKinks::left ? left : convention == AtKinks::right ? right : convention == AtKinks::mean ? (left + right) / 2 : 0;
      if (convention == AtKinks::inner || convention == AtKinks::outer) continue;
      EXPECT_NEAR(got, expected, 1e-12) << x << ' ' << name(convention);
    }
  }
}

TEST_P(EveryKink, the_kernels_follow_the_convention_in_place_and_with_a_factor) {
  Function f = make(GetParam());
  f.at_kinks = AtKinks::right;
  std::vector<float> x(1100, 0.25f), g(1100, 3.0f);
  size_t next = 0;
  for (const double place : kinks(f)) {
    for (const size_t at : {7u, 511u, 512u, 1099u}) x[(at + next) % x.size()] = static_cast<float>(place);
    ++next;
  }
  std::vector<float> y(x.size()), in_place = x, scaled = g;
  kernel::pointwise<float>(f, slope, x.data(), nullptr, y.data(), static_cast<int64_t>(x.size()));
  kernel::pointwise<float>(f, slope, in_place.data(), nullptr, in_place.data(), static_cast<int64_t>(x.size()));
  kernel::pointwise<float>(f, slope, x.data(), scaled.data(), scaled.data(), static_cast<int64_t>(x.size()));
  for (size_t i = 0; i < x.size(); ++i) {
    const double expected = evaluate(f, static_cast<double>(x[i]), slope);
    EXPECT_EQ(y[i], static_cast<float>(expected)) << i;
    EXPECT_EQ(in_place[i], y[i]) << i;
    EXPECT_NEAR(scaled[i], 3 * expected, 1e-6 * (1 + std::fabs(expected))) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Dialects, EveryKink, every_activation(), case_name);

}  // namespace
}  // namespace rectify::activation
