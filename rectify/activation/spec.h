// What an activation is, apart from its code: names, formula, parameters, kinks, limits. Plain data, usable in constant expressions.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace rectify::activation {

inline constexpr int max_parameters = 4;

/// A named parameter of an activation, in the order in which value(x, ...) takes them.
struct Parameter {
  std::string_view name;
  double default_value = 0;
  bool learned = false;                                           ///< trained by gradient descent unless it is frozen (PReLU's slope)
  double minimum = -std::numeric_limits<double>::infinity();      ///< smallest value that makes sense
  bool minimum_allowed = true;                                    ///< false: the value must be above `minimum`
  std::string_view meaning = {};
};

/// A limit of value, slope or curvature at an infinity. As a function of the parameters it is written in the grammar of `Spec::formula`
/// with the parameters' names ("negative_slope"), "inf", "-inf", "0", "-0", and of its functions where and sqrt (see limits.h);
/// "nan" where there is no limit (a sine).
using Limit = std::string_view;

/// Everything about an activation that is not code. `formula` is the textbook's text: the oracle of the tests interprets it, never the code.
///
/// The grammar of formulas is that of parse_expression (expression.h).
struct Spec {
  std::string_view name;                     ///< canonical name: the command line's, the free function's
  std::string_view formula;                  ///< f(x), read by the oracle
  std::string_view slope_formula = {};       ///< f'(x) where the kinks' convention must be stated; otherwise the oracle differentiates `formula`
  std::string_view curvature_formula = {};   ///< likewise
  std::string_view source = {};              ///< paper or specification
  std::string_view description = {};         ///< one sentence
  Parameter parameters[max_parameters] = {};
  std::string_view requirement = {};         ///< what the parameters together have to satisfy, in the grammar of limits
  std::string_view aliases = {};             ///< other names, separated by spaces
  std::string_view torch = {};               ///< name in torch.nn.functional
  std::string_view onnx = {};                ///< ONNX operator
  Limit at_minus_infinity = "0", at_plus_infinity = "inf";              ///< limits of the value
  Limit slope_at_minus_infinity = "0", slope_at_plus_infinity = "1";    ///< limits of the slope
  Limit curvature_at_minus_infinity = "0", curvature_at_plus_infinity = "0";
  std::string_view kinks = {};               ///< where the slope jumps, as formulas in the parameters, separated by ';'
  bool piecewise_linear = false;
  bool odd = false;                          ///< f(-x) = -f(x): the sign of zero is kept
  bool slope_from_output = false;            ///< slope(x) == slope(value(x)) for every x, to the last bit: the backward pass can keep the output instead of the input

  constexpr int parameter_count() const {
    int count = 0;
    while (count < max_parameters && !parameters[count].name.empty()) ++count;
    return count;
  }
};

/// The |x| up to which an ordinary formula of scale*x is good, where it is good for |scale*x| <= size. 0, which is never, for a scale of no ordinary size:
/// then a result might be subnormal.
constexpr double ordinary_size(double size, double scale) {
  const double magnitude = scale < 0 ? -scale : scale;
  return magnitude > 0x1p-8 && magnitude < 0x1p8 ? size / magnitude : 0;
}

}  // namespace rectify::activation
