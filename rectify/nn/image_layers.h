// Layers for images (batch, height, width, channels): Conv2d, MaxPool2d, AvgPool2d, GlobalAvgPool2d, and Unflatten, which makes images of rows of numbers.
#pragma once

#include "rectify/autograd/images.h"
#include "rectify/nn/layers.h"

namespace rectify::nn {

/// Sizes may be one number or, in braces, one along the height and one along the width.
struct Conv2dLayerOptions {
  Extent stride = 1, padding = 0, dilation = 1;
  int64_t groups = 1;
  bool bias = true;
  std::optional<Initialiser> init = std::nullopt;       ///< of the weight; otherwise what initialise() is told. fan_in is kernel height * kernel width * in / groups
  std::optional<Initialiser> bias_init = std::nullopt;  ///< otherwise 0
};

/// conv2d, see autograd/images.h: (batch, height, width, in) -> (batch, height', width', out). Conv2d{3, 16, 5, {.stride = 2, .padding = 2}}. The constructor draws
/// lecun_normal weights from seed 0; call nn::initialise to choose. Throws ArgumentError for sizes below 1 and channels that do not divide into the groups.
class Conv2d : public WeightedLayer {
 public:
  Conv2d(int64_t in, int64_t out, Extent kernel, const Conv2dLayerOptions& options = {}, DType dtype = DType::float32);
  Tensor forward(const Tensor& x) override;
  Tensor forward(const Tensor& x, const activation::Function& f) override;
  std::string specification() const override;

  Extent kernel;
  Conv2dOptions convolution;
};

/// The largest number of each window; the stride is the kernel unless it is given.
class MaxPool2d : public Module {
 public:
  explicit MaxPool2d(Extent kernel, Extent stride = 0, Extent padding = 0) : options{.kernel = kernel, .stride = stride, .padding = padding} {}
  Tensor forward(const Tensor& x) override { return max_pool2d(x, options); }
  std::string specification() const override;

  Pool2dOptions options;
};

/// The mean of each window, zeros of the padding counted unless told otherwise.
class AvgPool2d : public Module {
 public:
  explicit AvgPool2d(Extent kernel, Extent stride = 0, Extent padding = 0, bool count_include_pad = true)
      : options{.kernel = kernel, .stride = stride, .padding = padding, .count_include_pad = count_include_pad} {}
  Tensor forward(const Tensor& x) override { return avg_pool2d(x, options); }
  std::string specification() const override;

  Pool2dOptions options;
};

/// The mean over each image: (batch, height, width, channels) -> (batch, channels).
class GlobalAvgPool2d : public Module {
 public:
  Tensor forward(const Tensor& x) override { return global_avg_pool2d(x); }
  std::string specification() const override { return "global_avg_pool2d"; }
};

/// (n, ...) -> (n, height, width, channels), whatever the axes of the samples were: images from rows of numbers, or from images without an axis for channels.
/// Throws ArgumentError for sizes below 1.
class Unflatten : public Module {
 public:
  Unflatten(int64_t height, int64_t width, int64_t channels = 1);
  Tensor forward(const Tensor& x) override;
  std::string specification() const override;

  int64_t height, width, channels;
};

}  // namespace rectify::nn
