#include "rectify/nn/image_layers.h"

#include "rectify/base/error.h"

namespace rectify::nn {
namespace {

/// 3, or size(3, 5).
std::string text_of(const Extent& extent) {
  if (extent.height == extent.width) return std::to_string(extent.height);
  return "size(" + std::to_string(extent.height) + ", " + std::to_string(extent.width) + ")";
}

Shape checked_shape(int64_t in, int64_t out, const Extent& kernel, int64_t groups) {
  if (in < 1 || out < 1 || kernel.height < 1 || kernel.width < 1) {
    throw ArgumentError("[Conv2d] the numbers of inputs and outputs and the kernel must be at least 1, not " + std::to_string(in) + ", " + std::to_string(out) + " and " +
                        text_of(kernel) + ".");
  }
  if (groups < 1 || in % groups != 0 || out % groups != 0) {
    throw ArgumentError("[Conv2d] " + std::to_string(in) + " inputs and " + std::to_string(out) + " outputs do not both divide into " + std::to_string(groups) +
                        " groups. Choose a divisor of both.");
  }
  return Shape{out, kernel.height, kernel.width, in / groups};
}

std::string pool_text(const char* name, const Pool2dOptions& options) {
  const Extent& stride = options.stride;
  const Extent step(stride.height ? stride.height : options.kernel.height, stride.width ? stride.width : options.kernel.width);
  return std::string(name) + "(" + text_of(options.kernel) + ", stride=" + text_of(step) + ", padding=" + text_of(options.padding);
}

}  // namespace

Conv2d::Conv2d(int64_t in, int64_t out, Extent kernel_size, const Conv2dLayerOptions& chosen, DType dtype)
    : WeightedLayer(checked_shape(in, out, kernel_size, chosen.groups), {.bias = chosen.bias, .init = chosen.init, .bias_init = chosen.bias_init}, dtype),
      kernel(kernel_size),
      convolution{.stride = chosen.stride, .padding = chosen.padding, .dilation = chosen.dilation, .groups = chosen.groups} {}

Tensor Conv2d::forward(const Tensor& x) { return conv2d(x, weight, bias, convolution); }
Tensor Conv2d::forward(const Tensor& x, const activation::Function& f) { return conv2d_activate(x, weight, bias, f, convolution); }

std::string Conv2d::specification() const {
  return "conv2d(" + std::to_string(weight.size(0)) + ", kernel=" + text_of(kernel) + ", stride=" + text_of(convolution.stride) + ", padding=" + text_of(convolution.padding) +
         ", dilation=" + text_of(convolution.dilation) + ", groups=" + std::to_string(convolution.groups) + options_text() + ")";
}

std::string MaxPool2d::specification() const { return pool_text("max_pool2d", options) + ")"; }

std::string AvgPool2d::specification() const {
  return pool_text("avg_pool2d", options) + ", count_include_pad=" + (options.count_include_pad ? "true" : "false") + ")";
}

Unflatten::Unflatten(int64_t image_height, int64_t image_width, int64_t image_channels) : height(image_height), width(image_width), channels(image_channels) {
  if (height < 1 || width < 1 || channels < 1) {
    throw ArgumentError("[Unflatten] the sizes must be at least 1, not " + std::to_string(height) + ", " + std::to_string(width) + " and " + std::to_string(channels) + ".");
  }
}

Tensor Unflatten::forward(const Tensor& x) {
  if (x.rank() < 1) throw ShapeError("[Unflatten] needs a batch axis.");
  return reshape(x, Shape{x.size(0), height, width, channels});
}

std::string Unflatten::specification() const {
  return "unflatten(" + std::to_string(height) + ", " + std::to_string(width) + ", " + std::to_string(channels) + ")";
}

}  // namespace rectify::nn
