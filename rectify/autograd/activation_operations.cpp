// Activations as differentiable operations. One primitive serves value, slope, curvature and the derivatives by learned parameters:
//   scaled_derivative(f, D, x, g) = g * D f(x),   whose own gradients are scaled derivatives of one order more.
#include "rectify/autograd/engine.h"
#include "rectify/autograd/layer_observer.h"
#include "rectify/autograd/operations.h"
#include "rectify/autograd/trace.h"
#include "rectify/base/error.h"
#include "rectify/kernel/pointwise.h"
#include "rectify/kernel/rowwise.h"

namespace rectify {
namespace {

using activation::Derivative;
using activation::Function;
using autograd::record;
using Inputs = std::span<const Tensor>;
using Gradients = std::span<Tensor>;

constexpr size_t max_learned = activation::max_parameters;

/// f with the values that its learned parameters have now, and which tensors those are.
struct Bound {
  Function function;
  std::array<Tensor, max_learned> tensors;
  std::array<int, max_learned> which{};
  size_t count = 0;
};

Bound bind(const Function& f, std::span<const Tensor> parameters) {
  const activation::Spec& spec = activation::spec(f);
  if (parameters.size() > static_cast<size_t>(spec.parameter_count())) {
    throw ArgumentError("[activate] " + std::string(spec.name) + " has " + std::to_string(spec.parameter_count()) + " parameters, not " +
                        std::to_string(parameters.size()) + ".");
  }
  Bound bound{f, {}, {}, 0};
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!parameters[i].defined()) continue;
    bound.function.parameters[i] = parameters[i].item();
    bound.which[bound.count] = static_cast<int>(i);
    bound.tensors[bound.count++] = parameters[i];
  }
  return bound;
}

/// The derivative of D once more by parameter number `which`.
Derivative by_parameter(const Function& f, Derivative derivative, int which) {
  if (derivative.parameter > 0 && derivative.which != which) {
    if (f.formula && derivative.parameter == 1) return {derivative.x, 2, derivative.which, which};
    throw ArgumentError("[activate] a mixed derivative of " + std::string(activation::spec(f).name) + " by two parameters is not supported.");
  }
  return {derivative.x, derivative.parameter + 1, which};
}

/// `into` is undefined or of x's shape and type; it may be x or g.
Tensor compute(const Function& f, Derivative derivative, const Tensor& x, const Tensor& g, const Tensor& into = Tensor()) {
  if (derivative.x + derivative.parameter > 2) {
    throw ArgumentError("[activate] derivatives of " + std::string(activation::spec(f).name) +
                        " beyond the second are not supported. Differentiate at most twice through an activation.");
  }
  Tensor result = into.defined() ? into : Tensor::empty(x.shape(), x.dtype());
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    kernel::pointwise(f, derivative, x.data<T>(), g.defined() ? g.data<T>() : nullptr, result.data<T>(), x.size());
  };
  switch (x.dtype()) {
    case DType::float16: run(Float16{}); break;
    case DType::bfloat16: run(BFloat16{}); break;
    default: dispatch_floating(x.dtype(), "activate", run);
  }
  return result;
}

Tensor scaled_derivative(const Bound& bound, Derivative derivative, const Tensor& x, const Tensor& g);

/// The gradients of sum(gradient * scaled_derivative(D, x, factor)): by x, by the parameters and, in the last place, by the factor (if there is one).
void derivative_backward(const Bound& bound, Derivative derivative, const Tensor& x, const Tensor& factor, const Tensor& gradient, Gradients out) {
  const Tensor weighted = factor.defined() ? gradient * factor : gradient;
  if (x.requires_grad()) out[0] = scaled_derivative(bound, {derivative.x + 1, derivative.parameter, derivative.which, derivative.other}, x, weighted);
  for (size_t i = 0; i < bound.count; ++i) {
    if (!bound.tensors[i].requires_grad()) continue;
    const Derivative next = by_parameter(bound.function, derivative, bound.which[i]);
    out[1 + i] = reshape(sum(scaled_derivative(bound, next, x, weighted)), bound.tensors[i].shape());
  }
  if (factor.defined() && factor.requires_grad()) out[1 + max_learned] = scaled_derivative(bound, derivative, x, gradient);
}

Tensor scaled_derivative(const Bound& bound, Derivative derivative, const Tensor& x, const Tensor& g) {
  Tensor result = compute(bound.function, derivative, x, g);
  static_assert(max_learned == 4, "the inputs below are listed one by one");
  // The engine's inputs are [x, parameters..., factor]; absent ones are undefined and want no gradient. History is kept there, never in the capture.
  const Function f = bound.function;
  const auto which = bound.which;
  const size_t count = bound.count;
  return record("activate", result, {&x, &bound.tensors[0], &bound.tensors[1], &bound.tensors[2], &bound.tensors[3], &g}, [f, which, count, derivative](const Tensor& gradient, Inputs in, Gradients out) {
    if (derivative.x + derivative.parameter == 0) autograd::observe_activation_gradient(f, in[0], gradient);
    derivative_backward({f, {in[1], in[2], in[3], in[4]}, which, count}, derivative, in[0], in[1 + max_learned], gradient, out);
  });
}

void check_same(const Tensor& x, const Tensor& g, const char* function) {
  if (x.shape() != g.shape()) throw ShapeError("[" + std::string(function) + "] shapes differ: " + to_string(x.shape()) + " and " + to_string(g.shape()) + ".");
}

template <class Kernel>
Tensor rowwise(const Tensor& x, const char* function, Kernel&& run) {
  if (x.rank() < 1) throw ShapeError("[" + std::string(function) + "] needs at least one axis.");
  Tensor result = Tensor::empty(x.shape(), x.dtype());
  const int64_t columns = x.shape()[-1];
  dispatch_floating(x.dtype(), function, [&](auto zero) {
    using T = decltype(zero);
    run(T{}, columns ? x.size() / columns : 0, columns, result);
  });
  return result;
}

/// y * (g - sum(g * y)), composed when it has to be differentiated itself.
Tensor softmax_backward(const Tensor& y, const Tensor& g) {
  if (autograd::recording()) return y * (g - sum(g * y, -1, true));
  return rowwise(y, "softmax", [&](auto zero, int64_t rows, int64_t columns, Tensor& out) {
    using T = decltype(zero);
    kernel::softmax_backward(y.data<T>(), g.data<T>(), rows, columns, out.data<T>());
  });
}

Tensor log_softmax_backward(const Tensor& x, const Tensor& y, const Tensor& g) {
  if (autograd::recording()) return g - softmax(x) * sum(g, -1, true);
  return rowwise(y, "log_softmax", [&](auto zero, int64_t rows, int64_t columns, Tensor& out) {
    using T = decltype(zero);
    kernel::log_softmax_backward(y.data<T>(), g.data<T>(), rows, columns, out.data<T>());
  });
}

void check_index(const Tensor& index, int64_t rows, const char* function) {
  if (index.dtype() != DType::int64 || index.shape() != Shape{rows}) {
    throw ShapeError("[" + std::string(function) + "] needs one int64 index for each of " + std::to_string(rows) + " rows, not " + to_string(index.shape()) + " of " +
                     std::string(name(index.dtype())) + ".");
  }
}

}  // namespace

Tensor activate(const Function& f, const Tensor& x) { return activate(f, x, {}); }

Tensor activate(const Function& f, const Tensor& x, std::span<const Tensor> parameters) {
  const Bound bound = bind(f, parameters);
  Tensor result = scaled_derivative(bound, activation::value_itself, x, Tensor());
  trace::activation(bound.function, x, result);
  autograd::observe_activation(bound.function, x, result);
  return result;
}

Tensor activation_backward(const Function& f, const Tensor& x, const Tensor& g) {
  check_same(x, g, "activation_backward");
  return scaled_derivative({f, {}, {}, 0}, activation::slope, x, g);
}

Tensor autograd::consume_gradient(const Function& f, Tensor& kept, const Tensor& gradient) {
  if (recording()) return activation_backward(f, kept, gradient);
  check_same(kept, gradient, "activation_backward");
  Tensor result = compute(f, activation::slope, kept, gradient, gradient.unshared() ? gradient : Tensor());
  if (releasing()) kept = Tensor();
  return result;
}

Tensor activation_derivative(const Function& f, Derivative derivative, const Tensor& x, const Tensor& g, std::span<const Tensor> parameters) {
  check_same(x, g, "activation_derivative");
  return scaled_derivative(bind(f, parameters), derivative, x, g);
}

Tensor softmax(const Tensor& x) {
  Tensor result = rowwise(x, "softmax", [&](auto zero, int64_t rows, int64_t columns, Tensor& out) {
    using T = decltype(zero);
    kernel::softmax(x.data<T>(), rows, columns, out.data<T>());
  });
  return record("softmax", result, {&x}, [y = result.detach()](const Tensor& g, Inputs in, Gradients out) {
    out[0] = softmax_backward(autograd::recording() ? softmax(in[0]) : y, g);
  });
}

Tensor log_softmax(const Tensor& x) {
  Tensor result = rowwise(x, "log_softmax", [&](auto zero, int64_t rows, int64_t columns, Tensor& out) {
    using T = decltype(zero);
    kernel::log_softmax(x.data<T>(), rows, columns, out.data<T>());
  });
  return record("log_softmax", result, {&x}, [y = result.detach()](const Tensor& g, Inputs in, Gradients out) { out[0] = log_softmax_backward(in[0], y, g); });
}

Tensor pick(const Tensor& x, const Tensor& index) {
  if (x.rank() != 2) throw ShapeError("[pick] needs a matrix, not the shape " + to_string(x.shape()) + ".");
  check_index(index, x.size(0), "pick");
  const int64_t columns = x.size(1);
  const int64_t* chosen = index.data<int64_t>();
  for (int64_t i = 0; i < index.size(); ++i) {
    if (chosen[i] < 0 || chosen[i] >= columns) {
      throw ArgumentError("[pick] index " + std::to_string(chosen[i]) + " of row " + std::to_string(i) + " is outside 0 to " + std::to_string(columns - 1) + ".");
    }
  }
  Tensor result = Tensor::empty(Shape{x.size(0)}, x.dtype());
  dispatch_floating(x.dtype(), "pick", [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < index.size(); ++i) result.data<T>()[i] = x.data<T>()[i * columns + chosen[i]];
  });
  return record("pick", result, {&x}, [index, columns](const Tensor& g, Inputs, Gradients out) { out[0] = place(g, index, columns); });
}

Tensor place(const Tensor& x, const Tensor& index, int64_t columns) {
  if (x.rank() != 1) throw ShapeError("[place] needs one axis, not the shape " + to_string(x.shape()) + ".");
  check_index(index, x.size(0), "place");
  Tensor result = Tensor::zeros(Shape{x.size(0), columns}, x.dtype());
  dispatch_floating(x.dtype(), "place", [&](auto zero) {
    using T = decltype(zero);
    const int64_t* chosen = index.data<int64_t>();
    for (int64_t i = 0; i < index.size(); ++i) {
      if (chosen[i] < 0 || chosen[i] >= columns) {
        throw ArgumentError("[place] index " + std::to_string(chosen[i]) + " of row " + std::to_string(i) + " is outside 0 to " + std::to_string(columns - 1) + ".");
      }
      result.data<T>()[i * columns + chosen[i]] = x.data<T>()[i];
    }
  });
  return record("place", result, {&x}, [index](const Tensor& g, Inputs, Gradients out) { out[0] = pick(g, index); });
}

}  // namespace rectify
