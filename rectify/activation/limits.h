// What an activation and its derivatives are at the infinities. The drivers ask for it; the formulas of functions/*.h need not survive infinity.
#pragma once

#include <vector>

#include "rectify/activation/catalogue.h"

namespace rectify::activation {

/// The limit of the derivative at +infinity (`positive`) or -infinity: the Spec's for value, slope and curvature. For derivatives by a parameter
/// it is found from the function at 2^500 and 2^1000.
double limit(const Function& function, Derivative derivative, bool positive) noexcept;

/// Evaluates the text of a Limit with these parameters: + - * /, parentheses, comparisons, where(condition, a, b), sqrt(a), numbers, inf, nan,
/// parameter names.
/// NaN for text outside that grammar.
double evaluate_limit(Limit text, const Spec& spec, const std::array<double, max_parameters>& parameters) noexcept;

/// The kinks of the Spec for these parameters, in ascending order, each once.
std::vector<double> kinks(const Function& function);

/// A point at which a derivative follows a convention.
struct AtKink {
  double x = 0, result = 0;
};

/// What function.at_kinks makes of the derivative at each kink; nothing if the convention is the standard or the derivative is not of first order in x.
std::vector<AtKink> at_kinks(const Function& function, Derivative derivative);

}  // namespace rectify::activation
