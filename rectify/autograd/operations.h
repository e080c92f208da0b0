// The differentiable operations on tensors. float32 and float64; both operands of one type. Shapes broadcast as in NumPy where it says so.
// All throw ShapeError or DTypeError for operands that do not go together.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "rectify/activation/catalogue.h"
#include "rectify/tensor/tensor.h"

namespace rectify {

/// Elementwise with broadcasting.
Tensor operator+(const Tensor& x, const Tensor& y);
Tensor operator-(const Tensor& x, const Tensor& y);
Tensor operator*(const Tensor& x, const Tensor& y);
Tensor operator/(const Tensor& x, const Tensor& y);
Tensor operator-(const Tensor& x);

/// With a number, which is first rounded to the tensor's type.
Tensor operator+(const Tensor& x, double y);
Tensor operator+(double x, const Tensor& y);
Tensor operator-(const Tensor& x, double y);
Tensor operator-(double x, const Tensor& y);
Tensor operator*(const Tensor& x, double y);
Tensor operator*(double x, const Tensor& y);
Tensor operator/(const Tensor& x, double y);

/// x^2.
Tensor square(const Tensor& x);
/// The square root; its slope at 0 is +inf.
Tensor sqrt(const Tensor& x);
/// |x|; its slope at 0 is 0.
Tensor abs(const Tensor& x);
/// -1, 0 or 1; its slope is 0.
Tensor sign(const Tensor& x);
/// e^x and the natural logarithm, computed in float64 and rounded once.
Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);

/// op(a) op(b) for matrices; op transposes if told so. Each element is a chain of fused multiply-adds, see kernel/gemm.h.
Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a = false, bool transpose_b = false);
/// The transpose of a matrix.
Tensor transpose(const Tensor& x);
/// The same elements with another shape; one size may be -1 and follows from the others.
Tensor reshape(const Tensor& x, std::initializer_list<int64_t> sizes);
Tensor reshape(const Tensor& x, const Shape& shape);
/// x repeated to a shape it broadcasts to, and its adjoint: x summed down to a shape that broadcasts to x's.
Tensor broadcast_to(const Tensor& x, const Shape& shape);
Tensor sum_to(const Tensor& x, const Shape& shape);

/// All elements, or along one axis (kept with size 1 if `keep`). Ordered sums in float64, see kernel/reduce.h, rounded once.
Tensor sum(const Tensor& x);
Tensor sum(const Tensor& x, int axis, bool keep = false);
/// The sum divided by the number of elements.
Tensor mean(const Tensor& x);
Tensor mean(const Tensor& x, int axis, bool keep = false);
/// The sum over the rows of a matrix in the order of a GEMM: how a bias's gradient is summed over a batch. Shape (columns).
Tensor sum_rows(const Tensor& x);

/// x Wᵀ + b over the last axis of x: x (..., in), weight (out, in), bias (out) or undefined; result (..., out).
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = Tensor());
/// f(x Wᵀ + b) in one pass; the same bits as activate(f, linear(x, weight, bias)).
Tensor linear_activate(const Tensor& x, const Tensor& weight, const Tensor& bias, const activation::Function& f);

/// f(x), elementwise, correctly rounded. Differentiable twice; a third derivative is refused with an ArgumentError. This and the two functions below also take
/// float16 and bfloat16 tensors.
Tensor activate(const activation::Function& f, const Tensor& x);
/// f(x) with parameters that are learned: parameters[i], a tensor with one element, replaces f.parameters[i] where it is defined.
Tensor activate(const activation::Function& f, const Tensor& x, std::span<const Tensor> parameters);

/// g * f'(x), rounded once: the gradient of sum(g * f(x)) by x. Differentiable once more.
Tensor activation_backward(const activation::Function& f, const Tensor& x, const Tensor& g);
/// g times any derivative of f at x, with learned parameters as in activate(). Differentiable up to the second derivative in all.
Tensor activation_derivative(const activation::Function& f, activation::Derivative derivative, const Tensor& x, const Tensor& g, std::span<const Tensor> parameters = {});

/// Over the last axis.
Tensor softmax(const Tensor& x);
Tensor log_softmax(const Tensor& x);

/// A matrix of the given number of columns whose row i is x[i] at index[i] and 0 elsewhere: the adjoint of pick.
Tensor place(const Tensor& x, const Tensor& index, int64_t columns);
/// out[i] = x[i][index[i]] for a matrix x and int64 indices; throws ArgumentError for an index out of range.
Tensor pick(const Tensor& x, const Tensor& index);

/// -mean(pick(log_softmax(x), index)), the same bits in one operation.
Tensor mean_cross_entropy(const Tensor& x, const Tensor& index);
/// mean(t softplus(-x) + (1 - t) softplus(x)) for targets t, the same bits in one operation.
Tensor mean_binary_cross_entropy(const Tensor& x, const Tensor& target);
/// mean(square(x - y)), the same bits in one operation.
Tensor mean_squared_error(const Tensor& x, const Tensor& y);

}  // namespace rectify
