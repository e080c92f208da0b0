// Pooling over windows of images in (batch, height, width, channels), row major; each channel by itself. Windows lie as those of a convolution without dilation.
#pragma once

#include <cstdint>

#include "rectify/kernel/conv.h"

namespace rectify::kernel {

/// Which windows of which images. Every window must hold at least one position of its image: padding of at most half the kernel.
struct Pooling {
  int64_t batch = 0;
  Extent image;
  int64_t channels = 1;
  Extent kernel, stride, padding{0, 0};

  /// As Convolution::output().
  Extent output() const { return Convolution{.image = image, .kernel = kernel, .stride = stride, .padding = padding, .dilation = {}}.output(); }
};

/// y (batch, output height, output width, channels) = the largest number of each window, NaN if there is one; positions outside the image do not count.
/// chosen, if not null, has y's shape: the place of that number in its window, row * kernel width + column; of several, the first in row-major order (the first
/// NaN, if there is one). Index is uint8_t for windows of at most 256 places, or int64_t.
template <class T, class Index>
void max_pool(const Pooling& shape, const T* x, T* y, Index* chosen) noexcept;

/// gx (x's shape): each number of g goes to the place that its window chose. An element is the sum, from 0 in T, over the windows that chose it, in row-major order.
template <class T, class Index>
void max_pool_backward(const Pooling& shape, const T* g, const Index* chosen, T* gx) noexcept;

/// The adjoint of that: y[window] = x at the place that the window chose.
template <class T, class Index>
void max_pool_select(const Pooling& shape, const T* x, const Index* chosen, T* y) noexcept;

/// y = the mean of each window: its numbers are added in float64 from 0 in row-major order, divided by their number (with `count_padding` by the window's size,
/// padding being zeros) and rounded once.
template <class T>
void average_pool(const Pooling& shape, bool count_padding, const T* x, T* y) noexcept;

/// gx (x's shape): an element is the chain acc = fma(g[window], 1 / number, acc) in float64 from 0 over the windows that hold it, in row-major order; the quotient
/// is rounded to float64, the result once.
template <class T>
void average_pool_backward(const Pooling& shape, bool count_padding, const T* g, T* gx) noexcept;

}  // namespace rectify::kernel
