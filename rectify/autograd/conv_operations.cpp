// Convolution and its fusion with an activation. Its gradients are convolutions too: all three are linear in both operands, and each one's vector-Jacobian products
// are the other two.
#include "rectify/autograd/engine.h"
#include "rectify/autograd/images.h"
#include "rectify/autograd/layer_observer.h"
#include "rectify/autograd/trace.h"
#include "rectify/base/error.h"

namespace rectify {
namespace {

using autograd::record;
using kernel::Convolution;
using Inputs = std::span<const Tensor>;
using Gradients = std::span<Tensor>;

constexpr const char* name_of_conv = "conv2d";
constexpr int64_t largest_option = 1'000'000;

std::string shown(const kernel::Extent& extent) {
  return extent.height == extent.width ? std::to_string(extent.height) : std::to_string(extent.height) + " x " + std::to_string(extent.width);
}

void check_range(const char* what, const kernel::Extent& extent, int64_t least) {
  for (const int64_t size : {extent.height, extent.width}) {
    if (size >= least && size <= largest_option) continue;
    throw ArgumentError(std::string("[conv2d] the ") + what + " is " + std::to_string(size) + "; it must be at least " + std::to_string(least) + " and at most " +
                        std::to_string(largest_option) + ".");
  }
}

void require_images(const Tensor& x, const char* what) {
  if (x.rank() == 4) return;
  throw ShapeError(std::string("[conv2d] the ") + what + " has the shape " + to_string(x.shape()) + "; it must be (batch, height, width, channels)" +
                   (x.rank() == 3 ? ". Add an axis of size 1 with reshape()." : "."));
}

/// What is convolved with what, once everything has been checked. `weight` is (out, kernel height, kernel width, in / groups).
Convolution convolution(int64_t batch, const kernel::Extent& image, int64_t channels, const Shape& weight, const Conv2dOptions& options) {
  if (weight.rank() != 4) {
    throw ShapeError("[conv2d] the weight has the shape " + to_string(weight) + "; it must be (out, kernel height, kernel width, in / groups).");
  }
  if (options.groups < 1) throw ArgumentError("[conv2d] the number of groups is " + std::to_string(options.groups) + "; it must be at least 1.");
  if (channels % options.groups != 0 || channels / options.groups != weight[3]) {
    throw ShapeError("[conv2d] the input has " + std::to_string(channels) + " channels, but the weight " + to_string(weight) + " with " + std::to_string(options.groups) +
                     (options.groups == 1 ? " group takes " : " groups takes ") + std::to_string(weight[3] * options.groups) + ".");
  }
  if (weight[0] % options.groups != 0) {
    throw ShapeError("[conv2d] " + std::to_string(weight[0]) + " outputs do not divide into " + std::to_string(options.groups) + " groups.");
  }
  const Extent kernel(weight[1], weight[2]);
  conv2d_output(Extent(image.height, image.width), kernel, options);
  return {.batch = batch, .image = image, .channels = channels, .out_channels = weight[0], .kernel = kernel, .stride = options.stride, .padding = options.padding,
          .dilation = options.dilation, .groups = options.groups};
}

void require_same_dtype(const Tensor& x, const Tensor& y, const char* second) {
  if (x.dtype() == y.dtype()) return;
  throw DTypeError("[conv2d] the input is " + std::string(name(x.dtype())) + " and the " + second + " " + std::string(name(y.dtype())) + ". Convert one with to().");
}

kernel::Extent image_of(const Tensor& x) { return {x.size(1), x.size(2)}; }

struct ConvResult {
  Tensor value, pre_activation;
};

/// One pass; the value before the activation is kept if asked for.
ConvResult compute_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, const Conv2dOptions& options, const activation::Function* f, bool keep) {
  require_images(x, "input");
  const Convolution shape = convolution(x.size(0), image_of(x), x.size(3), weight.shape(), options);
  require_same_dtype(x, weight, "weight");
  if (bias.defined()) {
    require_same_dtype(x, bias, "bias");
    if (bias.shape() != Shape{shape.out_channels}) {
      throw ShapeError("[conv2d] the bias " + to_string(bias.shape()) + " must have the shape (" + std::to_string(shape.out_channels) + ",).");
    }
  }
  const kernel::Extent out = shape.output();
  const Shape sizes{shape.batch, out.height, out.width, shape.out_channels};
  ConvResult result{Tensor::empty(sizes, x.dtype()), keep ? Tensor::empty(sizes, x.dtype()) : Tensor()};
  dispatch_floating(x.dtype(), name_of_conv, [&](auto zero) {
    using T = decltype(zero);
    const kernel::Epilogue<T> epilogue{bias.defined() ? bias.data<T>() : nullptr, f, keep ? result.pre_activation.data<T>() : nullptr};
    kernel::convolve(shape, x.data<T>(), weight.data<T>(), result.value.data<T>(), epilogue);
  });
  return result;
}

/// The gradients of conv2d(x, weight) + bias, given that of its result.
void conv_backward(const Tensor& g, Inputs in, Gradients out, const Conv2dOptions& options) {
  const Tensor &x = in[0], &weight = in[1];
  autograd::observe_gradient(x, weight, g);
  if (x.requires_grad()) out[0] = conv2d_input_gradient(g, weight, Extent(x.size(1), x.size(2)), options);
  if (weight.requires_grad()) out[1] = conv2d_weight_gradient(x, g, Extent(weight.size(1), weight.size(2)), options);
  if (in.size() > 2 && in[2].requires_grad()) out[2] = sum_rows(reshape(g, Shape{g.size(0) * g.size(1) * g.size(2), g.size(3)}));
}

Tensor record_conv(Tensor value, const Tensor& x, const Tensor& weight, const Tensor& bias, auto backward) {
  return bias.defined() ? record(name_of_conv, std::move(value), {&x, &weight, &bias}, backward) : record(name_of_conv, std::move(value), {&x, &weight}, backward);
}

}  // namespace

Extent conv2d_output(Extent image, Extent kernel, const Conv2dOptions& options) {
  check_range("kernel", kernel, 1);
  check_range("stride", options.stride, 1);
  check_range("padding", options.padding, 0);
  check_range("dilation", options.dilation, 1);
  const kernel::Extent out =
      Convolution{.image = image, .kernel = kernel, .stride = options.stride, .padding = options.padding, .dilation = options.dilation}.output();
  if (out.height < 1 || out.width < 1) {
    throw ArgumentError("[conv2d] an image of " + std::to_string(image.height) + " x " + std::to_string(image.width) + " is too small for a kernel of " + shown(kernel) +
                        " with dilation " + shown(options.dilation) + " and padding " + shown(options.padding) + ". Use a smaller kernel or more padding.");
  }
  return {out.height, out.width};
}

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const Conv2dOptions& options) {
  Tensor result = record_conv(compute_conv(x, weight, bias, options, nullptr, false).value, x, weight, bias,
                              [options](const Tensor& g, Inputs in, Gradients out) { conv_backward(g, in, out, options); });
  trace::linear(weight, result);
  autograd::observe_layer(weight, result);
  return result;
}

Tensor conv2d_activate(const Tensor& x, const Tensor& weight, const Tensor& bias, const activation::Function& f, const Conv2dOptions& options) {
  // As in linear_activate: what is differentiated again, or traced, needs the value in between as a result of its own.
  if (autograd::recording_depth() > 1 || trace::active()) return activate(f, conv2d(x, weight, bias, options));
  const bool keep_output = activation::spec(f).slope_from_output && f.at_kinks == activation::AtKinks::standard;
  const bool differentiated = autograd::recording() && (x.requires_grad() || weight.requires_grad() || bias.requires_grad());
  ConvResult result = compute_conv(x, weight, bias, options, &f, (differentiated || autograd::observed()) && !keep_output);
  const Tensor kept = keep_output ? result.value.detach() : result.pre_activation;
  Tensor output = record_conv(std::move(result.value), x, weight, bias, [f, kept = kept, options](const Tensor& g, Inputs in, Gradients out) mutable {
    autograd::observe_gradient(in[1], f, g);
    conv_backward(autograd::consume_gradient(f, kept, g), in, out, options);
  });
  autograd::observe_layer(weight, f, result.pre_activation, output);
  return output;
}

Tensor conv2d_input_gradient(const Tensor& g, const Tensor& weight, Extent image, const Conv2dOptions& options) {
  require_images(g, "gradient");
  require_same_dtype(g, weight, "weight");
  const int64_t channels = weight.rank() == 4 ? weight.size(3) * options.groups : 0;
  const Convolution shape = convolution(g.size(0), image, channels, weight.shape(), options);
  if (image_of(g) != shape.output() || g.size(3) != shape.out_channels) {
    throw ShapeError("[conv2d_input_gradient] the gradient " + to_string(g.shape()) + " is not of the convolution of such an image with the weight " + to_string(weight.shape()) + ".");
  }
  Tensor result = Tensor::empty(Shape{shape.batch, image.height, image.width, shape.channels}, g.dtype());
  dispatch_floating(g.dtype(), name_of_conv, [&](auto zero) {
    using T = decltype(zero);
    kernel::convolve_input_gradient(shape, g.data<T>(), weight.data<T>(), result.data<T>());
  });
  return record("conv2d_input_gradient", result, {&g, &weight}, [options](const Tensor& u, Inputs in, Gradients out) {
    if (in[0].requires_grad()) out[0] = conv2d(u, in[1], Tensor(), options);
    if (in[1].requires_grad()) out[1] = conv2d_weight_gradient(u, in[0], Extent(in[1].size(1), in[1].size(2)), options);
  });
}

Tensor conv2d_weight_gradient(const Tensor& x, const Tensor& g, Extent kernel, const Conv2dOptions& options) {
  require_images(x, "input");
  require_images(g, "gradient");
  require_same_dtype(x, g, "gradient");
  if (options.groups < 1 || x.size(3) % options.groups != 0) {
    throw ShapeError("[conv2d_weight_gradient] " + std::to_string(x.size(3)) + " channels do not divide into " + std::to_string(options.groups) + " groups.");
  }
  const Shape weight{g.size(3), kernel.height, kernel.width, x.size(3) / options.groups};
  const Convolution shape = convolution(x.size(0), image_of(x), x.size(3), weight, options);
  if (g.size(0) != shape.batch || image_of(g) != shape.output()) {
    throw ShapeError("[conv2d_weight_gradient] the gradient " + to_string(g.shape()) + " is not of the convolution of " + to_string(x.shape()) + " with a kernel of " + shown(kernel) + ".");
  }
  // A sum over no samples is zero.
  Tensor result = shape.batch > 0 ? Tensor::empty(weight, x.dtype()) : Tensor::zeros(weight, x.dtype());
  dispatch_floating(x.dtype(), name_of_conv, [&](auto zero) {
    using T = decltype(zero);
    if (shape.batch > 0) kernel::convolve_weight_gradient(shape, x.data<T>(), g.data<T>(), result.data<T>());
  });
  return record("conv2d_weight_gradient", result, {&x, &g}, [options](const Tensor& v, Inputs in, Gradients out) {
    if (in[0].requires_grad()) out[0] = conv2d_input_gradient(in[1], v, Extent(in[0].size(1), in[0].size(2)), options);
    if (in[1].requires_grad()) out[1] = conv2d(in[0], v, Tensor(), options);
  });
}

}  // namespace rectify
