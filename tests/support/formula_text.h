// The grammar of Spec::formula as a tree. For the oracle alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::test {

struct Expression {
  enum class Kind { number, input, parameter, add, subtract, multiply, divide, power, negate, less, less_equal, call };
  Kind kind = Kind::number;
  std::string text;      ///< the digits of a number, the name of a function or constant
  long double exact = 0; ///< a number that a long double holds exactly, if `is_exact`
  bool is_exact = false;
  size_t parameter = 0;
  int function = -1;     ///< index in function_names() for a call
  std::vector<std::unique_ptr<Expression>> operands;
};

enum FunctionName { f_exp, f_expm1, f_log, f_log1p, f_sqrt, f_abs, f_min, f_max, f_tanh, f_sigmoid, f_softplus, f_erf, f_erfc, f_phi, f_sign, f_where, f_pi, f_e };

/// Throws std::runtime_error with the place of the fault.
std::unique_ptr<Expression> parse_formula(std::string_view text, const std::vector<std::string>& parameters);

}  // namespace rectify::test
