#include "rectify/activation/formula.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "rectify/activation/derivative.h"

namespace rectify::activation {
namespace {

using ::testing::HasSubstr;

constexpr double infinity = std::numeric_limits<double>::infinity();

std::string simplified(const char* text, Derivative derivative = value_itself) {
  return formula(text, {{"a", 1.0}, {"b", 1.0}}).formula->compiled(derivative).text;
}

TEST(Formula, textbook_forms_become_well_conditioned_ones) {
  const std::pair<const char*, const char*> cases[] = {
      {"1/(1+exp(-x))", "sigmoid(x)"},
      {"exp(x)/(exp(x)+1)", "sigmoid(x)"},
      {"x*exp(x)/(1+exp(x))", "x*sigmoid(x)"},
      {"exp(a*x)/(exp(a*x)+exp(b*x))", "sigmoid((a*x + (-x*b)))"},
      {"log(1+exp(x))", "softplus(x)"},
      {"log(exp(a)+exp(x))", "(x + softplus((a + (-x))))"},
      {"-log(1/(1+exp(-x)))", "softplus((-x))"},
      {"x-log(1+exp(x))", "(-softplus((-x)))"},
      {"exp(x)-1", "expm1(x)"},
      {"2*exp(x)-2", "2*expm1(x)"},
      {"(exp(x)-exp(-x))/(exp(x)+exp(-x))", "tanh(x)"},
      {"(exp(-x)-exp(x))/(exp(x)+exp(-x))", "tanh((-x))"},
      {"sinh(x)/cosh(x)", "tanh(x)"},
      {"(1-exp(-2*x))/(1+exp(-2*x))", "tanh(x)"},
      {"2/(1+exp(-x))-1", "tanh(0.5*x)"},
      {"x*((1+exp(x))^2-1)/((1+exp(x))^2+1)", "x*tanh(softplus(x))"},
      {"x*(exp(x)-exp(-x))/(exp(x)+exp(-x))", "x*tanh(x)"},
      {"1+erf(x)", "erfc((-x))"},
      {"x/2*(1+erf(x/sqrt(2)))", "x*Phi(x)"},
      {"0.5*(1+erf((x-a)/(b*sqrt(2))))", "Phi((x + (-a))/(b))"},
      {"1-tanh(x)^2", "4*sigmoid(2*x)*sigmoid((-2)*x)"},
      {"(1-cos(2*a*x))/(2*a)", "(sin(a*x))^2/(a)"},
      {"log(1+x)", "log1p(x)"},
      {"sqrt(x^2)", "abs(x)"},
      {"x+x-2*x", "0"},
      {"0.1+0.2", "(0.1 + 0.2)"},
  };
  for (const auto& [text, form] : cases) {
    // Negative tangents print with their sign outside.
    const std::string expected = std::string(form) == "tanh((-x))" ? "(-tanh(x))" : form;
    EXPECT_EQ(simplified(text), expected) << text;
  }
}

TEST(Formula, simplified_forms_and_the_text_have_the_same_values) {
  // The expression as it is written, in long double, beside the exact value of what became of it.
  const Function f = formula("x*((1+exp(x))^2-1)/((1+exp(x))^2+1) - (1-exp(-a*x))/(1+exp(-a*x))*log(exp(x)+exp(b)) + 1/(1+exp(x))", {{"a", 1.5}, {"b", 0.25}});
  for (double x = -6; x <= 6; x += 0.37) {
    const long double v = x, e = std::exp(v), m = std::exp(-1.5L * v);
    const long double expected = v * ((1 + e) * (1 + e) - 1) / ((1 + e) * (1 + e) + 1) - (1 - m) / (1 + m) * std::log(e + std::exp(0.25L)) + 1 / (1 + e);
    EXPECT_NEAR(evaluate(f, x), static_cast<double>(expected), 1e-14) << x;
  }
}

TEST(Formula, derivatives_agree_with_differences) {
  const char* texts[] = {"x*tanh(log(1+exp(a*x)))",   "x/(1+abs(x))^2",         "sin(a*x)*cos(x) + arctan(x)", "sqrt(1+x^2)/(2+erf(b*x))",  "exp(-x^2)*erfc(x) + Phi(a*x)",
                         "max(x, a) + min(x^3, b*x)", "where(x<a, x^4, b*x^-2)", "log(3+x^2)*log1p(x^2) - expm1(x)", "softplus(b*x)*sigmoid(a*x)", "sinh(x)/cosh(a*x) - (-x)^3"};
  for (const char* text : texts) {
    const std::vector<std::pair<std::string, double>> parameters{{"a", 0.7}, {"b", 1.3}};
    const Function f = formula(text, parameters);
    const auto at = [&](double x, double a, double b, Derivative d) {
      Function moved = f;
      moved.parameters[0] = a, moved.parameters[1] = b;
      return evaluate(moved, x, d);
    };
    constexpr double h = 1e-4, a = 0.7, b = 1.3;
    for (const double x : {-2.3, -0.4, 0.3, 1.9}) {
      const auto by_x = [&](Derivative d) { return (at(x - 2 * h, a, b, d) - 8 * at(x - h, a, b, d) + 8 * at(x + h, a, b, d) - at(x + 2 * h, a, b, d)) / (12 * h); };
      const auto by_a = [&](Derivative d) { return (at(x, a - 2 * h, b, d) - 8 * at(x, a - h, b, d) + 8 * at(x, a + h, b, d) - at(x, a + 2 * h, b, d)) / (12 * h); };
      const auto by_b = [&](Derivative d) { return (at(x, a, b - 2 * h, d) - 8 * at(x, a, b - h, d) + 8 * at(x, a, b + h, d) - at(x, a, b + 2 * h, d)) / (12 * h); };
      const auto near = [&](double value, double difference, const char* what) {
        EXPECT_NEAR(value, difference, 1e-9 * std::max(1.0, std::fabs(value))) << text << " " << what << " at " << x;
      };
      near(at(x, a, b, slope), by_x(value_itself), "slope");
      near(at(x, a, b, curvature), by_x(slope), "curvature");
      near(at(x, a, b, {.parameter = 1, .which = 0}), by_a(value_itself), "by a");
      near(at(x, a, b, {.parameter = 1, .which = 1}), by_b(value_itself), "by b");
      near(at(x, a, b, {.x = 1, .parameter = 1, .which = 0}), by_a(slope), "slope by a");
      near(at(x, a, b, {.parameter = 2, .which = 1}), by_b({.parameter = 1, .which = 1}), "by b twice");
      near(at(x, a, b, {.parameter = 2, .which = 0, .other = 1}), by_b({.parameter = 1, .which = 0}), "by a and b");
    }
  }
}

TEST(Formula, at_a_kink_the_slope_is_one_sides) {
  EXPECT_EQ(evaluate(formula("max(x, 0)"), 0, slope), 0);
  EXPECT_EQ(evaluate(formula("max(0, x)"), 0, slope), 0);
  EXPECT_EQ(evaluate(formula("min(max(x, -1), 1)"), 1, slope), 0);
  EXPECT_EQ(evaluate(formula("abs(x)"), 0, slope), 0);
  EXPECT_EQ(evaluate(formula("where(x >= 0, x, 0)"), 0, slope), 1);
}

TEST(Formula, limits_overflow_and_zeros_are_right) {
  const auto at = [](const char* text, double x) { return evaluate(formula(text), x); };
  EXPECT_EQ(at("x/(1+exp(-x))", infinity), infinity);
  EXPECT_TRUE(std::signbit(at("x/(1+exp(-x))", -infinity)) && at("x/(1+exp(-x))", -infinity) == 0);
  EXPECT_EQ(at("(exp(exp(x))-1)/(exp(exp(x))+1)", 1e30), 1);
  EXPECT_EQ(at("(x^2+exp(x))/(exp(x)-x)", 3e38), 1);
  EXPECT_EQ(at("(x^2+exp(x))/(exp(x)-x)", infinity), 1);
  EXPECT_EQ(at("exp(x)*exp(-x)", 1e300), 1);
  EXPECT_EQ(at("log(x)", infinity), infinity);
  EXPECT_EQ(at("1/log(2+x^2)", infinity), 0);
  EXPECT_TRUE(std::isnan(at("sin(x)", infinity)));
  EXPECT_TRUE(std::isnan(at("log(x)", -1)));
  EXPECT_TRUE(std::isnan(at("1/x", 0)));
  EXPECT_TRUE(std::isnan(at("x", std::numeric_limits<double>::quiet_NaN())));
  EXPECT_TRUE(std::signbit(at("x*sigmoid(x)", -0.0)));
  EXPECT_TRUE(std::signbit(at("x*exp(x)", -1e9))) << "an underflow keeps its sign";
  EXPECT_FALSE(std::signbit(at("x*max(x, 0)", -2))) << "a flat part is +0";
  EXPECT_TRUE(std::signbit(at("sign(x)*max(abs(x) - 1, 0)", -0.5))) << "an odd function keeps the sign of zero";
  EXPECT_EQ(at("x-(1-(1-x))", 0.3), 0);
}

TEST(Formula, faults_are_shown_with_a_caret) {
  const auto fault = [](const char* text, std::vector<std::pair<std::string, double>> parameters = {}) {
    const auto result = Formula::parse(text, parameters);
    return result ? std::string("parsed") : result.error();
  };
  EXPECT_THAT(fault("x*sigmoid(beta*x)"), HasSubstr("unknown name 'beta'"));
  EXPECT_THAT(fault("x*sigmoid(beta*x)"), HasSubstr("\n  x*sigmoid(beta*x)\n            ^"));
  EXPECT_THAT(fault("x*(1+"), HasSubstr("^"));
  EXPECT_THAT(fault("x", {{"x", 1.0}}), HasSubstr("already has a meaning"));
  EXPECT_THAT(fault("b*x", {{"b", 1.0}, {"b", 2.0}}), HasSubstr("given twice"));
  EXPECT_THAT(fault("b*x", {{"b", infinity}}), HasSubstr("finite"));
  EXPECT_THAT(fault("b*x", {{"2b", 1.0}}), HasSubstr("not a name"));
  EXPECT_THAT(fault("a+b+c+d+f", {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"f", 1}}), HasSubstr("at most 4"));
  EXPECT_THROW(formula("x +"), ArgumentError);
}

TEST(Formula, reads_back_from_its_own_text) {
  const Function f = formula("x*sigmoid(beta*x)", {{"beta", 1.5}});
  EXPECT_EQ(to_string(f), "formula(\"x*sigmoid(beta*x)\", beta=1.5)");
  EXPECT_EQ(from_specification(parse_specification(to_string(f)).or_throw()).or_throw(), f);
  EXPECT_NE(f, formula("x*sigmoid(beta*x)", {{"beta", 1.25}}));
  EXPECT_NE(f, formula("x*sigmoid(x*beta)", {{"beta", 1.5}}));
  EXPECT_FALSE(from_specification(parse_specification("formula(x)").or_throw()));
  EXPECT_FALSE(from_specification(parse_specification("formula(\"x*b\", 2)").or_throw()));
  EXPECT_THAT(from_specification(parse_specification("formula(\"x*b\")").or_throw()).error(), HasSubstr("unknown name 'b'"));
}

TEST(Formula, may_be_compiled_by_several_threads_at_once) {
  const Function f = formula("x*tanh(log(1+exp(beta*x)))", {{"beta", 1.0}});
  std::vector<double> results(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < results.size(); ++i) threads.emplace_back([&, i] { results[i] = evaluate(f, 0.5, {static_cast<int>(i % 3), 0, 0}); });
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 3; i < results.size(); ++i) EXPECT_EQ(results[i], results[i - 3]);
}

}  // namespace
}  // namespace rectify::activation
