#include "bench/peers/rectify.h"

#include "rectify/activation/catalogue.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/conv.h"
#include "rectify/kernel/gemm.h"
#include "rectify/kernel/normalise.h"
#include "rectify/kernel/pointwise.h"
#include "rectify/kernel/rowwise.h"
#include "rectify/kernel/target.h"

namespace bench {

Library rectify_library() {
  return {.name = "rectify",
          .settings = [] { return Settings{{"target", rectify::kernel::current_target()}}; },
          .set_threads = rectify::set_thread_count,
          .kernel = rectify_kernel,
          .product = rectify_product,
          .network = rectify_network,
          .watched_network = rectify_watched_network,
          .weight_gradient = rectify_weight_gradient,
          .rows = rectify_rows};
}

KernelPass rectify_kernel(const KernelTask& task) {
  const auto id = rectify::activation::find(task.activation);
  if (!id) return {};
  const rectify::activation::Function function = rectify::activation::make(*id);
  const auto derivative = task.g == nullptr ? rectify::activation::value_itself : rectify::activation::slope;
  return {.run = [=] {
    rectify::kernel::pointwise_here(function, derivative, task.x, task.g, task.y, task.n);
    return static_cast<const float*>(task.y);
  }};
}

std::function<void()> rectify_product(const ProductTask& task) {
  return [t = task] {
    rectify::kernel::gemm(t.transpose_a, t.transpose_b, t.m, t.n, t.k, t.a, t.transpose_a ? t.m : t.k, t.b, t.transpose_b ? t.k : t.n, t.c, t.n);
  };
}

void rectify_weight_gradient(const WeightGradientTask& task) {
  const rectify::kernel::Convolution shape{.batch = task.batch,
                                           .image = {task.edge, task.edge},
                                           .channels = task.channels,
                                           .out_channels = task.outputs,
                                           .kernel = {task.window, task.window},
                                           .stride = {},
                                           .dilation = {}};
  rectify::kernel::convolve_weight_gradient(shape, task.x, task.g, task.dw);
}

void rectify_rows(const RowsTask& task) {
  switch (task.kind) {
    case RowsTask::Kind::softmax: return rectify::kernel::softmax(task.x, task.rows, task.columns, task.y);
    case RowsTask::Kind::log_softmax: return rectify::kernel::log_softmax(task.x, task.rows, task.columns, task.y);
    case RowsTask::Kind::layer_norm:
      return rectify::kernel::normalise_rows<float>(task.x, task.rows, task.columns, RowsTask::epsilon, nullptr, nullptr, task.y, nullptr, nullptr);
    case RowsTask::Kind::batch_norm: {
      std::vector<double> mean(static_cast<size_t>(task.columns)), variance(mean.size());
      rectify::kernel::column_moments(task.x, task.rows, task.columns, mean.data(), variance.data());
      return rectify::kernel::normalise_columns<float>(task.x, task.rows, task.columns, mean.data(), variance.data(), RowsTask::epsilon, nullptr, nullptr, task.y);
    }
  }
}

}  // namespace bench
