// Fixed-order convolution in two dimensions. Images are (batch, height, width, channels), row major: the features are the last axis, as everywhere. Weights are
// (out_channels, kernel_height, kernel_width, channels / groups). Group i of the input's channels meets group i of the output's.
#pragma once

#include <cstdint>

#include "rectify/kernel/gemm.h"

namespace rectify::kernel {

/// Sizes along the height and along the width.
struct Extent {
  int64_t height = 1, width = 1;
  friend bool operator==(const Extent&, const Extent&) = default;
};

/// What is convolved with what. out_channels and channels are multiples of groups.
struct Convolution {
  int64_t batch = 0;
  Extent image;
  int64_t channels = 1, out_channels = 1;
  Extent kernel, stride, padding{0, 0}, dilation;
  int64_t groups = 1;

  /// floor((image + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, at least 1 in both directions if the convolution is possible.
  Extent output() const {
    const auto along = [](int64_t size, int64_t pad, int64_t gap, int64_t taps, int64_t step) {
      const int64_t free = size + 2 * pad - gap * (taps - 1) - 1;
      return free < 0 ? 0 : free / step + 1;
    };
    return {along(image.height, padding.height, dilation.height, kernel.height, stride.height),
            along(image.width, padding.width, dilation.width, kernel.width, stride.width)};
  }
  int64_t channels_per_group() const { return channels / groups; }
  int64_t outputs_per_group() const { return out_channels / groups; }
};

/// y (batch, output height, output width, out_channels) = x * weight, then the epilogue, whose bias has out_channels numbers and whose pre_activation has y's shape.
/// y must not overlap x or weight.
///
/// Every element is the element of a product of matrices, as in gemm.h, over k = (kernel row, kernel column, channel of the group) in order: chains of 512 fused
/// multiply-adds from 0, added in order. Positions outside the image are zeros that are multiplied.
template <class T>
void convolve(const Convolution& shape, const T* x, const T* weight, T* y, const Epilogue<T>& epilogue = {}) noexcept;

/// dx (x's shape): the gradient of sum(g * y) by x. An element is such a sum over (kernel row, kernel column, output channel of the group), rows and columns from
/// the last to the first, that is with g's positions ascending; only those rows and columns that meet this element at the stride count, and positions outside g are
/// zeros that are multiplied.
template <class T>
void convolve_input_gradient(const Convolution& shape, const T* g, const T* weight, T* dx) noexcept;

/// dw (weight's shape): the gradient of sum(g * y) by the weight. An element is such a sum over (sample, output row, output column) in order; positions outside the
/// image are zeros that are multiplied.
template <class T>
void convolve_weight_gradient(const Convolution& shape, const T* x, const T* g, T* dw) noexcept;

}  // namespace rectify::kernel
