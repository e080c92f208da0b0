// Gated units: y = a * f(b), a the value and b what gates it, in one pass; and both gradients in one pass.
#pragma once

#include <cstdint>

#include "rectify/activation/catalogue.h"

namespace rectify::kernel {

/// Whether there is a kernel for this gate: sigmoid, relu, gelu, gelu_tanh and swish.
bool is_gate(activation::Id id) noexcept;

/// Where the operands of a gated unit are: `rows` rows of `columns` elements, the rows of a and b (and of their gradients) `stride` elements apart.
struct GatedShape {
  int64_t rows = 0, columns = 0, stride = 0;
};

/// y (rows x columns, contiguous) = a * f(b): float32 is the correctly rounded result (float64 lanes, and the exact path where those leave the rounding in doubt),
/// float64 within 2 ulp, whatever the size of the operands, but that in float64 a gate below exp(-800) counts as 0. An infinite a is multiplied by the sign of f(b);
/// an infinite b has f's limit; NaN is canonical. y may be the memory of a or b if stride == columns.
template <class T>
void gated(const activation::Function& f, const T* a, const T* b, GatedShape shape, T* y) noexcept;

/// Given the gradient g of y (contiguous): ga = g * f(b), as exact as `gated`; gb = (g * a) * f'(b), correctly rounded in float32 and within 4 ulp in float64
/// (near a zero of f' relative to its terms, and where g * a and f' are numbers by themselves). Results may be an operand's memory.
template <class T>
void gated_backward(const activation::Function& f, const T* a, const T* b, const T* g, GatedShape shape, T* ga, T* gb) noexcept;

}  // namespace rectify::kernel
