// Pointwise kernels for 16-bit numbers: the float64 kernel, the exact path where its result is close to a tie of the format, one rounding.
#include <algorithm>
#include <bit>
#include <cmath>
#include <type_traits>

#include "rectify/activation/evaluate_exactly.h"
#include "rectify/activation/limits.h"
#include "rectify/base/float16.h"
#include "rectify/base/floating_environment.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/pointwise.h"

namespace rectify::kernel {
namespace {

/// y rounded once: to odd in float64 if it has a low part, so that the rounding to T sees on which side of a tie it is.
template <class T>
T rounded(activation::Exactly y) {
  if (y.low == 0 || !std::isfinite(y.high)) return T(y.high);
  const uint64_t towards_zero = std::signbit(y.high) != std::signbit(y.low) ? 1 : 0;
  return T(std::bit_cast<double>((std::bit_cast<uint64_t>(y.high) - towards_zero) | 1));
}

/// Far more than float64's kernels err, also where terms cancel beside a zero: no 16-bit x is close to one.
constexpr double margin = 0x1p-28;

template <class T>
T element(const activation::Function& f, activation::Derivative derivative, double x, double g, double result) {
  const double product = result * g, error = std::fabs(product) * margin;
  const T low(product - error), high(product + error);
  if (low.bits == high.bits || !std::isfinite(product) || !std::isfinite(x) || derivative.parameter > 0) return T(product);
  for (const activation::AtKink& kink : activation::at_kinks(f, derivative)) {
    if (kink.x == x) return rounded<T>(activation::product({kink.result, 0}, g));
  }
  return rounded<T>(activation::product(activation::evaluate_exactly(f, x, derivative), g));
}

constexpr int64_t grain = 4096;

}  // namespace

template <class T>
  requires(sizeof(T) == 2)
void pointwise_here(const activation::Function& f, activation::Derivative derivative, const T* x, const T* g, T* y, int64_t n) noexcept {
  const FloatingEnvironment environment;
  constexpr int64_t block = 256;
  double input[block], result[block];
  for (int64_t first = 0; first < n; first += block) {
    const int64_t count = std::min(block, n - first);
    for (int64_t i = 0; i < count; ++i) input[i] = static_cast<double>(x[first + i]);
    pointwise_here<double>(f, derivative, input, nullptr, result, count);
    for (int64_t i = 0; i < count; ++i) {
      y[first + i] = element<T>(f, derivative, input[i], g != nullptr ? static_cast<double>(g[first + i]) : 1.0, result[i]);
    }
  }
}

template <class T>
  requires(sizeof(T) == 2)
void pointwise(const activation::Function& f, activation::Derivative derivative, const T* x, const T* g, T* y, int64_t n) noexcept {
  if (n <= grain) return pointwise_here(f, derivative, x, g, y, n);
  parallel_for(n, grain, [&](int64_t begin, int64_t end) {
    pointwise_here(f, derivative, x + begin, g != nullptr ? g + begin : nullptr, y + begin, end - begin);
  });
}

template void pointwise(const activation::Function&, activation::Derivative, const Float16*, const Float16*, Float16*, int64_t) noexcept;
template void pointwise(const activation::Function&, activation::Derivative, const BFloat16*, const BFloat16*, BFloat16*, int64_t) noexcept;
template void pointwise_here(const activation::Function&, activation::Derivative, const Float16*, const Float16*, Float16*, int64_t) noexcept;
template void pointwise_here(const activation::Function&, activation::Derivative, const BFloat16*, const BFloat16*, BFloat16*, int64_t) noexcept;

}  // namespace rectify::kernel
