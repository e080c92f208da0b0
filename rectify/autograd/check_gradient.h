// Holds the gradients of a function against finite differences: for our primitives and for yours.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "rectify/tensor/tensor.h"

namespace rectify {

struct GradientCheckOptions {
  int order = 1;            ///< 1: the gradient; 2: the gradient, and the gradient of the gradient
  double step = 1e-3;       ///< of the differences, times max(1, |x|)
  double tolerance = 1e-7;  ///< on |difference| / max(1, |gradient|)
};

struct GradientCheck {
  bool passed = true;
  double worst_error = 0;
  std::string message;  ///< where the worst error is and both values; for printing
};

/// Compares the gradient of sum(r * function(inputs)), r fixed random weights, by every element of the inputs with five-point central differences
/// (f(x-2h) - 8 f(x-h) + 8 f(x+h) - f(x+2h)) / 12h; at order 2 also that of sum(s * gradient). The inputs must be float64 and away from kinks.
/// Throws DTypeError for other inputs and ArgumentError for an order other than 1 or 2.
GradientCheck check_gradient(const std::function<Tensor(std::span<const Tensor>)>& function, std::span<const Tensor> inputs, const GradientCheckOptions& options = {});

/// For functions of one tensor.
GradientCheck check_gradient(const std::function<Tensor(const Tensor&)>& function, const Tensor& input, const GradientCheckOptions& options = {});

}  // namespace rectify
