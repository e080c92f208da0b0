#include "rectify/kernel/sparsemax.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <type_traits>

#include "rectify/base/thread_pool.h"
#include "rectify/kernel/scratch.h"

namespace rectify::kernel {
namespace {

/// high + low, about 100 bits.
struct Double2 {
  double high = 0, low = 0;
};

Double2 two_sum(double a, double b) {
  const double high = a + b, part = high - a;
  return {high, (a - (high - part)) + (b - part)};
}

Double2 operator+(Double2 a, Double2 b) {
  const Double2 sum = two_sum(a.high, b.high);
  return two_sum(sum.high, sum.low + (a.low + b.low));
}
Double2 operator-(Double2 a, Double2 b) { return a + Double2{-b.high, -b.low}; }

/// k a for a whole number k.
Double2 times(double k, Double2 a) {
  const double high = k * a.high;
  return {high, std::fma(k, a.high, -high) + k * a.low};
}

Double2 divided(Double2 a, double k) {
  const double high = a.high / k;
  return {high, (std::fma(-high, k, a.high) + a.low) / k};
}

bool positive(Double2 a) { return a.high > 0 || (a.high == 0 && a.low > 0); }

/// a > 0 rounded once.
template <class T>
T rounded(Double2 a) {
  if constexpr (std::is_same_v<T, double>) {
    return a.high + a.low;
  } else {
    // To odd, so that the rounding to float32 is that of the sum.
    const Double2 sum = two_sum(a.high, a.low);
    if (sum.low == 0) return static_cast<T>(sum.high);
    const uint64_t towards_zero = sum.low < 0 ? 1 : 0;
    return static_cast<T>(std::bit_cast<double>((std::bit_cast<uint64_t>(sum.high) - towards_zero) | 1));
  }
}

/// tau - largest, from the elements that may be above tau in descending order. Relative to the largest, which is 1 above the lowest possible threshold.
Double2 threshold(const double* sorted, int64_t count, double largest) {
  Double2 sum, result{-1, 0};
  for (int64_t k = 1; k <= count; ++k) {
    const Double2 element = two_sum(sorted[k - 1], -largest);
    sum = sum + element;
    const auto size = static_cast<double>(k);
    if (!positive(Double2{1, 0} + times(size, element) - sum)) break;
    result = divided(sum - Double2{1, 0}, size);
  }
  return result;
}

template <class T>
void sparsemax_row(const T* x, int64_t columns, T* y) {
  double largest = -std::numeric_limits<double>::infinity();
  bool number = true;
  for (int64_t i = 0; i < columns; ++i) {
    largest = x[i] > largest ? static_cast<double>(x[i]) : largest;
    number = number && x[i] == x[i];
  }
  if (!number || !std::isfinite(largest)) {
    std::fill_n(y, columns, std::numeric_limits<T>::quiet_NaN());
    return;
  }
  double* const candidates = scratch<double>(Scratch::row, columns);
  int64_t count = 0;
  for (int64_t i = 0; i < columns; ++i) {
    if (static_cast<double>(x[i]) - largest >= -1) candidates[count++] = static_cast<double>(x[i]);
  }
  std::sort(candidates, candidates + count, std::greater<>());
  const Double2 tau = threshold(candidates, count, largest);
  for (int64_t i = 0; i < columns; ++i) {
    const auto element = static_cast<double>(x[i]);
    if (!(element - largest >= -1)) {
      y[i] = 0;
      continue;
    }
    const Double2 above = two_sum(element, -largest) - tau;
    y[i] = positive(above) ? rounded<T>(above) : T{0};
  }
}

/// Rows per task: some microseconds of work.
int64_t grain(int64_t columns) { return std::max<int64_t>(1, 4096 / (columns + 16)); }

}  // namespace

template <class T>
void sparsemax(const T* x, int64_t rows, int64_t columns, T* y) noexcept {
  if (columns <= 0) return;
  parallel_for(rows, grain(columns), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) sparsemax_row(x + r * columns, columns, y + r * columns);
  });
}

template <class T>
void sparsemax_backward(const T* y, const T* g, int64_t rows, int64_t columns, T* gx) noexcept {
  if (columns <= 0) return;
  parallel_for(rows, grain(columns), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const T *own = y + r * columns, *gradient = g + r * columns;
      double sum = 0, count = 0;
      for (int64_t i = 0; i < columns; ++i) {
        const bool inside = !(own[i] <= 0);  // a row of NaN stays one
        sum += inside ? static_cast<double>(gradient[i]) : 0.0;
        count += inside ? 1 : 0;
      }
      const double mean = sum / count;
      T* const out = gx + r * columns;
      for (int64_t i = 0; i < columns; ++i) {
        out[i] = own[i] <= 0 ? T{0} : own[i] == own[i] ? static_cast<T>(static_cast<double>(gradient[i]) - mean) : std::numeric_limits<T>::quiet_NaN();
      }
    }
  });
}

template void sparsemax(const float*, int64_t, int64_t, float*) noexcept;
template void sparsemax(const double*, int64_t, int64_t, double*) noexcept;
template void sparsemax_backward(const float*, const float*, int64_t, int64_t, float*) noexcept;
template void sparsemax_backward(const double*, const double*, int64_t, int64_t, double*) noexcept;

}  // namespace rectify::kernel
