// Every activation and its derivatives over memory. Computed in float64 lanes and rounded once, so the result for a number depends on nothing but the number.
#pragma once

#include <cstdint>

#include "rectify/activation/catalogue.h"
#include "rectify/base/float16.h"

namespace rectify::kernel {

/// y[i] = D f(x[i]) or, when g is not null, g[i] * D f(x[i]) rounded once from float64, for the derivative D. T is float, double,
/// Float16 or BFloat16; float32 and 16-bit results (value, slope, curvature) are rounded correctly.
/// x, g and y may be the same memory; no alignment is asked for. Parallel over elements.
template <class T>
void pointwise(const activation::Function& f, activation::Derivative derivative, const T* x, const T* g, T* y, int64_t n) noexcept;

template <class T>
  requires(sizeof(T) == 2)
void pointwise(const activation::Function& f, activation::Derivative derivative, const T* x, const T* g, T* y, int64_t n) noexcept;

/// The same on the calling thread alone: for a tile that is in its cache.
template <class T>
void pointwise_here(const activation::Function& f, activation::Derivative derivative, const T* x, const T* g, T* y, int64_t n) noexcept;

template <class T>
  requires(sizeof(T) == 2)
void pointwise_here(const activation::Function& f, activation::Derivative derivative, const T* x, const T* g, T* y, int64_t n) noexcept;

}  // namespace rectify::kernel
