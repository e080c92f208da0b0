// Gated units. The first gradient is one pass over both operands; where it has to be differentiated itself it is composed of the activations' derivatives.
#include <algorithm>

#include "rectify/activation/units.h"
#include "rectify/autograd/engine.h"
#include "rectify/autograd/trace.h"
#include "rectify/autograd/units.h"
#include "rectify/base/error.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/gated.h"

namespace rectify {
namespace {

using activation::Function;
using activation::Id;
using autograd::record;
using Inputs = std::span<const Tensor>;
using Gradients = std::span<Tensor>;

/// Half the last axis.
int64_t half_of_last_axis(const Tensor& x, const std::string& function) {
  if (x.rank() < 1) throw ShapeError("[" + function + "] needs at least one axis.");
  const int64_t width = x.shape()[-1];
  if (width % 2 != 0) {
    throw ShapeError("[" + function + "] the last axis of " + to_string(x.shape()) + " holds a value and a gate for each output: its size must be even, not " +
                     std::to_string(width) + ". Make the layer before it " + std::to_string(width + 1) + " wide?");
  }
  return width / 2;
}

Shape with_last_axis(const Shape& shape, int64_t size) {
  std::vector<int64_t> sizes(shape.sizes().begin(), shape.sizes().end());
  sizes.back() = size;
  return Shape(sizes);
}

Function bound(Function f, const Tensor& parameter) {
  if (!kernel::is_gate(f.id)) {
    throw ArgumentError("[gated] " + std::string(activation::spec(f.id).name) + " is not a gate that has a kernel. Use sigmoid, relu, gelu, gelu_tanh or swish, or write a * f(b).");
  }
  if (parameter.defined()) {
    if (activation::spec(f.id).parameter_count() == 0) throw ArgumentError("[gated] " + std::string(activation::spec(f.id).name) + " has no parameter to learn.");
    f.parameters[0] = parameter.item();
  }
  return f;
}

/// Where the operands are in memory.
struct Operands {
  int64_t value = 0, gate = 0;  ///< offsets of the first elements
  kernel::GatedShape shape;
};

Operands operands(const Tensor& x, GateLayout layout, int64_t n) {
  return {layout == GateLayout::swapped ? n : 0, layout == GateLayout::swapped ? 0 : n, {n ? x.size() / (2 * n) : 0, n, 2 * n}};
}

/// The gradients by a and b in terms of differentiable functions.
struct Composed {
  Tensor a, b;
};

Composed composed_backward(const Function& f, const Tensor& a, const Tensor& b, const Tensor& parameter, const Tensor& g) {
  const std::span<const Tensor> parameters = parameter.defined() ? std::span<const Tensor>(&parameter, 1) : std::span<const Tensor>();
  const Tensor weighted = g * a;
  return {g * activate(f, b, parameters), activation_derivative(f, activation::slope, b, weighted, parameters)};
}

Tensor parameter_gradient(const Function& f, const Tensor& a, const Tensor& b, const Tensor& parameter, const Tensor& g) {
  const Tensor each = activation_derivative(f, {.x = 0, .parameter = 1, .which = 0}, b, g * a, std::span<const Tensor>(&parameter, 1));
  return reshape(sum(each), parameter.shape());
}

}  // namespace

Tensor gated(const Function& function, const Tensor& a, const Tensor& b, const Tensor& parameter) {
  const Function f = bound(function, parameter);
  if (a.shape() != b.shape()) throw ShapeError("[gated] the value's shape " + to_string(a.shape()) + " and the gate's " + to_string(b.shape()) + " differ.");
  if (a.dtype() != b.dtype()) {
    throw DTypeError("[gated] types differ: " + std::string(name(a.dtype())) + " and " + std::string(name(b.dtype())) + ". Convert one with to().");
  }
  if (trace::active()) {
    const double gain = activation::gated_gain(f);
    trace::unit(gain, a);
    trace::unit(gain, b);
  }
  const kernel::GatedShape shape{1, a.size(), a.size()};
  Tensor result = Tensor::empty(a.shape(), a.dtype());
  dispatch_floating(a.dtype(), "gated", [&](auto zero) {
    using T = decltype(zero);
    kernel::gated(f, a.data<T>(), b.data<T>(), shape, result.data<T>());
  });
  return record("gated", result, {&a, &b, &parameter}, [f, shape](const Tensor& g, Inputs in, Gradients out) {
    if (in[2].defined() && in[2].requires_grad()) out[2] = parameter_gradient(f, in[0], in[1], in[2], g);
    if (autograd::recording()) {
      const Composed gradients = composed_backward(f, in[0], in[1], in[2], g);
      if (in[0].requires_grad()) out[0] = gradients.a;
      if (in[1].requires_grad()) out[1] = gradients.b;
      return;
    }
    out[0] = Tensor::empty(g.shape(), g.dtype());
    out[1] = Tensor::empty(g.shape(), g.dtype());
    dispatch_floating(g.dtype(), "gated", [&](auto zero) {
      using T = decltype(zero);
      kernel::gated_backward(f, in[0].data<T>(), in[1].data<T>(), g.data<T>(), shape, out[0].data<T>(), out[1].data<T>());
    });
  });
}

Tensor gated(const Function& function, const Tensor& x, GateLayout layout, const Tensor& parameter) {
  const Function f = bound(function, parameter);
  const int64_t n = half_of_last_axis(x, "gated");
  if (trace::active()) trace::unit(activation::gated_gain(f), x);
  if (layout == GateLayout::interleaved) return gated(f, half(x, 0, true), half(x, 1, true), parameter);
  const Operands at = operands(x, layout, n);
  Tensor result = Tensor::empty(with_last_axis(x.shape(), n), x.dtype());
  dispatch_floating(x.dtype(), "gated", [&](auto zero) {
    using T = decltype(zero);
    kernel::gated(f, x.data<T>() + at.value, x.data<T>() + at.gate, at.shape, result.data<T>());
  });
  return record("gated", result, {&x, &parameter}, [f, at, layout](const Tensor& g, Inputs in, Gradients out) {
    const bool swapped = layout == GateLayout::swapped, learned = in[1].defined() && in[1].requires_grad();
    if (learned || autograd::recording()) {
      const Tensor a = half(in[0], swapped ? 1 : 0), b = half(in[0], swapped ? 0 : 1);
      if (learned) out[1] = parameter_gradient(f, a, b, in[1], g);
      if (autograd::recording() && in[0].requires_grad()) {
        const Composed gradients = composed_backward(f, a, b, in[1], g);
        out[0] = swapped ? join_halves(gradients.b, gradients.a) : join_halves(gradients.a, gradients.b);
      }
    }
    if (autograd::recording()) return;
    out[0] = Tensor::empty(in[0].shape(), g.dtype());
    dispatch_floating(g.dtype(), "gated", [&](auto zero) {
      using T = decltype(zero);
      const T* from = in[0].data<T>();
      T* to = out[0].data<T>();
      kernel::gated_backward(f, from + at.value, from + at.gate, g.data<T>(), at.shape, to + at.value, to + at.gate);
    });
  });
}

Tensor glu(const Tensor& x, GateLayout layout) { return gated(activation::make(Id::sigmoid), x, layout); }
Tensor reglu(const Tensor& x, GateLayout layout) { return gated(activation::make(Id::relu), x, layout); }
Tensor geglu(const Tensor& x, GELUForm form, GateLayout layout) { return gated(activation::make(form == GELUForm::erf ? Id::gelu : Id::gelu_tanh), x, layout); }
Tensor swiglu(const Tensor& x, double beta, GateLayout layout) { return gated(activation::make(Id::swish, std::span<const double>(&beta, 1)), x, layout); }
Tensor swiglu(const Tensor& x, const Tensor& beta, GateLayout layout) { return gated(activation::make(Id::swish), x, layout, beta); }

Tensor half(const Tensor& x, int which, bool interleaved) {
  const int64_t n = half_of_last_axis(x, "half"), rows = n ? x.size() / (2 * n) : 0;
  if (which != 0 && which != 1) throw ArgumentError("[half] there is no half number " + std::to_string(which) + ". It is 0 or 1.");
  Tensor result = Tensor::empty(with_last_axis(x.shape(), n), x.dtype());
  dispatch_floating(x.dtype(), "half", [&](auto zero) {
    using T = decltype(zero);
    const T* from = x.data<T>() + (interleaved ? which : which * n);
    T* to = result.data<T>();
    const int64_t step = interleaved ? 2 : 1;
    parallel_for(rows, std::max<int64_t>(1, 16384 / std::max<int64_t>(n, 1)), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        for (int64_t i = 0; i < n; ++i) to[r * n + i] = from[2 * r * n + step * i];
      }
    });
  });
  return record("half", result, {&x}, [which, interleaved](const Tensor& g, Inputs, Gradients out) {
    const Tensor nothing = Tensor::zeros(g.shape(), g.dtype());
    out[0] = which == 0 ? join_halves(g, nothing, interleaved) : join_halves(nothing, g, interleaved);
  });
}

Tensor join_halves(const Tensor& first, const Tensor& second, bool interleaved) {
  if (first.rank() < 1 || first.shape() != second.shape() || first.dtype() != second.dtype()) {
    throw ShapeError("[join_halves] the halves have to be of one type and shape with at least one axis, not " + to_string(first.shape()) + " and " + to_string(second.shape()) + ".");
  }
  const int64_t n = first.shape()[-1], rows = n ? first.size() / n : 0;
  Tensor result = Tensor::empty(with_last_axis(first.shape(), 2 * n), first.dtype());
  dispatch_floating(first.dtype(), "join_halves", [&](auto zero) {
    using T = decltype(zero);
    const T *left = first.data<T>(), *right = second.data<T>();
    T* to = result.data<T>();
    const int64_t step = interleaved ? 2 : 1, offset = interleaved ? 1 : n;
    parallel_for(rows, std::max<int64_t>(1, 16384 / std::max<int64_t>(n, 1)), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        for (int64_t i = 0; i < n; ++i) to[2 * r * n + step * i] = left[r * n + i], to[2 * r * n + step * i + offset] = right[r * n + i];
      }
    });
  });
  return record("join_halves", result, {&first, &second}, [interleaved](const Tensor& g, Inputs in, Gradients out) {
    if (in[0].requires_grad()) out[0] = half(g, 0, interleaved);
    if (in[1].requires_grad()) out[1] = half(g, 1, interleaved);
  });
}

}  // namespace rectify
