// Arithmetic, shapes and sums; matrices are in linear_operations.cpp, activations in activation_operations.cpp.
#include "rectify/autograd/operations.h"

#include <cstring>
#include <numeric>

#include "rectify/autograd/engine.h"
#include "rectify/base/error.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/arithmetic.h"
#include "rectify/kernel/reduce.h"

namespace rectify {
namespace {

using autograd::record;
using kernel::Binary;
using kernel::Unary;
using Inputs = std::span<const Tensor>;
using Gradients = std::span<Tensor>;

void require_same_dtype(const Tensor& x, const Tensor& y, const char* function) {
  if (x.dtype() != y.dtype()) {
    throw DTypeError("[" + std::string(function) + "] types differ: " + std::string(name(x.dtype())) + " and " + std::string(name(y.dtype())) +
                     ". Convert one with to().");
  }
}

/// The broadcast result without history. Equal shapes and single numbers need no copies.
Tensor compute_binary(Binary op, const Tensor& x, const Tensor& y, const char* function) {
  require_same_dtype(x, y, function);
  const Shape shape = broadcast(x.shape(), y.shape(), function);
  const NoGrad constant;
  const bool x_fits = x.shape() == shape || x.size() == 1, y_fits = y.shape() == shape || y.size() == 1;
  const Tensor a = x_fits ? x : broadcast_to(x, shape), b = y_fits ? y : broadcast_to(y, shape);
  Tensor result = Tensor::empty(shape, x.dtype());
  dispatch_floating(x.dtype(), function, [&](auto zero) {
    using T = decltype(zero);
    kernel::binary(op, a.data<T>(), a.size() == 1 ? 0 : 1, b.data<T>(), b.size() == 1 ? 0 : 1, result.data<T>(), shape.count());
  });
  return result;
}

Tensor compute_unary(Unary op, const Tensor& x, const char* function) {
  Tensor result = Tensor::empty(x.shape(), x.dtype());
  dispatch_floating(x.dtype(), function, [&](auto zero) {
    using T = decltype(zero);
    kernel::unary(op, x.data<T>(), result.data<T>(), x.size());
  });
  return result;
}

/// x * factor + offset.
Tensor affine(const Tensor& x, double factor, double offset, const char* function) {
  Tensor result = Tensor::empty(x.shape(), x.dtype());
  dispatch_floating(x.dtype(), function, [&](auto zero) {
    using T = decltype(zero);
    kernel::scale(x.data<T>(), static_cast<T>(factor), static_cast<T>(offset), result.data<T>(), x.size());
  });
  return record(function, result, {&x}, [factor](const Tensor& g, Inputs, Gradients out) { out[0] = g * factor; });
}

int positive_axis(const Tensor& x, int axis, const char* function) {
  const int positive = axis < 0 ? axis + x.rank() : axis;
  if (positive < 0 || positive >= x.rank()) {
    throw ShapeError("[" + std::string(function) + "] there is no axis " + std::to_string(axis) + " in the shape " + to_string(x.shape()) + ".");
  }
  return positive;
}

Shape with_axis(const Shape& shape, int axis, bool keep) {
  std::vector<int64_t> sizes(shape.sizes().begin(), shape.sizes().end());
  if (keep) {
    sizes[static_cast<size_t>(axis)] = 1;
  } else {
    sizes.erase(sizes.begin() + axis);
  }
  return Shape(sizes);
}

/// Product of the sizes of axes [begin, end).
int64_t product(const Shape& shape, int begin, int end) {
  int64_t result = 1;
  for (int axis = begin; axis < end; ++axis) result *= shape[axis];
  return result;
}

Tensor compute_sum(const Tensor& x, int axis, bool keep) {
  Tensor result = Tensor::empty(with_axis(x.shape(), axis, keep), x.dtype());
  dispatch_floating(x.dtype(), "sum", [&](auto zero) {
    using T = decltype(zero);
    kernel::sum_axis(x.data<T>(), product(x.shape(), 0, axis), x.shape()[axis], product(x.shape(), axis + 1, x.rank()), result.data<T>());
  });
  return result;
}

}  // namespace

Tensor operator+(const Tensor& x, const Tensor& y) {
  return record("add", compute_binary(Binary::add, x, y, "add"), {&x, &y}, [](const Tensor& g, Inputs in, Gradients out) {
    for (size_t i = 0; i < 2; ++i) {
      if (in[i].requires_grad()) out[i] = sum_to(g, in[i].shape());
    }
  });
}

Tensor operator-(const Tensor& x, const Tensor& y) {
  return record("subtract", compute_binary(Binary::subtract, x, y, "subtract"), {&x, &y}, [](const Tensor& g, Inputs in, Gradients out) {
    if (in[0].requires_grad()) out[0] = sum_to(g, in[0].shape());
    if (in[1].requires_grad()) out[1] = sum_to(-g, in[1].shape());
  });
}

Tensor operator*(const Tensor& x, const Tensor& y) {
  return record("multiply", compute_binary(Binary::multiply, x, y, "multiply"), {&x, &y}, [](const Tensor& g, Inputs in, Gradients out) {
    if (in[0].requires_grad()) out[0] = sum_to(g * in[1], in[0].shape());
    if (in[1].requires_grad()) out[1] = sum_to(g * in[0], in[1].shape());
  });
}

Tensor operator/(const Tensor& x, const Tensor& y) {
  return record("divide", compute_binary(Binary::divide, x, y, "divide"), {&x, &y}, [](const Tensor& g, Inputs in, Gradients out) {
    if (in[0].requires_grad()) out[0] = sum_to(g / in[1], in[0].shape());
    if (in[1].requires_grad()) out[1] = sum_to(-(g * in[0] / square(in[1])), in[1].shape());
  });
}

Tensor operator-(const Tensor& x) {
  return record("negate", compute_unary(Unary::negate, x, "negate"), {&x}, [](const Tensor& g, Inputs, Gradients out) { out[0] = -g; });
}

Tensor operator+(const Tensor& x, double y) { return affine(x, 1.0, y, "add"); }
Tensor operator+(double x, const Tensor& y) { return affine(y, 1.0, x, "add"); }
Tensor operator-(const Tensor& x, double y) { return affine(x, 1.0, -y, "subtract"); }
Tensor operator-(double x, const Tensor& y) { return affine(y, -1.0, x, "subtract"); }
Tensor operator*(const Tensor& x, double y) { return x * Tensor(y, x.dtype()); }
Tensor operator*(double x, const Tensor& y) { return y * x; }
Tensor operator/(const Tensor& x, double y) { return x / Tensor(y, x.dtype()); }

Tensor square(const Tensor& x) {
  return record("square", compute_binary(Binary::multiply, x, x, "square"), {&x}, [](const Tensor& g, Inputs in, Gradients out) { out[0] = g * (in[0] * 2.0); });
}

Tensor sqrt(const Tensor& x) {
  return record("sqrt", compute_unary(Unary::square_root, x, "sqrt"), {&x}, [](const Tensor& g, Inputs in, Gradients out) { out[0] = g / (sqrt(in[0]) * 2.0); });
}

Tensor sign(const Tensor& x) {
  Tensor result = Tensor::empty(x.shape(), x.dtype());
  dispatch_floating(x.dtype(), "sign", [&](auto zero) {
    using T = decltype(zero);
    const T* from = x.data<T>();
    T* to = result.data<T>();
    for (int64_t i = 0; i < x.size(); ++i) to[i] = from[i] > 0 ? T{1} : from[i] < 0 ? T{-1} : from[i] * T{0};
  });
  return result;
}

Tensor abs(const Tensor& x) {
  return record("abs", compute_unary(Unary::absolute, x, "abs"), {&x}, [](const Tensor& g, Inputs in, Gradients out) { out[0] = g * sign(in[0].detach()); });
}

Tensor exp(const Tensor& x) {
  return record("exp", compute_unary(Unary::exponential, x, "exp"), {&x}, [](const Tensor& g, Inputs in, Gradients out) { out[0] = g * exp(in[0]); });
}

Tensor log(const Tensor& x) {
  return record("log", compute_unary(Unary::logarithm, x, "log"), {&x}, [](const Tensor& g, Inputs in, Gradients out) { out[0] = g / in[0]; });
}

Tensor reshape(const Tensor& x, const Shape& shape) {
  if (shape.count() != x.size()) {
    throw ShapeError("[reshape] the shape " + to_string(shape) + " has " + std::to_string(shape.count()) + " elements, the tensor " + to_string(x.shape()) +
                     " has " + std::to_string(x.size()) + ".");
  }
  return record("reshape", x.view(shape), {&x}, [](const Tensor& g, Inputs in, Gradients out) { out[0] = reshape(g, in[0].shape()); });
}

Tensor reshape(const Tensor& x, std::initializer_list<int64_t> sizes) {
  std::vector<int64_t> known(sizes);
  int64_t rest = 1;
  int64_t* open = nullptr;
  for (int64_t& size : known) {
    if (size != -1) {
      rest *= size;
    } else if (open) {
      throw ShapeError("[reshape] only one size may be -1.");
    } else {
      open = &size;
    }
  }
  if (open) {
    if (rest <= 0 || x.size() % rest != 0) throw ShapeError("[reshape] " + std::to_string(x.size()) + " elements do not divide by " + std::to_string(rest) + ".");
    *open = x.size() / rest;
  }
  return reshape(x, Shape(known));
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  if (broadcast(x.shape(), shape, "broadcast_to") != shape) {
    throw ShapeError("[broadcast_to] " + to_string(x.shape()) + " does not broadcast to " + to_string(shape) + ".");
  }
  if (x.shape() == shape) return x;
  Tensor result = Tensor::empty(shape, x.dtype());
  // The last axis is copied or filled row by row; the index of the row in x follows from the leading axes.
  const int rank = shape.rank();
  const int64_t columns = rank ? shape[-1] : 1;
  const int64_t rows = columns ? shape.count() / columns : 0;
  dispatch_floating(x.dtype(), "broadcast_to", [&](auto zero) {
    using T = decltype(zero);
    const T* from = x.data<T>();
    T* to = result.data<T>();
    const bool fill = x.rank() == 0 || x.shape()[-1] == 1;
    for (int64_t row = 0; row < rows; ++row) {
      int64_t rest = row, offset = 0, stride = fill ? 1 : columns;
      for (int axis = 2; axis <= x.rank(); ++axis) {
        const int64_t size = shape[-axis], own = x.shape()[-axis], index = rest % size;
        rest /= size;
        if (own != 1) offset += index * stride;
        stride *= own;
      }
      if (fill) {
        std::fill_n(to + row * columns, columns, from[offset]);
      } else {
        std::copy_n(from + offset, columns, to + row * columns);
      }
    }
  });
  return record("broadcast_to", result, {&x}, [](const Tensor& g, Inputs in, Gradients out) { out[0] = sum_to(g, in[0].shape()); });
}

Tensor sum_to(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  if (broadcast(x.shape(), shape, "sum_to") != x.shape()) {
    throw ShapeError("[sum_to] " + to_string(shape) + " does not broadcast to " + to_string(x.shape()) + ".");
  }
  if (shape.count() == 1 && x.size() != 1) return reshape(sum(x), shape);
  Tensor result = x.detach();
  const int extra = x.rank() - shape.rank();
  for (int axis = 0; axis < x.rank(); ++axis) {
    const bool summed = axis < extra || (shape[axis - extra] == 1 && x.shape()[axis] != 1);
    if (summed) result = compute_sum(result, axis, true);
  }
  return record("sum_to", result.view(shape), {&x}, [](const Tensor& g, Inputs in, Gradients out) { out[0] = broadcast_to(g, in[0].shape()); });
}

Tensor sum(const Tensor& x) {
  Tensor result = dispatch_floating(x.dtype(), "sum", [&](auto zero) { return Tensor(kernel::sum(x.data<decltype(zero)>(), x.size()), x.dtype()); });
  return record("sum", result, {&x}, [](const Tensor& g, Inputs in, Gradients out) { out[0] = broadcast_to(g, in[0].shape()); });
}

Tensor sum(const Tensor& x, int axis, bool keep) {
  const int along = positive_axis(x, axis, "sum");
  return record("sum", compute_sum(x, along, keep), {&x}, [along](const Tensor& g, Inputs in, Gradients out) {
    out[0] = broadcast_to(reshape(g, with_axis(in[0].shape(), along, true)), in[0].shape());
  });
}

Tensor mean(const Tensor& x) {
  if (x.size() == 0) throw ShapeError("[mean] there are no elements.");
  return sum(x) / static_cast<double>(x.size());
}

Tensor mean(const Tensor& x, int axis, bool keep) {
  const int along = positive_axis(x, axis, "mean");
  if (x.shape()[along] == 0) throw ShapeError("[mean] there are no elements along the axis " + std::to_string(axis) + ".");
  return sum(x, axis, keep) / static_cast<double>(x.shape()[along]);
}

}  // namespace rectify
