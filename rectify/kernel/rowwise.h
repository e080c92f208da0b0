// softmax and log_softmax over the rows of a matrix (rows x columns, row major), for logits of any size. Every element is within 1 ulp of the true value (float32:
// 0.5001) for rows up to 10^5 long: float32 in float64 lanes, float64 in pairs, rounded once. The sum of a row has the order of reduce.h (float64: its 16 virtual
// lanes along the whole row); in log_softmax the largest element counts as 0 in it and log1p makes up for that, so that the small loss of a certain prediction is
// not rounded away. As in PyTorch, a row with a NaN or +inf, or all of -inf, is NaN: the mathematics has no value there; -inf beside finite numbers gives 0
// (log: -inf).
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
