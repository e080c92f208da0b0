#include "rectify/activation/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rectify/activation/catalogue.h"

namespace rectify::activation {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// (a + b) as prefix text, to see how a formula was read.
std::string prefix(const Expression& e) {
  constexpr const char* names[] = {"", "x", "", "pi", "e", "+", "-", "*", "/", "min", "max", "<", "<=", "==", "where", "neg", "^", "abs"};
  if (e.operation == Operation::number || e.operation == Operation::parameter) return e.text;
  const auto index = static_cast<size_t>(e.operation);
  std::string text = index < std::size(names) ? names[index] : "f" + std::to_string(index);
  if (e.operation == Operation::power) text += std::to_string(e.exponent);
  if (e.operands.empty()) return text;
  text += "(";
  for (size_t i = 0; i < e.operands.size(); ++i) text += (i > 0 ? " " : "") + prefix(*e.operands[i]);
  return text + ")";
}

std::string read(std::string_view text, const std::vector<std::string>& parameters = {}) { return prefix(**parse_expression(text, parameters)); }

std::string error_of(std::string_view text, const std::vector<std::string>& parameters = {}) {
  const auto result = parse_expression(text, parameters);
  return result ? "no error" : result.error();
}

TEST(Expression, operators_bind_as_in_mathematics) {
  EXPECT_EQ(read("1 - x - 2"), "-(-(1 x) 2)");
  EXPECT_EQ(read("1 + x*2/3"), "+(1 /(*(x 2) 3))");
  EXPECT_EQ(read("-x^2"), "neg(^2(x))");
  EXPECT_EQ(read("x^-1*2"), "*(^-1(x) 2)");
  EXPECT_EQ(read("x^(-3)"), "^-3(x)");
  EXPECT_EQ(read("2*-x"), "*(2 neg(x))");
  EXPECT_EQ(read("e^-x"), read("exp(-x)"));
}

TEST(Expression, comparisons_are_turned_to_less_and_less_equal) {
  EXPECT_EQ(read("where(x > 0, x, 0)"), "where(<(0 x) x 0)");
  EXPECT_EQ(read("where((x >= a), x, 0)", {"a"}), "where(<=(a x) x 0)");
  EXPECT_EQ(read("where(x == 0, 1, x)"), "where(==(x 0) 1 x)");
}

TEST(Expression, a_decimal_is_exact_only_if_float64_holds_it) {
  const auto exact = [](std::string_view text) { return (*parse_expression(text))->exact; };
  for (const char* text : {"1", "0", "0.5", "1.25", "10", "1e3", "9007199254740992", "0.0009765625", "2.50", "0.0"}) EXPECT_TRUE(exact(text)) << text;
  for (const char* text : {"0.1", "1.702", "9007199254740993", "1e40", "1e-3", "1.0507009873554804934193349852946"}) EXPECT_FALSE(exact(text)) << text;
  EXPECT_EQ((*parse_expression("1.702"))->value, 1.702);
}

TEST(Expression, an_error_shows_the_text_with_a_caret_under_the_fault) {
  EXPECT_EQ(error_of("x*sofplus(x)"), "[formula] unknown name 'sofplus'. Did you mean softplus?\n  x*sofplus(x)\n    ^");
  EXPECT_EQ(error_of("x*(1 + 2"), "[formula] expected ')', the text ends here.\n  x*(1 + 2\n          ^");
  EXPECT_THAT(error_of("2x"), HasSubstr("a number runs into 'x'; products need a '*'.\n  2x\n   ^"));
  EXPECT_THAT(error_of("x^0.5"), HasSubstr("sqrt(a)"));
  EXPECT_THAT(error_of("x^2^3"), HasSubstr("parentheses"));
  EXPECT_THAT(error_of("x**2"), HasSubstr("x^2"));
  EXPECT_THAT(error_of("x > 0"), HasSubstr("only inside where"));
  EXPECT_THAT(error_of("(x > 0)*x"), HasSubstr("only inside where"));
  EXPECT_THAT(error_of("where(x, 1, 2)"), HasSubstr("comparison as its condition"));
  EXPECT_THAT(error_of("max(x)"), HasSubstr("max takes 2 arguments"));
  EXPECT_THAT(error_of("X"), HasSubstr("unknown name 'X'"));
  EXPECT_THAT(error_of("1e999"), HasSubstr("beyond the range"));
  EXPECT_THAT(error_of(""), HasSubstr("the text ends here"));
  EXPECT_THAT(error_of("x", {"pi"}), HasSubstr("already has a meaning"));
  EXPECT_THAT(error_of(std::string("x\0y", 3)), StartsWith("[formula] expected an operator"));
  EXPECT_EQ(error_of("x\n\x01"), "[formula] expected an operator or the end of the formula.\n  x ?\n    ^");
}

TEST(Expression, hostile_text_is_refused_and_costs_no_stack) {
  EXPECT_THAT(error_of(std::string(4000, '(')), HasSubstr("nested more than"));
  EXPECT_THAT(error_of(std::string(4000, '-') + "x"), HasSubstr("nested more than"));
  std::string sum = "x";
  for (int i = 0; i < 1000; ++i) sum += "+x";
  EXPECT_THAT(error_of(sum), HasSubstr("nested more than"));
  EXPECT_THAT(error_of(std::string(5000, ' ')), HasSubstr("5000 bytes"));
  EXPECT_THAT(error_of("x^99999999999999999999"), HasSubstr("whole exponent"));
  EXPECT_THAT(error_of("x^2000"), HasSubstr("at most 1024"));
}

TEST(Expression, every_formula_of_the_catalogue_is_read) {
  for (const Id id : all()) {
    std::vector<std::string> parameters;
    for (int i = 0; i < spec(id).parameter_count(); ++i) parameters.emplace_back(spec(id).parameters[i].name);
    for (const std::string_view text : {spec(id).formula, spec(id).slope_formula, spec(id).curvature_formula}) {
      if (text.empty()) continue;
      EXPECT_EQ(error_of(text, parameters), "no error");
    }
  }
}

}  // namespace
}  // namespace rectify::activation
