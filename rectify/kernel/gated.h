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

/// y (rows x columns, contiguous) = a * f(b), computed in float64 lanes and rounded once: float32 within 0.5000001 ulp, float64 within 2 ulp, whatever the size of
/// the operands. An infinite a is multiplied by the sign of f(b), which is exact; an infinite b has f's limit. y may be the memory of a or b if stride == columns.
template <class T>
void gated(const activation::Function& f, const T* a, const T* b, GatedShape shape, T* y) noexcept;

/// Given the gradient g of y (contiguous): ga = g * f(b), as exact as `gated`; gb = (g * a) * f'(b), rounded once for float32. Results may be an operand's memory.
template <class T>
void gated_backward(const activation::Function& f, const T* a, const T* b, const T* g, GatedShape shape, T* ga, T* gb) noexcept;

}  // namespace rectify::kernel
