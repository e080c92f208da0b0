// The commonest losses as one operation each. They compute what their definition in other operations computes, number by number, and record one node instead of four.
#include "rectify/autograd/engine.h"
#include "rectify/autograd/operations.h"
#include "rectify/kernel/pointwise.h"
#include "rectify/kernel/reduce.h"
#include "rectify/kernel/rowwise.h"

namespace rectify {
namespace {

using autograd::record;
using Inputs = std::span<const Tensor>;
using Gradients = std::span<Tensor>;

/// Whether the backward pass may be differentiated itself, which the short forms are not made for.
bool differentiated_again() { return autograd::recording_depth() > 1; }

}  // namespace

Tensor mean_cross_entropy(const Tensor& x, const Tensor& index) {
  if (differentiated_again()) return -mean(pick(log_softmax(x), index));
  Tensor value, y;
  {
    const NoGrad constant;
    y = log_softmax(x);
    value = -mean(pick(y, index));
  }
  return record("mean_cross_entropy", value, {&x}, [y, index](const Tensor& g, Inputs in, Gradients out) {
    const int64_t rows = y.size(0), columns = y.size(1);
    const Tensor chosen = place(broadcast_to(-g / static_cast<double>(rows), Shape{rows}), index, columns);
    out[0] = Tensor::empty(in[0].shape(), in[0].dtype());
    dispatch_floating(y.dtype(), "mean_cross_entropy", [&](auto zero) {
      using T = decltype(zero);
      kernel::log_softmax_backward(y.data<T>(), chosen.data<T>(), rows, columns, out[0].data<T>());
    });
  });
}

Tensor mean_squared_error(const Tensor& x, const Tensor& y) {
  if (differentiated_again() || x.shape() != y.shape()) return mean(square(x - y));
  Tensor value, difference;
  {
    const NoGrad constant;
    difference = x - y;
    value = mean(square(difference));
  }
  return record("mean_squared_error", value, {&x, &y}, [difference](const Tensor& g, Inputs in, Gradients out) {
    // As square's gradient: (g / n) (2 d).
    const Tensor gradient = difference * 2.0 * (g / static_cast<double>(difference.size()));
    if (in[0].requires_grad()) out[0] = gradient;
    if (in[1].requires_grad()) out[1] = -gradient;
  });
}

namespace {

const activation::Function& softplus() {
  static const activation::Function function = activation::make(activation::Id::softplus);
  return function;
}

/// x negated, and room for two results.
template <class T>
struct Scratchpad {
  explicit Scratchpad(const Tensor& x)
      : memory(Tensor::empty({3, x.size()}, x.dtype())), negated(memory.data<T>()), first(negated + x.size()), second(first + x.size()) {
    const T* const from = x.data<T>();
    for (int64_t i = 0; i < x.size(); ++i) negated[i] = -from[i];
  }
  Tensor memory;
  T *negated, *first, *second;
};

}  // namespace

Tensor mean_binary_cross_entropy(const Tensor& x, const Tensor& target) {
  if (differentiated_again() || x.shape() != target.shape() || x.dtype() != target.dtype() || target.requires_grad()) {
    return mean(target * activate(softplus(), -x) + (1.0 - target) * activate(softplus(), x));
  }
  const int64_t n = x.size();
  Tensor value = dispatch_floating(x.dtype(), "mean_binary_cross_entropy", [&](auto zero) {
    using T = decltype(zero);
    const Scratchpad<T> pad(x);
    const T* const t = target.data<T>();
    kernel::pointwise(softplus(), activation::value_itself, pad.negated, static_cast<const T*>(nullptr), pad.first, n);
    kernel::pointwise(softplus(), activation::value_itself, x.data<T>(), static_cast<const T*>(nullptr), pad.second, n);
    for (int64_t i = 0; i < n; ++i) pad.first[i] = t[i] * pad.first[i] + (T(1) - t[i]) * pad.second[i];
    return Tensor(kernel::sum(pad.first, n), x.dtype());
  });
  {
    const NoGrad constant;
    if (n == 0) return mean(x);  // says that there are no elements
    value = value / static_cast<double>(n);
  }
  return record("mean_binary_cross_entropy", value, {&x}, [target](const Tensor& g, Inputs in, Gradients out) {
    const int64_t count = in[0].size();
    out[0] = Tensor::empty(in[0].shape(), in[0].dtype());
    dispatch_floating(in[0].dtype(), "mean_binary_cross_entropy", [&](auto zero) {
      using T = decltype(zero);
      const Scratchpad<T> pad(in[0]);
      const T* const t = target.data<T>();
      const T share = g.data<T>()[0] / static_cast<T>(count);
      for (int64_t i = 0; i < count; ++i) pad.first[i] = share * t[i], pad.second[i] = share * (T(1) - t[i]);
      kernel::pointwise(softplus(), activation::slope, pad.negated, pad.first, pad.first, count);
      kernel::pointwise(softplus(), activation::slope, in[0].data<T>(), pad.second, pad.second, count);
      T* const to = out[0].data<T>();
      for (int64_t i = 0; i < count; ++i) to[i] = pad.second[i] - pad.first[i];
    });
  });
}

}  // namespace rectify
