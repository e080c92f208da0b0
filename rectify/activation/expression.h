// Formulas as text and as a tree: the grammar of Spec::formula, of the oracle and of the activations that users write.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/error.h"

namespace rectify::activation {

/// What a node of an expression does with its operands.
enum class Operation : uint8_t {
  number, input, parameter, pi, e,                               // no operand
  add, subtract, multiply, divide, minimum, maximum,             // two operands
  less, less_equal, equal,                                       // two operands; only as the first operand of where
  where,                                                         // three: condition, then, else
  negate, power,                                                 // one operand; power's whole exponent is `Expression::exponent`
  abs, sign, sqrt, exp, expm1, log, log1p, sin, cos, sinh, cosh, tanh, arctan, sigmoid, softplus, erf, erfc, normal_cdf
};

struct Expression;
using ExpressionPointer = std::shared_ptr<const Expression>;

/// A node. Trees are immutable and may share parts.
struct Expression {
  Operation operation = Operation::number;
  std::string text = {};                           ///< a number's digits, a parameter's name
  double value = 0;                                ///< of a number: the nearest float64
  bool exact = false;                              ///< of a number: it is `value` itself; otherwise it is the decimal `text`
  int parameter = 0;                               ///< of a parameter: its place in the list of names
  int exponent = 0;                                ///< of a power
  int depth = 1;                                   ///< levels of the tree from here down
  std::vector<ExpressionPointer> operands = {};
};

/// The limits of what is read, so that hostile text costs neither stack nor time.
inline constexpr size_t max_formula_length = 4096;
inline constexpr int max_formula_depth = 200, max_formula_exponent = 1024;

/// Reads a formula in x and the named parameters.
///
/// The grammar: numbers (1, 0.5, 1e-3), x, parameter names, + - * / and parentheses, `^` with a whole exponent (x^2, x^-1; e^y is exp(y)),
/// where(condition, a, b) with one comparison (< <= > >= ==) as its condition, the functions min max abs sign sqrt exp expm1 log log1p sin cos sinh cosh
/// tanh arctan sigmoid softplus erf erfc Phi (the normal distribution function), and the constants pi and e. Names are case-sensitive; -x^2 is -(x^2).
/// The failure says what is wrong and shows the text with a caret under the place.
Result<ExpressionPointer> parse_expression(std::string_view text, std::span<const std::string> parameters = {});

/// A node made by program.
ExpressionPointer make_number(double value);
ExpressionPointer make_expression(Operation operation, std::vector<ExpressionPointer> operands);
ExpressionPointer make_power(ExpressionPointer base, int exponent);

}  // namespace rectify::activation
