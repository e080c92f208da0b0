// Batch and layer normalisation of a matrix (rows x columns, row major). Images are such a matrix too: one row for each position, one column for each channel.
//
// Everything is float64 until a result is rounded to T, once. Sums have the order of reduce.h, products in them being rounded first: 16 virtual lanes along the
// reduced index, blocks of 4096, a fixed tree, the blocks in order. Division and square root are the processor's exact ones. `weight` and `bias` have one number
// per column; null stands for ones and zeros.
#pragma once

#include <cstdint>

namespace rectify::kernel {

/// Of each column: mean = sum / rows; variance = (sum over blocks, in order, of q + n (m - mean)^2) / rows, where a block of n rows has the mean m and the sum q of
/// its squared deviations from m. This reads x once, and loses no digits however far the mean is from 0. rows >= 1.
template <class T>
void column_moments(const T* x, int64_t rows, int64_t columns, double* mean, double* variance) noexcept;

/// y = fma(x - mean, scale, bias), scale = weight / sqrt(variance + epsilon), by columns.
template <class T>
void normalise_columns(const T* x, int64_t rows, int64_t columns, const double* mean, const double* variance, double epsilon, const T* weight, const T* bias, T* y) noexcept;

/// Where gradients go; null for those that are not wanted.
template <class T>
struct NormGradients {
  T* x = nullptr;
  T* weight = nullptr;
  T* bias = nullptr;
};

/// With d = x - mean, r = 1 / sqrt(variance + epsilon) and scale as above, by columns:
///   bias = sum g,   weight = r sum (g d),   x = scale ((g - sum g / rows) - d (r^2 sum (g d) / rows)), the last product fused;
/// with `fixed` moments, which do not depend on x: x = g scale.
template <class T>
void normalise_columns_backward(const T* x, const T* g, int64_t rows, int64_t columns, const double* mean, const double* variance, double epsilon, const T* weight, bool fixed,
                                const NormGradients<T>& gradients) noexcept;

/// By rows: mean = sum / columns, r = 1 / sqrt(sum (x - mean)^2 / columns + epsilon), y = fma((x - mean) r, weight, bias). mean and r are kept, one per row, unless null.
template <class T>
void normalise_rows(const T* x, int64_t rows, int64_t columns, double epsilon, const T* weight, const T* bias, T* y, double* mean, double* inverse_deviation) noexcept;

/// With d = x - mean and h = g weight, by rows: x = r ((h - sum h / columns) - d (r^2 sum (h d) / columns)); by columns: bias = sum g, weight = sum (g (d r)).
template <class T>
void normalise_rows_backward(const T* x, const T* g, int64_t rows, int64_t columns, const double* mean, const double* inverse_deviation, const T* weight,
                             const NormGradients<T>& gradients) noexcept;

}  // namespace rectify::kernel
