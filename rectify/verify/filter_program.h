// An expression and its derivative as a list of instructions on numbers with errors: what the filter of the oracle runs over blocks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rectify/activation/expression.h"

namespace rectify::verify {

/// One step of a program. Operands are the indices of earlier steps.
struct Instruction {
  enum class Code : uint8_t {
    input,                                                                        // x
    constant,                                                                     // value with error
    add, subtract, multiply, divide,                                              // a, b
    negate, absolute, square_root,                                                // a
    exp, expm1, log, log1p, sin, cos, tanh, arctan, erf, erfc,                    // a
    capped,                                                                       // min(a, value)
    select_less, select_less_equal, select_equal                                  // a < b ? c : d
  };
  Code code = Code::input;
  int a = -1, b = -1, c = -1, d = -1;
  double value = 0, error = 0;
  friend bool operator==(const Instruction&, const Instruction&) = default;
};

struct FilterProgram {
  std::vector<Instruction> steps;
  int result = 0;
};

/// Compiles the derivative of `expression` (0, 1 or 2) by Taylor arithmetic, common parts once.
FilterProgram compile_filter(const activation::Expression& expression, std::span<const double> parameters, int derivative);

}  // namespace rectify::verify
