// The commonest losses as one operation each. They compute what their definition in other operations computes, number by number, and record one node instead of four.
#include "rectify/autograd/engine.h"
#include "rectify/autograd/operations.h"
#include "rectify/kernel/arithmetic.h"
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

}  // namespace rectify
