// Products of matrices, the linear layer and its fusion with an activation.
#include <algorithm>
#include <array>

#include "rectify/autograd/engine.h"
#include "rectify/autograd/layer_observer.h"
#include "rectify/autograd/operations.h"
#include "rectify/autograd/trace.h"
#include "rectify/base/error.h"
#include "rectify/kernel/arithmetic.h"
#include "rectify/kernel/gemm.h"

namespace rectify {
namespace {

using autograd::record;
using Inputs = std::span<const Tensor>;
using Gradients = std::span<Tensor>;

void require_matrix(const Tensor& x, const char* function) {
  if (x.rank() != 2) throw ShapeError("[" + std::string(function) + "] needs a matrix, not the shape " + to_string(x.shape()) + ".");
}

struct LinearResult {
  Tensor value, pre_activation;
};

void check_linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  require_matrix(weight, "linear");
  if (x.rank() < 1 || x.shape()[-1] != weight.size(1)) {
    throw ShapeError("[linear] the input " + to_string(x.shape()) + " does not fit the weight " + to_string(weight.shape()) + " (out, in): its last axis must be " +
                     std::to_string(weight.size(1)) + ".");
  }
  if (bias.defined() && bias.shape() != Shape{weight.size(0)}) {
    throw ShapeError("[linear] the bias " + to_string(bias.shape()) + " must have the shape (" + std::to_string(weight.size(0)) + ",).");
  }
  if (x.dtype() != weight.dtype() || (bias.defined() && bias.dtype() != weight.dtype())) {
    throw DTypeError("[linear] the input is " + std::string(name(x.dtype())) + " and the weight " + std::string(name(weight.dtype())) + ". Convert one with to().");
  }
}

/// The shape with another size of the last axis.
Shape with_last(const Shape& shape, int64_t size) {
  std::array<int64_t, Shape::max_rank> sizes{};
  const size_t rank = shape.sizes().size();
  std::ranges::copy(shape.sizes(), sizes.begin());
  sizes[rank - 1] = size;
  return Shape(std::span<const int64_t>(sizes.data(), rank));
}

/// One pass over the product; the value before the activation is kept if asked for.
LinearResult compute_linear(const Tensor& x, const Tensor& weight, const Tensor& bias, const activation::Function* f, bool keep) {
  check_linear(x, weight, bias);
  const int64_t in = weight.size(1), out = weight.size(0), rows = in ? x.size() / in : (x.rank() == 2 ? x.size(0) : 0);
  const Shape shape = with_last(x.shape(), out);
  LinearResult result{Tensor::empty(shape, x.dtype()), keep ? Tensor::empty(shape, x.dtype()) : Tensor()};
  dispatch_floating(x.dtype(), "linear", [&](auto zero) {
    using T = decltype(zero);
    const kernel::Epilogue<T> epilogue{bias.defined() ? bias.data<T>() : nullptr, f, keep ? result.pre_activation.data<T>() : nullptr};
    kernel::gemm(false, true, rows, out, in, x.data<T>(), in, weight.data<T>(), in, result.value.data<T>(), out, epilogue);
  });
  return result;
}

/// x with all but its last axis as one.
Tensor as_matrix(const Tensor& x) { return x.rank() == 2 ? x : reshape(x, {-1, x.shape()[-1]}); }

/// The gradients of x Wᵀ + b, given that of its result.
void linear_backward(const Tensor& gradient, Inputs in, Gradients out) {
  const Tensor& x = in[0];
  const Tensor& weight = in[1];
  autograd::observe_gradient(x, weight, gradient);
  const Tensor g = as_matrix(gradient);
  if (x.requires_grad()) out[0] = x.rank() == 2 ? matmul(g, weight) : reshape(matmul(g, weight), x.shape());
  if (weight.requires_grad()) out[1] = matmul(g, as_matrix(x), true, false);
  if (in.size() > 2 && in[2].requires_grad()) out[2] = sum_rows(g);
}

Tensor record_linear(Tensor value, const Tensor& x, const Tensor& weight, const Tensor& bias, auto backward) {
  return bias.defined() ? record("linear", std::move(value), {&x, &weight, &bias}, backward) : record("linear", std::move(value), {&x, &weight}, backward);
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  require_matrix(a, "matmul");
  require_matrix(b, "matmul");
  const int64_t m = a.size(transpose_a ? 1 : 0), k = a.size(transpose_a ? 0 : 1), n = b.size(transpose_b ? 0 : 1);
  if (b.size(transpose_b ? 1 : 0) != k) {
    throw ShapeError("[matmul] inner sizes differ: " + to_string(a.shape()) + (transpose_a ? "ᵀ" : "") + " x " + to_string(b.shape()) + (transpose_b ? "ᵀ" : "") +
                     ". Transpose one argument?");
  }
  if (a.dtype() != b.dtype()) {
    throw DTypeError("[matmul] types differ: " + std::string(name(a.dtype())) + " and " + std::string(name(b.dtype())) + ". Convert one with to().");
  }
  Tensor result = Tensor::empty(Shape{m, n}, a.dtype());
  dispatch_floating(a.dtype(), "matmul", [&](auto zero) {
    using T = decltype(zero);
    kernel::gemm(transpose_a, transpose_b, m, n, k, a.data<T>(), a.size(1), b.data<T>(), b.size(1), result.data<T>(), n);
  });
  return record("matmul", result, {&a, &b}, [transpose_a, transpose_b](const Tensor& g, Inputs in, Gradients out) {
    // With A' = op(A) and B' = op(B): dA' = g B'ᵀ and dB' = A'ᵀ g, transposed back where the operand was.
    if (in[0].requires_grad()) out[0] = transpose_a ? matmul(in[1], g, transpose_b, true) : matmul(g, in[1], false, !transpose_b);
    if (in[1].requires_grad()) out[1] = transpose_b ? matmul(g, in[0], true, transpose_a) : matmul(in[0], g, !transpose_a, false);
  });
}

Tensor transpose(const Tensor& x) {
  require_matrix(x, "transpose");
  Tensor result = Tensor::empty(Shape{x.size(1), x.size(0)}, x.dtype());
  dispatch_floating(x.dtype(), "transpose", [&](auto zero) {
    using T = decltype(zero);
    kernel::transpose(x.data<T>(), x.size(0), x.size(1), result.data<T>());
  });
  return record("transpose", result, {&x}, [](const Tensor& g, Inputs, Gradients out) { out[0] = transpose(g); });
}

Tensor sum_rows(const Tensor& x) {
  require_matrix(x, "sum_rows");
  Tensor result = Tensor::empty(Shape{x.size(1)}, x.dtype());
  dispatch_floating(x.dtype(), "sum_rows", [&](auto zero) {
    using T = decltype(zero);
    kernel::sum_rows_chain(x.data<T>(), x.size(0), x.size(1), result.data<T>());
  });
  return record("sum_rows", result, {&x}, [](const Tensor& g, Inputs in, Gradients out) { out[0] = broadcast_to(g, in[0].shape()); });
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  Tensor result = record_linear(compute_linear(x, weight, bias, nullptr, false).value, x, weight, bias, linear_backward);
  trace::linear(weight, result);
  autograd::observe_layer(weight, result);
  return result;
}

Tensor linear_activate(const Tensor& x, const Tensor& weight, const Tensor& bias, const activation::Function& f) {
  // A backward pass that will itself be differentiated needs the history of the value in between; a trace wants to see it.
  if (autograd::recording_depth() > 1 || trace::active()) return activate(f, linear(x, weight, bias));
  const bool keep_output = activation::spec(f).slope_from_output && f.at_kinks == activation::AtKinks::standard;
  const bool differentiated = autograd::recording() && (x.requires_grad() || weight.requires_grad() || bias.requires_grad());
  LinearResult result = compute_linear(x, weight, bias, &f, (differentiated || autograd::observed()) && !keep_output);
  const Tensor kept = keep_output ? result.value.detach() : result.pre_activation;
  Tensor output = record_linear(std::move(result.value), x, weight, bias, [f, kept = kept](const Tensor& g, Inputs in, Gradients out) mutable {
    autograd::observe_gradient(in[1], f, g);
    linear_backward(autograd::consume_gradient(f, kept, g), in, out);
  });
  autograd::observe_layer(weight, f, result.pre_activation, output);
  return output;
}

}  // namespace rectify
