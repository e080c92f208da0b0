// Integrals over the standard normal distribution, and what follows from them: the gain of an activation.
#pragma once

#include <span>

#include "rectify/activation/catalogue.h"

namespace rectify::activation {

/// E[h(z)] for z ~ N(0, 1) by a composite Gauss-Legendre rule on [-16, 16] with panels of 1/4 and 16 points each, in a fixed order, with the
/// library's own exp. A panel with one of the `kinks` of h inside is split
/// there, so that they cost no accuracy; they are in ascending order. `context` is handed to h.
double normal_expectation(double (*h)(const void* context, double z), const void* context, std::span<const double> kinks = {});

template <class H>
double normal_expectation(const H& h, std::span<const double> kinks = {}) {
  return normal_expectation([](const void* context, double z) { return (*static_cast<const H*>(context))(z); }, &h, kinks);
}

/// 1 / sqrt(E f(z)^2): the factor by which weights are scaled so that f keeps the second moment of N(0, 1). sqrt(2) for ReLU (He et al. 2015).
/// Infinite for the function that is 0.
double gain(const Function& function);

}  // namespace rectify::activation
