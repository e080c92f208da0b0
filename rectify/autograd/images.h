// Convolution, pooling and normalisation as differentiable functions. Images are (batch, height, width, channels): the features are the last axis, as everywhere.
// float32 and float64; all differentiable twice and more by every operand. They throw ShapeError or DTypeError for operands that do not go together and
// ArgumentError for options that make no sense.
#pragma once

#include "rectify/autograd/operations.h"
#include "rectify/kernel/conv.h"

namespace rectify {

/// Sizes along the height and along the width; one number stands for both.
struct Extent : kernel::Extent {
  constexpr Extent(int64_t both = 1) : kernel::Extent{both, both} {}
  constexpr Extent(int64_t along_height, int64_t along_width) : kernel::Extent{along_height, along_width} {}
};

struct Conv2dOptions {
  Extent stride = 1;
  Extent padding = 0;   ///< zeros around the image, on both sides
  Extent dilation = 1;  ///< distance between the kernel's taps
  int64_t groups = 1;   ///< group i of the channels meets group i of the outputs; groups = channels is a depthwise convolution
};

/// y[n, i, j, o] = sum over p, q, c of x[n, i stride - padding + p dilation, j stride - padding + q dilation, c] weight[o, p, q, c] + bias[o]: x (batch, height, width, in),
/// weight (out, kernel height, kernel width, in / groups), bias (out) or undefined; the result's height is floor((height + 2 padding - dilation (kernel - 1) - 1) / stride) + 1.
/// Each element is a chain of fused multiply-adds in the order that kernel/conv.h states.
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = Tensor(), const Conv2dOptions& options = {});
/// f(conv2d(x, weight, bias)) in one pass; the same bits as activate(f, conv2d(x, weight, bias)).
Tensor conv2d_activate(const Tensor& x, const Tensor& weight, const Tensor& bias, const activation::Function& f, const Conv2dOptions& options = {});

/// The gradient of sum(g * conv2d(x, weight)) by x, an image of the given size, and by the weight, of the given kernel size. Both are linear in each operand.
Tensor conv2d_input_gradient(const Tensor& g, const Tensor& weight, Extent image, const Conv2dOptions& options = {});
Tensor conv2d_weight_gradient(const Tensor& x, const Tensor& g, Extent kernel, const Conv2dOptions& options = {});

struct Pool2dOptions {
  Extent kernel = 2;
  Extent stride = 0;              ///< 0: as the kernel, so that windows do not overlap
  Extent padding = 0;             ///< at most half the kernel
  bool count_include_pad = true;  ///< avg_pool2d alone: the mean counts zeros of the padding
};

/// The largest number of each window, channel by channel; the gradient goes to the first of several, and NaN is the largest of all. Positions outside do not count.
Tensor max_pool2d(const Tensor& x, const Pool2dOptions& options);
/// The mean of each window, added in float64 and rounded once.
Tensor avg_pool2d(const Tensor& x, const Pool2dOptions& options);
/// The mean over height and width: (batch, height, width, channels) -> (batch, channels).
Tensor global_avg_pool2d(const Tensor& x);

/// What batch normalisation knows of each channel: float64, shape (channels); the variance is the mean squared deviation.
struct BatchStatistics {
  Tensor mean, variance;
};

/// (x - mean) / sqrt(variance + epsilon) * weight + bias over all axes but the last, with the mean and the variance of x itself: x (..., channels), weight and bias
/// (channels) or undefined. Ordered sums in float64, rounded once, see kernel/normalise.h. `seen`, if not null, gets those statistics. Throws ArgumentError for
/// epsilon below 0 and for fewer than two numbers per channel, which have no variance. Ioffe and Szegedy 2015.
Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double epsilon = 1e-5, BatchStatistics* seen = nullptr);
/// The same with given statistics, which count as constant.
Tensor batch_norm(const Tensor& x, const BatchStatistics& statistics, const Tensor& weight, const Tensor& bias, double epsilon = 1e-5);

/// (x - mean) / sqrt(variance + epsilon) * weight + bias along the last axis, with the mean and variance of each row: weight and bias (features) or undefined.
/// Ba, Kiros and Hinton 2016.
Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double epsilon = 1e-5);

/// The size of the images that come out. Throw ArgumentError, as the functions above do, for options that make no sense or that this image is too small for.
Extent conv2d_output(Extent image, Extent kernel, const Conv2dOptions& options);
Extent pool2d_output(const char* function, Extent image, const Pool2dOptions& options);

}  // namespace rectify
