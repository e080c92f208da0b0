#include "bench/peers/rectify.h"

#include "rectify/activation/catalogue.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/gemm.h"
#include "rectify/kernel/pointwise.h"
#include "rectify/kernel/target.h"

namespace bench {

Library rectify_library() {
  return {.name = "rectify",
          .settings = [] { return Settings{{"target", rectify::kernel::current_target()}}; },
          .set_threads = rectify::set_thread_count,
          .kernel = rectify_kernel,
          .product = rectify_product,
          .network = rectify_network};
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

}  // namespace bench
