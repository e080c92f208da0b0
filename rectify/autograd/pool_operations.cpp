// Pooling. Once the windows have chosen, max pooling is linear; average pooling always is: each backward pass's own is the other direction again.
#include "rectify/autograd/engine.h"
#include "rectify/autograd/images.h"
#include "rectify/autograd/layer_observer.h"
#include "rectify/autograd/trace.h"
#include "rectify/base/error.h"
#include "rectify/kernel/pool.h"

namespace rectify {
namespace {

using autograd::record;
using kernel::Pooling;
using Inputs = std::span<const Tensor>;
using Gradients = std::span<Tensor>;

void refuse(const char* function, const std::string& what) { throw ArgumentError(std::string("[") + function + "] " + what); }

Pooling pooling(const char* function, const Tensor& x, const Pool2dOptions& options) {
  if (x.rank() != 4) {
    throw ShapeError(std::string("[") + function + "] the input has the shape " + to_string(x.shape()) + "; it must be (batch, height, width, channels).");
  }
  const Extent image(x.size(1), x.size(2));
  pool2d_output(function, image, options);
  const Extent& stride = options.stride;
  return {.batch = x.size(0), .image = image, .channels = x.size(3), .kernel = options.kernel,
          .stride = {stride.height ? stride.height : options.kernel.height, stride.width ? stride.width : options.kernel.width}, .padding = options.padding};
}

Shape shape_of_input(const Pooling& s) { return Shape{s.batch, s.image.height, s.image.width, s.channels}; }
Shape shape_of_output(const Pooling& s) { return Shape{s.batch, s.output().height, s.output().width, s.channels}; }

/// Calls run(T{}, Index{}) for the type of the numbers and of the places chosen.
template <class Run>
void dispatch_pool(const Tensor& x, const Tensor& chosen, Run&& run) {
  dispatch_floating(x.dtype(), "max_pool2d", [&](auto zero) { chosen.dtype() == DType::uint8 ? run(zero, uint8_t{}) : run(zero, int64_t{}); });
}

Tensor max_pool_select(const Tensor& x, const Tensor& chosen, const Pooling& shape);

Tensor max_pool_backward(const Tensor& g, const Tensor& chosen, const Pooling& shape) {
  Tensor result = Tensor::empty(shape_of_input(shape), g.dtype());
  dispatch_pool(g, chosen, [&]<class T, class Index>(T, Index) { kernel::max_pool_backward(shape, g.data<T>(), chosen.data<Index>(), result.data<T>()); });
  return record("max_pool2d_backward", result, {&g}, [chosen, shape](const Tensor& u, Inputs, Gradients out) { out[0] = max_pool_select(u, chosen, shape); });
}

Tensor max_pool_select(const Tensor& x, const Tensor& chosen, const Pooling& shape) {
  Tensor result = Tensor::empty(shape_of_output(shape), x.dtype());
  dispatch_pool(x, chosen, [&]<class T, class Index>(T, Index) { kernel::max_pool_select(shape, x.data<T>(), chosen.data<Index>(), result.data<T>()); });
  return record("max_pool2d_select", result, {&x}, [chosen, shape](const Tensor& g, Inputs, Gradients out) { out[0] = max_pool_backward(g, chosen, shape); });
}

Tensor average_pool(const Tensor& x, const Pooling& shape, bool count_padding);

Tensor average_pool_backward(const Tensor& g, const Pooling& shape, bool count_padding) {
  Tensor result = Tensor::empty(shape_of_input(shape), g.dtype());
  dispatch_floating(g.dtype(), "avg_pool2d", [&](auto zero) {
    using T = decltype(zero);
    kernel::average_pool_backward(shape, count_padding, g.data<T>(), result.data<T>());
  });
  return record("avg_pool2d_backward", result, {&g}, [shape, count_padding](const Tensor& u, Inputs, Gradients out) { out[0] = average_pool(u, shape, count_padding); });
}

Tensor average_pool(const Tensor& x, const Pooling& shape, bool count_padding) {
  Tensor result = Tensor::empty(shape_of_output(shape), x.dtype());
  dispatch_floating(x.dtype(), "avg_pool2d", [&](auto zero) {
    using T = decltype(zero);
    kernel::average_pool(shape, count_padding, x.data<T>(), result.data<T>());
  });
  return record("avg_pool2d", result, {&x}, [shape, count_padding](const Tensor& g, Inputs, Gradients out) { out[0] = average_pool_backward(g, shape, count_padding); });
}

}  // namespace

Extent pool2d_output(const char* function, Extent image, const Pool2dOptions& options) {
  constexpr int64_t most = 1'000'000;
  const auto one_axis = [&](int64_t kernel, int64_t stride, int64_t padding) {
    if (kernel < 1 || kernel > most) refuse(function, "the kernel is " + std::to_string(kernel) + "; it must be at least 1 and at most " + std::to_string(most) + ".");
    if (stride < 0 || stride > most) {
      refuse(function, "the stride is " + std::to_string(stride) + "; it must be at least 1 and at most " + std::to_string(most) + ", or 0 for the kernel's size.");
    }
    if (padding < 0 || 2 * padding > kernel) {
      refuse(function, "the padding is " + std::to_string(padding) + "; for a kernel of " + std::to_string(kernel) + " it must be at least 0 and at most " + std::to_string(kernel / 2) + ".");
    }
    return stride ? stride : kernel;
  };
  const Extent stride(one_axis(options.kernel.height, options.stride.height, options.padding.height), one_axis(options.kernel.width, options.stride.width, options.padding.width));
  const kernel::Extent out = Pooling{.image = image, .kernel = options.kernel, .stride = stride, .padding = options.padding}.output();
  if (out.height < 1 || out.width < 1) {
    refuse(function, "an image of " + std::to_string(image.height) + " x " + std::to_string(image.width) + " is smaller than the window of " +
                         std::to_string(options.kernel.height) + " x " + std::to_string(options.kernel.width) + ". Use a smaller window or fewer pooling layers.");
  }
  return {out.height, out.width};
}

Tensor max_pool2d(const Tensor& x, const Pool2dOptions& options) {
  const Pooling shape = pooling("max_pool2d", x, options);
  Tensor result = Tensor::empty(shape_of_output(shape), x.dtype());
  const bool wanted = autograd::recording() && x.requires_grad();
  const int64_t places = shape.kernel.height * shape.kernel.width;
  Tensor chosen = wanted ? Tensor::empty(result.shape(), places <= 256 ? DType::uint8 : DType::int64) : Tensor::empty(Shape{0}, DType::uint8);
  dispatch_pool(x, chosen, [&]<class T, class Index>(T, Index) {
    kernel::max_pool(shape, x.data<T>(), result.data<T>(), wanted ? chosen.data<Index>() : nullptr);
  });
  result = record("max_pool2d", result, {&x}, [chosen, shape](const Tensor& g, Inputs, Gradients out) { out[0] = max_pool_backward(g, chosen, shape); });
  trace::passed_on(x, result);
  autograd::observe_passing_on(x, result);
  return result;
}

Tensor avg_pool2d(const Tensor& x, const Pool2dOptions& options) {
  Tensor result = average_pool(x, pooling("avg_pool2d", x, options), options.count_include_pad);
  trace::passed_on(x, result);
  autograd::observe_passing_on(x, result);
  return result;
}

Tensor global_avg_pool2d(const Tensor& x) {
  if (x.rank() != 4) throw ShapeError("[global_avg_pool2d] the input has the shape " + to_string(x.shape()) + "; it must be (batch, height, width, channels).");
  const Tensor result = reshape(avg_pool2d(x, {.kernel = Extent(x.size(1), x.size(2))}), Shape{x.size(0), x.size(3)});
  trace::passed_on(x, result);
  autograd::observe_passing_on(x, result);
  return result;
}

}  // namespace rectify
