// The layers of the grammar that are for images.
#include <array>

#include "rectify/base/error.h"
#include "rectify/nn/image_layers.h"
#include "rectify/nn/layer_plan.h"

namespace rectify::nn {
namespace {

/// An image (height, width, channels) and what makes it of the samples that arrive.
struct Images {
  Shape shape;
  bool unflatten = false;

  Extent extent() const { return {shape[0], shape[1]}; }
  int64_t channels() const { return shape[2]; }
  /// A plan whose module works on these images.
  template <class M>
  LayerPlan plan(const Shape& after, double weights, M make) const {
    return {after, weights, [images = *this, make](Sequential& network) {
              if (images.unflatten) network.append(Unflatten(images.shape[0], images.shape[1], images.shape[2]));
              network.append(make());
            }};
  }
};

Images images_of(const Specification& layer, const Arriving& input) {
  const Shape& shape = input.shape.rank() == 1 && input.image.count() == input.shape.count() ? input.image : input.shape;
  if (shape.rank() == 3) return {shape, shape != input.shape};
  if (shape.rank() == 2) return {Shape{shape[0], shape[1], 1}, true};
  throw ArgumentError("[" + layer.name + "] gets samples of the shape " + to_string(input.shape) +
                      ", which are no images. Say how to unfold them with unflatten(height, width, channels) before it.");
}

/// A size: a number or size(height, width).
Extent extent(const Specification& layer, ArgumentReader& arguments, std::string_view name, std::optional<int64_t> fallback = std::nullopt) {
  if (arguments.is_number(name)) return arguments.integer(name);
  const std::optional<Specification> pair = arguments.specification(name);
  if (!pair) return fallback ? Extent(*fallback) : Extent(arguments.integer(name));  // the latter says that it is missing
  if (pair->name != "size") {
    throw ArgumentError("[" + layer.name + "] " + std::string(name) + " is " + to_string(*pair) + "; expected a number or size(height, width)" +
                        (name == "padding" ? ", or padding=same for a convolution." : "."));
  }
  ArgumentReader sizes(*pair);
  const int64_t height = sizes.integer("height"), width = sizes.integer("width");
  sizes.finish();
  return {height, width};
}

Extent padding_of(const Specification& layer, ArgumentReader& arguments, const Extent& kernel, const Extent& stride, const Extent& dilation, bool same) {
  if (!same) return extent(layer, arguments, "padding", 0);
  arguments.text("padding");
  if (stride != Extent(1)) throw ArgumentError("[" + layer.name + "] padding=same keeps the size only with stride=1. Give the padding as a number.");
  const int64_t height = dilation.height * (kernel.height - 1), width = dilation.width * (kernel.width - 1);
  if (height % 2 != 0 || width % 2 != 0) {
    throw ArgumentError("[" + layer.name + "] padding=same needs a kernel of odd size, or an even dilation: zeros are added on both sides alike. Use kernel=" +
                        std::to_string(kernel.height + 1) + ".");
  }
  return {height / 2, width / 2};
}

bool asks_for_same(const Specification& layer) {
  for (const Argument& argument : layer.arguments) {
    const auto* text = std::get_if<Specification>(&argument.value);
    if (argument.name == "padding" && text && text->name == "same") return true;
  }
  return false;
}

LayerPlan plan_conv2d(const Specification& layer, const Arriving& input) {
  const Images images = images_of(layer, input);
  ArgumentReader arguments(layer);
  const int64_t out = arguments.integer("out_channels");
  const Extent kernel = extent(layer, arguments, "kernel"), stride = extent(layer, arguments, "stride", 1);
  // `same` follows from the dilation, which comes after it.
  const bool same = asks_for_same(layer);
  const Extent given = same ? Extent(0) : padding_of(layer, arguments, kernel, stride, 1, false), dilation = extent(layer, arguments, "dilation", 1);
  const Extent padding = same ? padding_of(layer, arguments, kernel, stride, dilation, true) : given;
  const int64_t groups = arguments.integer("groups", 1), channels = images.channels();
  const LinearOptions weights = weight_options(layer, arguments);
  arguments.finish();
  if (out < 1 || out > 1'000'000'000) throw ArgumentError("[conv2d] the number of outputs must be at least 1, not " + std::to_string(out) + ".");
  if (groups < 1 || channels % groups != 0 || out % groups != 0) {
    throw ArgumentError("[conv2d] " + std::to_string(channels) + " channels and " + std::to_string(out) + " outputs do not both divide into " + std::to_string(groups) +
                        " groups. Choose a divisor of both.");
  }
  const Extent after = conv2d_output(images.extent(), kernel, {.stride = stride, .padding = padding, .dilation = dilation});
  const Conv2dLayerOptions options{.stride = stride, .padding = padding, .dilation = dilation, .groups = groups, .bias = weights.bias, .init = weights.init, .bias_init = weights.bias_init};
  const double count = static_cast<double>(out) * static_cast<double>(kernel.height) * static_cast<double>(kernel.width) * static_cast<double>(channels / groups);
  return images.plan(Shape{after.height, after.width, out}, count, [=] { return Conv2d(channels, out, kernel, options); });
}

Pool2dOptions pool_options(const Specification& layer, ArgumentReader& arguments) {
  Pool2dOptions options;
  options.kernel = extent(layer, arguments, "kernel");
  options.stride = extent(layer, arguments, "stride", 0);
  options.padding = extent(layer, arguments, "padding", 0);
  return options;
}

LayerPlan plan_max_pool2d(const Specification& layer, const Arriving& input) {
  const Images images = images_of(layer, input);
  ArgumentReader arguments(layer);
  const Pool2dOptions options = pool_options(layer, arguments);
  arguments.finish();
  const Extent after = pool2d_output("max_pool2d", images.extent(), options);
  return images.plan(Shape{after.height, after.width, images.channels()}, 0, [=] { return MaxPool2d(options.kernel, options.stride, options.padding); });
}

LayerPlan plan_avg_pool2d(const Specification& layer, const Arriving& input) {
  const Images images = images_of(layer, input);
  ArgumentReader arguments(layer);
  Pool2dOptions options = pool_options(layer, arguments);
  options.count_include_pad = arguments.boolean("count_include_pad", true);
  arguments.finish();
  const Extent after = pool2d_output("avg_pool2d", images.extent(), options);
  return images.plan(Shape{after.height, after.width, images.channels()}, 0,
                     [=] { return AvgPool2d(options.kernel, options.stride, options.padding, options.count_include_pad); });
}

LayerPlan plan_global_avg_pool2d(const Specification& layer, const Arriving& input) {
  const Images images = images_of(layer, input);
  ArgumentReader(layer).finish();
  return images.plan(Shape{images.channels()}, 0, [] { return GlobalAvgPool2d(); });
}

LayerPlan plan_unflatten(const Specification& layer, const Arriving& input) {
  ArgumentReader arguments(layer);
  const int64_t height = arguments.integer("height"), width = arguments.integer("width"), channels = arguments.integer("channels", 1);
  arguments.finish();
  const Unflatten module(height, width, channels);
  const Shape shape{height, width, channels};
  if (shape.count() != input.shape.count()) {
    throw ArgumentError("[unflatten] samples of the shape " + to_string(input.shape) + " have " + std::to_string(input.shape.count()) + " numbers, images of " + to_string(shape) +
                        " would have " + std::to_string(shape.count()) + ".");
  }
  return plan_of(module, shape);
}

constexpr std::array names = {
    LayerName{"conv2d", "conv2d", plan_conv2d},
    LayerName{"conv", "conv2d", plan_conv2d},
    LayerName{"max_pool2d", "max_pool2d", plan_max_pool2d},
    LayerName{"max_pool", "max_pool2d", plan_max_pool2d},
    LayerName{"avg_pool2d", "avg_pool2d", plan_avg_pool2d},
    LayerName{"avg_pool", "avg_pool2d", plan_avg_pool2d},
    LayerName{"global_avg_pool2d", "global_avg_pool2d", plan_global_avg_pool2d},
    LayerName{"global_avg_pool", "global_avg_pool2d", plan_global_avg_pool2d},
    LayerName{"unflatten", "unflatten", plan_unflatten},
};

}  // namespace

std::span<const LayerName> image_layer_names() { return names; }

}  // namespace rectify::nn
