// Row-wise units, maxout, crelu and the rational unit as differentiable functions; gated units are in gated_operations.cpp.
#include <cmath>

#include "rectify/activation/units.h"
#include "rectify/autograd/engine.h"
#include "rectify/autograd/trace.h"
#include "rectify/autograd/units.h"
#include "rectify/base/error.h"
#include "rectify/kernel/rational.h"
#include "rectify/kernel/reduce.h"
#include "rectify/kernel/selecting.h"
#include "rectify/kernel/sparsemax.h"

namespace rectify {
namespace {

using autograd::record;
using Inputs = std::span<const Tensor>;
using Gradients = std::span<Tensor>;

int64_t last_axis(const Tensor& x, const char* function) {
  if (x.rank() < 1) throw ShapeError("[" + std::string(function) + "] needs at least one axis.");
  return x.shape()[-1];
}

Shape with_last_axis(const Shape& shape, int64_t size) {
  std::vector<int64_t> sizes(shape.sizes().begin(), shape.sizes().end());
  sizes.back() = size;
  return Shape(sizes);
}

int64_t rows_of(const Tensor& x, int64_t columns) { return columns ? x.size() / columns : 0; }

/// On the support of y, g minus its mean there; composed when it has to be differentiated itself.
Tensor sparsemax_backward(const Tensor& y, const Tensor& g) {
  if (autograd::recording()) {
    const Tensor support = sign(y.detach());
    return support * (g - sum(support * g, -1, true) / sum(support, -1, true));
  }
  Tensor result = Tensor::empty(g.shape(), g.dtype());
  const int64_t columns = y.shape()[-1];
  dispatch_floating(g.dtype(), "sparsemax", [&](auto zero) {
    using T = decltype(zero);
    kernel::sparsemax_backward(y.data<T>(), g.data<T>(), rows_of(y, columns), columns, result.data<T>());
  });
  return result;
}

Tensor crelu_backward(const Tensor& x, const Tensor& g) {
  if (autograd::recording()) {
    const activation::Function relu = activation::make(activation::Id::relu);
    return activation_backward(relu, x, half(g, 0)) - activation_backward(relu, -x, half(g, 1));
  }
  Tensor result = Tensor::empty(x.shape(), x.dtype());
  const int64_t columns = x.shape()[-1];
  dispatch_floating(x.dtype(), "crelu", [&](auto zero) {
    using T = decltype(zero);
    kernel::crelu_backward(x.data<T>(), g.data<T>(), rows_of(x, columns), columns, result.data<T>());
  });
  return result;
}

Tensor maxout_backward(const Tensor& x, const Tensor& g, int64_t pieces) {
  if (autograd::recording()) {
    Tensor first = Tensor::empty(Shape{g.size()}, DType::int64);
    dispatch_floating(x.dtype(), "maxout", [&](auto zero) { kernel::argmax_rows(x.data<decltype(zero)>(), g.size(), pieces, first.data<int64_t>()); });
    return reshape(place(reshape(g, {-1}), first, pieces), x.shape());
  }
  Tensor result = Tensor::empty(x.shape(), x.dtype());
  dispatch_floating(x.dtype(), "maxout", [&](auto zero) {
    using T = decltype(zero);
    kernel::maxout_backward(x.data<T>(), g.data<T>(), g.size(), pieces, result.data<T>());
  });
  return result;
}

kernel::RationalCoefficients coefficients(const Tensor& numerator, const Tensor& denominator) {
  kernel::RationalCoefficients c{.m = static_cast<int>(numerator.size()) - 1, .n = static_cast<int>(denominator.size())};
  for (int64_t i = 0; i < numerator.size(); ++i) c.p[i] = numerator.at(i);
  for (int64_t i = 0; i < denominator.size(); ++i) c.q[i] = std::abs(denominator.at(i));
  return c;
}

/// Element `index` of a vector, as a tensor of shape (1).
Tensor element(const Tensor& vector, int64_t index) {
  const Tensor place = Tensor::from(std::vector<int64_t>{index}, {1});
  return pick(reshape(vector, {1, -1}), place);
}

/// The same function in terms of differentiable ones.
Tensor composed_rational(const Tensor& x, const Tensor& numerator, const Tensor& denominator) {
  const int64_t m = numerator.size() - 1, n = denominator.size();
  Tensor p = broadcast_to(element(numerator, m), x.shape());
  for (int64_t j = m - 1; j >= 0; --j) p = p * x + element(numerator, j);
  const Tensor size = abs(x), magnitudes = abs(denominator);
  Tensor q = Tensor::zeros(x.shape(), x.dtype());
  for (int64_t k = n - 1; k >= 0; --k) q = (q + element(magnitudes, k)) * size;
  return p / (q + 1.0);
}

/// sum g dy/dp and sum g dy/dq.
void rational_coefficient_gradients(const Tensor& x, const Tensor& numerator, const Tensor& denominator, const Tensor& g, Gradients out) {
  const kernel::RationalCoefficients c = coefficients(numerator, denominator);
  double by_p[kernel::max_rational_degree + 1], by_q[kernel::max_rational_degree];
  out[1] = Tensor::empty(numerator.shape(), numerator.dtype());
  out[2] = Tensor::empty(denominator.shape(), denominator.dtype());
  dispatch_floating(x.dtype(), "rational", [&](auto zero) {
    using T = decltype(zero);
    kernel::rational_parameter_gradients(c, x.data<T>(), g.data<T>(), x.size(), by_p, by_q);
    for (int j = 0; j <= c.m; ++j) out[1].data<T>()[j] = static_cast<T>(by_p[j]);
    for (int k = 0; k < c.n; ++k) {
      const T q = denominator.data<T>()[k];
      out[2].data<T>()[k] = q > 0 ? static_cast<T>(by_q[k]) : q < 0 ? static_cast<T>(-by_q[k]) : T{0};
    }
  });
}

}  // namespace

Tensor softmin(const Tensor& x) { return softmax(-x); }

Tensor sparsemax(const Tensor& x) {
  const int64_t columns = last_axis(x, "sparsemax");
  Tensor result = Tensor::empty(x.shape(), x.dtype());
  dispatch_floating(x.dtype(), "sparsemax", [&](auto zero) {
    using T = decltype(zero);
    kernel::sparsemax(x.data<T>(), rows_of(x, columns), columns, result.data<T>());
  });
  return record("sparsemax", result, {&x}, [y = result.detach()](const Tensor& g, Inputs, Gradients out) { out[0] = sparsemax_backward(y, g); });
}

Tensor maxout(const Tensor& x, int64_t pieces) {
  if (pieces < 1) throw ArgumentError("[maxout] the number of pieces must be at least 1, not " + std::to_string(pieces) + ".");
  const int64_t columns = last_axis(x, "maxout");
  if (columns % pieces != 0) {
    throw ShapeError("[maxout] the last axis of " + to_string(x.shape()) + " does not divide into groups of " + std::to_string(pieces) + ". Make the layer before it " +
                     std::to_string((columns / pieces + 1) * pieces) + " wide?");
  }
  Tensor result = Tensor::empty(with_last_axis(x.shape(), columns / pieces), x.dtype());
  dispatch_floating(x.dtype(), "maxout", [&](auto zero) {
    using T = decltype(zero);
    kernel::maxout(x.data<T>(), result.size(), pieces, result.data<T>());
  });
  if (trace::active()) trace::unit(activation::maxout_gain(pieces), x);
  return record("maxout", result, {&x}, [pieces](const Tensor& g, Inputs in, Gradients out) { out[0] = maxout_backward(in[0], g, pieces); });
}

Tensor crelu(const Tensor& x) {
  const int64_t columns = last_axis(x, "crelu");
  Tensor result = Tensor::empty(with_last_axis(x.shape(), 2 * columns), x.dtype());
  dispatch_floating(x.dtype(), "crelu", [&](auto zero) {
    using T = decltype(zero);
    kernel::crelu(x.data<T>(), rows_of(x, columns), columns, result.data<T>());
  });
  if (trace::active()) trace::unit(activation::crelu_gain(), x);
  return record("crelu", result, {&x}, [](const Tensor& g, Inputs in, Gradients out) { out[0] = crelu_backward(in[0], g); });
}

Tensor rational(const Tensor& x, const Tensor& numerator, const Tensor& denominator) {
  constexpr int64_t most = kernel::max_rational_degree;
  if (numerator.rank() != 1 || denominator.rank() != 1 || numerator.size() < 1 || numerator.size() > most + 1 || denominator.size() < 1 || denominator.size() > most) {
    throw ShapeError("[rational] the numerator has 1 to " + std::to_string(most + 1) + " coefficients and the denominator 1 to " + std::to_string(most) + ", not the shapes " +
                     to_string(numerator.shape()) + " and " + to_string(denominator.shape()) + ".");
  }
  if (numerator.dtype() != x.dtype() || denominator.dtype() != x.dtype()) {
    throw DTypeError("[rational] the coefficients are " + std::string(name(numerator.dtype())) + " and " + std::string(name(denominator.dtype())) + ", x is " +
                     std::string(name(x.dtype())) + ". Convert one with to().");
  }
  Tensor result = Tensor::empty(x.shape(), x.dtype());
  const kernel::RationalCoefficients c = coefficients(numerator, denominator);
  dispatch_floating(x.dtype(), "rational", [&](auto zero) {
    using T = decltype(zero);
    kernel::rational(c, x.data<T>(), x.size(), result.data<T>());
  });
  if (trace::active()) trace::unit(activation::rational_gain(std::span(c.p, static_cast<size_t>(c.m) + 1), std::span(c.q, static_cast<size_t>(c.n))), x);
  return record("rational", result, {&x, &numerator, &denominator}, [c](const Tensor& g, Inputs in, Gradients out) {
    if (autograd::recording()) {
      const std::vector<Tensor> gradients = grad([&](Inputs v) { return sum(g * composed_rational(v[0], v[1], v[2])); }, in);
      for (size_t i = 0; i < 3; ++i) out[i] = gradients[i];
      return;
    }
    if (in[1].requires_grad() || in[2].requires_grad()) rational_coefficient_gradients(in[0], in[1], in[2], g, out);
    if (!in[0].requires_grad()) return;
    out[0] = Tensor::empty(g.shape(), g.dtype());
    dispatch_floating(g.dtype(), "rational", [&](auto zero) {
      using T = decltype(zero);
      kernel::rational_backward(c, in[0].data<T>(), g.data<T>(), g.size(), out[0].data<T>());
    });
  });
}

}  // namespace rectify
