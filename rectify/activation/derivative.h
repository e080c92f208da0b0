// The derivative of a term, as a term.
#pragma once

#include "rectify/activation/terms.h"

namespace rectify::activation {

/// By which letter.
struct Variable {
  int parameter = -1;  ///< -1: the input
};

/// d term / d variable. At a kink the slope is one side's: abs'(0) = 0, where() keeps its condition, and at a tie of min and max the operand without the variable
/// counts, otherwise the second. The derivative of sign is 0.
Term derivative(Terms& terms, Term term, Variable variable);

/// The term as text in the grammar of formulas; `names` are the parameters'. For people and for tests.
std::string to_string(const Terms& terms, Term term, std::span<const std::string> names);

}  // namespace rectify::activation
