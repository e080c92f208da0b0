// sparsemax: the Euclidean projection of a row onto the probability simplex (Martins and Astudillo 2016, arXiv:1602.02068), y = max(x - tau, 0) with the one tau
// for which y sums to 1. Small logits become exactly 0. A row with NaN or +inf, or all of -inf, gives NaN; -inf beside finite numbers gives 0.
#pragma once

#include <cstdint>

namespace rectify::kernel {

/// Rows of a matrix (rows x columns, row major). The threshold is exact to about 100 bits: the largest elements are sorted and summed in order in double-double
/// arithmetic. Each element is rounded once. y may be the memory of x. Parallel over rows.
template <class T>
void sparsemax(const T* x, int64_t rows, int64_t columns, T* y) noexcept;

/// Given y = sparsemax(x): gx = g - (the mean of g where y > 0) where y > 0, and 0 elsewhere. The sum runs along the row in float64.
template <class T>
void sparsemax_backward(const T* y, const T* g, int64_t rows, int64_t columns, T* gx) noexcept;

}  // namespace rectify::kernel
