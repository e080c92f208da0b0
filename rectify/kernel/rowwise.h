// softmax and log_softmax over the rows of a matrix (rows x columns, row major), in float64 lanes, rounded once. The sum of a row has the order of reduce.h;
// in log_softmax the largest element counts as 0 in it and log1p makes up for that, so that the small loss of a certain prediction is not rounded away.
// A row with a NaN, or all of -inf, or with +inf gives NaN where the mathematics has no value; -inf beside finite numbers gives 0 (log: -inf).
#pragma once

#include <cstdint>

namespace rectify::kernel {

template <class T>
void softmax(const T* x, int64_t rows, int64_t columns, T* y) noexcept;

template <class T>
void log_softmax(const T* x, int64_t rows, int64_t columns, T* y) noexcept;

/// Given y = softmax(x): gx = y * (g - sum(g * y)).
template <class T>
void softmax_backward(const T* y, const T* g, int64_t rows, int64_t columns, T* gx) noexcept;

/// Given y = log_softmax(x): gx = g - exp(y) * sum(g).
template <class T>
void log_softmax_backward(const T* y, const T* g, int64_t rows, int64_t columns, T* gx) noexcept;

}  // namespace rectify::kernel
