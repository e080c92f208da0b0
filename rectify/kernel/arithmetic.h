// Elementwise arithmetic over contiguous memory and over broadcast operands. Outputs may be an input's memory. Parallel over elements.
#pragma once

#include <cstdint>

namespace rectify::kernel {

enum class Binary { add, subtract, multiply, divide };
enum class Unary { negate, absolute, square_root, exponential, logarithm };

/// z[i] = x[i * x_step] op y[i * y_step]; a step is 0 (one number for all) or 1.
template <class T>
void binary(Binary op, const T* x, int64_t x_step, const T* y, int64_t y_step, T* z, int64_t n) noexcept;

/// exponential and logarithm are computed in float64 lanes and rounded once.
template <class T>
void unary(Unary op, const T* x, T* y, int64_t n) noexcept;

/// y[i] = x[i] * factor + offset: two roundings in T, the factor and the offset first rounded to T.
template <class T>
void scale(const T* x, T factor, T offset, T* y, int64_t n) noexcept;

/// y (columns x rows) = transpose of x (rows x columns).
template <class T>
void transpose(const T* x, int64_t rows, int64_t columns, T* y) noexcept;

}  // namespace rectify::kernel
