#include "rectify/kernel/pointwise.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

#include "rectify/activation/limits.h"
#include "rectify/base/floating_environment.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/formula.h"
#include "rectify/kernel/pointwise_call.h"
#include "rectify/kernel/target.h"

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
    run_formula,
};

/// Elements per task: some ten microseconds of work, and a multiple of every vector.
constexpr int64_t grain = 16384;

/// The same, and then the results at the kinks by the function's own convention. x and g are copied, since y may be one of them.
template <class T>
void run_with_convention(const PointwiseCall& call, const std::vector<activation::AtKink>& kinks) {
  constexpr int64_t block = 512;
  T x[block], g[block];
  for (int64_t first = 0; first < call.n; first += block) {
    const int64_t n = std::min(block, call.n - first);
    std::copy_n(static_cast<const T*>(call.x) + first, n, x);
    if (call.g != nullptr) std::copy_n(static_cast<const T*>(call.g) + first, n, g);
    T* y = static_cast<T*>(call.y) + first;
    PointwiseCall part = call;
    part.x = x, part.g = call.g != nullptr ? g : nullptr, part.y = y, part.n = n;
    runs[static_cast<size_t>(part.function.id)](part);
    for (int64_t i = 0; i < n; ++i) {
      for (const activation::AtKink& kink : kinks) {
        if (static_cast<double>(x[i]) != kink.x) continue;
        const double result = call.g != nullptr ? kink.result * static_cast<double>(g[i]) : kink.result;
        y[i] = static_cast<T>(result == result ? result : std::numeric_limits<double>::quiet_NaN());
      }
    }
  }
}

/// Results of this size leave the caches before anyone reads them: writing them past the caches saves reading what they replace.
constexpr int64_t streamed_bytes = int64_t{16} << 20;

template <class T>
bool is_streamed(int64_t n) {
  return n >= streamed_bytes / static_cast<int64_t>(sizeof(T));
}

template <class T>
void run_here(const activation::Function& f, activation::Derivative derivative, const T* x, const T* g, T* y, int64_t n, bool past_the_cache) noexcept {
  const FloatingEnvironment environment;
  const PointwiseCall call{
      .function = f, .derivative = derivative, .is_double = std::is_same_v<T, double>, .x = x, .g = g, .y = y, .n = n,
      .quick_division = divides_quickly(), .past_the_cache = past_the_cache};
  const std::vector<activation::AtKink> kinks = activation::at_kinks(f, derivative);
  kinks.empty() ? runs[static_cast<size_t>(f.id)](call) : run_with_convention<T>(call, kinks);
}

}  // namespace

template <class T>
void pointwise_here(const activation::Function& f, activation::Derivative derivative, const T* x, const T* g, T* y, int64_t n) noexcept {
  run_here(f, derivative, x, g, y, n, is_streamed<T>(n));
}

template <class T>
void pointwise(const activation::Function& f, activation::Derivative derivative, const T* x, const T* g, T* y, int64_t n) noexcept {
  if (n <= grain) return pointwise_here(f, derivative, x, g, y, n);
  parallel_for(n, grain, [&](int64_t begin, int64_t end) {
    run_here(f, derivative, x + begin, g != nullptr ? g + begin : nullptr, y + begin, end - begin, is_streamed<T>(n));
  });
}

template void pointwise(const activation::Function&, activation::Derivative, const float*, const float*, float*, int64_t) noexcept;
template void pointwise(const activation::Function&, activation::Derivative, const double*, const double*, double*, int64_t) noexcept;
template void pointwise_here(const activation::Function&, activation::Derivative, const float*, const float*, float*, int64_t) noexcept;
template void pointwise_here(const activation::Function&, activation::Derivative, const double*, const double*, double*, int64_t) noexcept;

}  // namespace rectify::kernel
