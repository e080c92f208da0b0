// Ordered sums. They accumulate in float64 in 16 virtual lanes (element i goes to lane i mod 16) over blocks of 4096 elements; a block's lanes are added by the
// fixed tree ((0+8)+(4+12))+((2+10)+(6+14)) + the same for the odd lanes, i.e. halving: lane l += lane l+8, then +4, +2, +1; the blocks' sums are added in order from 0.
// No dependence on vector width, threads or alignment.
#pragma once

#include <cstdint>

namespace rectify::kernel {

/// Sum of x[0 .. n).
template <class T>
double sum(const T* x, int64_t n) noexcept;

/// Sum of the products x[i] * y[i], each exact or rounded once in float64.
template <class T>
double dot(const T* x, const T* y, int64_t n) noexcept;

/// out[o * inner + i] = sum over a of x[(o * axis + a) * inner + i], each output as by `sum`, rounded once to T.
template <class T>
void sum_axis(const T* x, int64_t outer, int64_t axis, int64_t inner, T* out) noexcept;

/// Largest |x|, NaN if there is one; 0 for n = 0.
template <class T>
T max_magnitude(const T* x, int64_t n) noexcept;

/// Index of the first largest element of each row (NaN counts as largest).
template <class T>
void argmax_rows(const T* x, int64_t rows, int64_t columns, int64_t* out) noexcept;

/// How many elements are above 0, less how many are below. On the calling thread alone.
template <class T>
int64_t sign_balance(const T* x, int64_t n) noexcept;

/// True if no element is infinite or NaN.
template <class T>
bool all_finite(const T* x, int64_t n) noexcept;

}  // namespace rectify::kernel
