// What an activation and its derivatives are at the infinities. The drivers ask for it; the formulas of functions/*.h need not survive infinity.
#pragma once

#include <vector>

#include "rectify/activation/catalogue.h"

namespace rectify::activation {

/// The limit of the derivative at +infinity (`positive`) or -infinity: the Spec's for value, slope and curvature. For derivatives by a parameter
/// it is found from the function at 2^500 and 2^1000.
double limit(const Function& function, Derivative derivative, bool positive) noexcept;

/// Evaluates the text of a Limit with these parameters: + - * /, parentheses, comparisons, where(condition, a, b), numbers, inf, parameter names.
/// NaN for text outside that grammar.
double evaluate_limit(Limit text, const Spec& spec, const std::array<double, max_parameters>& parameters) noexcept;

/// The kinks of the Spec for these parameters, in ascending order, each once.
std::vector<double> kinks(const Function& function);

}  // namespace rectify::activation
