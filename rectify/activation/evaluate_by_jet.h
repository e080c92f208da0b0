// The derivatives that follow from value() alone, next to which hand-written slopes and curvatures are held.
#pragma once

#include "rectify/activation/catalogue.h"

namespace rectify::activation {

/// f'(x) (order 1) or f''(x) (order 2) for finite x by automatic differentiation of the definition's value(), whether or not it has its own slope.
/// Less accurate than evaluate() where terms cancel.
double evaluate_by_jet(const Function& function, double x, int order);

}  // namespace rectify::activation
