// Units that select among their inputs: maxout and concatenated ReLU. Nothing is rounded.
#pragma once

#include <cstdint>

namespace rectify::kernel {

/// y[i] = the largest of x[i * pieces .. (i + 1) * pieces), i < n; NaN if one is NaN.
template <class T>
void maxout(const T* x, int64_t n, int64_t pieces, T* y) noexcept;

/// gx = g[i] at the first largest element of piece i (the first NaN counts as largest), 0 at the others.
template <class T>
void maxout_backward(const T* x, const T* g, int64_t n, int64_t pieces, T* gx) noexcept;

/// Each row of `columns` elements becomes a row of twice as many: [relu(x), relu(-x)]. NaN stays NaN in both.
template <class T>
void crelu(const T* x, int64_t rows, int64_t columns, T* y) noexcept;

/// gx = the left half of g where x > 0, minus the right half where x < 0, 0 at 0.
template <class T>
void crelu_backward(const T* x, const T* g, int64_t rows, int64_t columns, T* gx) noexcept;

}  // namespace rectify::kernel
