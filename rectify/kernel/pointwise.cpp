#include "rectify/kernel/pointwise.h"

#include <type_traits>

#include "rectify/base/floating_environment.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/pointwise_call.h"

namespace rectify::kernel {

#define RECTIFY_FAMILY(family) void run_pointwise_##family(const PointwiseCall& call) noexcept;
#include "rectify/activation/families.inc"
#undef RECTIFY_FAMILY

namespace {

using Run = void (*)(const PointwiseCall&) noexcept;
constexpr Run runs[] = {
#define RECTIFY_ACTIVATION(family, name, Type) run_pointwise_##family,
#include "rectify/activation/catalogue.inc"
#undef RECTIFY_ACTIVATION
};

/// Elements per task: some ten microseconds of work, and a multiple of every vector.
constexpr int64_t grain = 16384;

}  // namespace

template <class T>
void pointwise_here(const activation::Function& f, activation::Derivative derivative, const T* x, const T* g, T* y, int64_t n) noexcept {
  const FloatingEnvironment environment;
  runs[static_cast<size_t>(f.id)]({.function = f, .derivative = derivative, .is_double = std::is_same_v<T, double>, .x = x, .g = g, .y = y, .n = n});
}

template <class T>
void pointwise(const activation::Function& f, activation::Derivative derivative, const T* x, const T* g, T* y, int64_t n) noexcept {
  if (n <= grain) return pointwise_here(f, derivative, x, g, y, n);
  parallel_for(n, grain, [&](int64_t begin, int64_t end) {
    pointwise_here(f, derivative, x + begin, g != nullptr ? g + begin : nullptr, y + begin, end - begin);
  });
}

template void pointwise(const activation::Function&, activation::Derivative, const float*, const float*, float*, int64_t) noexcept;
template void pointwise(const activation::Function&, activation::Derivative, const double*, const double*, double*, int64_t) noexcept;
template void pointwise_here(const activation::Function&, activation::Derivative, const float*, const float*, float*, int64_t) noexcept;
template void pointwise_here(const activation::Function&, activation::Derivative, const double*, const double*, double*, int64_t) noexcept;

}  // namespace rectify::kernel
