#include "rectify/autograd/check_gradient.h"

#include <cmath>

#include "rectify/autograd/engine.h"
#include "rectify/autograd/operations.h"
#include "rectify/base/error.h"
#include "rectify/base/random.h"

namespace rectify {
namespace {

using Function = std::function<Tensor(std::span<const Tensor>)>;

/// Weights in [-1, 1) that give every element of a result its own share.
Tensor weights(const Shape& shape, uint64_t ordinal) {
  Tensor result = Tensor::empty(shape, DType::float64);
  for (int64_t i = 0; i < shape.count(); ++i) {
    result.data<double>()[i] = 2.0 * random_uniform({.seed = 20, .purpose = Purpose::test, .ordinal = ordinal}, static_cast<uint64_t>(i)) - 1.0;
  }
  return result;
}

Tensor weighted_sum(const Tensor& x, uint64_t ordinal) { return sum(x * weights(x.shape(), ordinal)); }

/// Compares grad(scalar) with differences of scalar at every element of the inputs.
void compare(const Function& scalar, std::span<const Tensor> inputs, int order, const GradientCheckOptions& options, GradientCheck& check) {
  const std::vector<Tensor> gradients = grad(scalar, inputs);
  for (size_t k = 0; k < inputs.size(); ++k) {
    for (int64_t i = 0; i < inputs[k].size(); ++i) {
      const double x = inputs[k].at(i), h = options.step * std::max(1.0, std::abs(x));
      const auto shifted = [&](double step) {
        std::vector<Tensor> moved(inputs.begin(), inputs.end());
        moved[k] = inputs[k].clone();
        moved[k].data<double>()[i] = x + step;
        return scalar(moved).item();
      };
      const double difference = (shifted(-2 * h) - 8 * shifted(-h) + 8 * shifted(h) - shifted(2 * h)) / (12 * h);
      const double gradient = gradients[k].at(i);
      const double error = std::abs(difference - gradient) / std::max(1.0, std::abs(gradient));
      if (!(error <= check.worst_error)) {
        check.worst_error = error;
        check.message = "order " + std::to_string(order) + ", input " + std::to_string(k) + ", element " + std::to_string(i) + " (" + std::to_string(x) +
                        "): gradient " + std::to_string(gradient) + ", finite difference " + std::to_string(difference) + ", error " + std::to_string(error);
      }
      if (!(error <= options.tolerance)) check.passed = false;
    }
  }
}

}  // namespace

GradientCheck check_gradient(const Function& function, std::span<const Tensor> inputs, const GradientCheckOptions& options) {
  if (options.order != 1 && options.order != 2) throw ArgumentError("[check_gradient] the order must be 1 or 2, not " + std::to_string(options.order) + ".");
  for (const Tensor& input : inputs) {
    if (input.dtype() != DType::float64) {
      throw DTypeError("[check_gradient] the inputs must be float64, not " + std::string(name(input.dtype())) + ": finite differences need the digits.");
    }
  }
  GradientCheck check;
  const Function first = [&](std::span<const Tensor> x) { return weighted_sum(function(x), 0); };
  compare(first, inputs, 1, options, check);
  if (options.order == 2) {
    const Function second = [&](std::span<const Tensor> x) {
      const std::vector<Tensor> gradients = grad(first, x);
      Tensor total(0.0, DType::float64);
      for (size_t k = 0; k < gradients.size(); ++k) total = total + weighted_sum(gradients[k], k + 1);
      return total;
    };
    compare(second, inputs, 2, options, check);
  }
  return check;
}

GradientCheck check_gradient(const std::function<Tensor(const Tensor&)>& function, const Tensor& input, const GradientCheckOptions& options) {
  return check_gradient([&](std::span<const Tensor> inputs) { return function(inputs[0]); }, std::span<const Tensor>(&input, 1), options);
}

}  // namespace rectify
