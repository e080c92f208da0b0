#include "bench/peers/rectify.h"
#include "rectify/activation/catalogue.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/pointwise.h"
#include "rectify/kernel/target.h"

namespace bench {
namespace {

KernelPass prepare(const KernelTask& task) {
  const auto id = rectify::activation::find(task.activation);
  if (!id) return {};
  const rectify::activation::Function function = rectify::activation::make(*id);
  const auto derivative = task.g == nullptr ? rectify::activation::value_itself : rectify::activation::slope;
  return {.run = [=] {
    rectify::kernel::pointwise_here(function, derivative, task.x, task.g, task.y, task.n);
    return static_cast<const float*>(task.y);
  }};
}

}  // namespace

KernelLibrary rectify_kernels() {
  return {.name = "rectify",
          .settings =
              [] {
                return std::vector<std::pair<std::string, std::string>>{{"target", rectify::kernel::current_target()}};
              },
          .use_one_thread = [] { rectify::set_thread_count(1); },
          .prepare = prepare};
}

}  // namespace bench
