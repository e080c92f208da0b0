#include "rectify/kernel/rowwise.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "rectify/activation/inline.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/dispatch.h"
#include "rectify/kernel/scratch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rectify/kernel/rowwise.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "rectify/kernel/ordered_sum-inl.h"

#ifndef RECTIFY_KERNEL_ROWWISE_TARGET
#define RECTIFY_KERNEL_ROWWISE_TARGET
namespace rectify::kernel {

template <class T>
struct RowwiseTarget {
  using Forward = void (*)(const T* x, int64_t columns, int64_t begin, int64_t end, T* y);
  using Backward = void (*)(const T* y, const T* g, int64_t columns, int64_t begin, int64_t end, T* gx);
  Forward softmax, log_softmax;
  Backward softmax_backward, log_softmax_backward;
};

}  // namespace rectify::kernel
#endif

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {
namespace rows {
#include "rectify/kernel/lanes.h"
#include "rectify/activation/pairs-inl.h"
#include "rectify/activation/blocks.h"

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

/// Where a row is worked on: as float64, followed by neutral numbers up to a whole number of vectors.
constexpr int64_t padded(int64_t columns) { return (columns + virtual_lanes - 1) / virtual_lanes * virtual_lanes; }

template <class T>
RECTIFY_INLINE void fetch(const T* x, int64_t columns, double padding, double* row) {
  int64_t i = 0;
  for (; i + lane_count <= columns; i += lane_count) store(Lanes<false>(load(x + i).raw), row + i);
  for (; i < columns; ++i) row[i] = static_cast<double>(x[i]);
  for (; i < padded(columns); ++i) row[i] = padding;
}

/// y[i] = function(row[i]), rounded once to T.
template <class V, class T, class Function>
RECTIFY_INLINE void deliver(const double* row, int64_t columns, T* y, Function function) {
  int64_t i = 0;
  for (; i + lane_count <= columns; i += lane_count) store(function(V(load(row + i).raw), i), y + i);
  if (i < columns) {
    T buffer[lane_count];
    store(function(V(load(row + i).raw), i), buffer);
    std::memcpy(y + i, buffer, static_cast<size_t>(columns - i) * sizeof(T));
  }
}

/// The largest number of a padded row, NaN if there is one.
template <class V>
RECTIFY_INLINE double largest(const double* row, int64_t columns) {
  V best(-infinity), sum(0.0);
  for (int64_t i = 0; i < padded(columns); i += lane_count) {
    const V x = load(row + i).raw;
    best = select(x > best, x, best);
    sum = sum + select(x == x, 0.0, x);  // NaN as soon as one is met
  }
  double lane[lane_count];
  store(Lanes<false>((best + sum).raw), lane);
  double result = lane[0];
  for (int64_t i = 1; i < lane_count; ++i) result = result == result && !(lane[i] <= result) ? lane[i] : result;
  return result;
}

/// x - m, its second part for float64 only: one subtraction is exact enough for numbers that were float32.
template <class V>
RECTIFY_INLINE Pair<V> shifted(V x, double m) {
  if constexpr (V::narrow) {
    return {x - m, 0.0};
  } else {
    return two_sum(x, V(-m));
  }
}

/// exp(x - m) for x <= m.
template <class V>
RECTIFY_INLINE V exponential(V x, double m) {
  if constexpr (V::narrow) {
    return select(x == -infinity, 0.0, exp_of_nonpositive(x - m));  // the exponential of -inf is only nearly 0 here
  } else {
    return exp_of_nonpositive(shifted(x, m));
  }
}

/// One thread works on rows [begin, end).
template <class T>
void softmax(const T* x, int64_t columns, int64_t begin, int64_t end, T* y) {
  using V = Lanes<std::is_same_v<T, float>>;
  double* const row = scratch<double>(Scratch::row, padded(columns));
  for (int64_t r = begin; r < end; ++r) {
    fetch(x + r * columns, columns, -infinity, row);
    const double m = largest<V>(row, columns);
    if (!(std::fabs(m) < infinity)) {
      std::fill(y + r * columns, y + (r + 1) * columns, std::numeric_limits<T>::quiet_NaN());
      continue;
    }
    for (int64_t i = 0; i < padded(columns); i += lane_count) store(Lanes<false>(exponential<V>(load(row + i).raw, m).raw), row + i);
    const V total = ordered_sum(row, columns);
    deliver<V>(row, columns, y + r * columns, [&](V e, int64_t) HWY_ATTR { return e / total; });
  }
}

/// log(sum exp(x - m)) = log1p(the sum without the largest), so that nothing is lost when one element outweighs the others.
template <class V>
RECTIFY_INLINE double log_of_sum(const double* row, int64_t columns, double m, double* exponentials) {
  for (int64_t i = 0; i < padded(columns); i += lane_count) store(Lanes<false>(exponential<V>(load(row + i).raw, m).raw), exponentials + i);
  *std::find(exponentials, exponentials + columns, 1.0) = 0;
  double lane[lane_count];
  store(Lanes<false>(log1p(Lanes<false>(ordered_sum(exponentials, columns)))), lane);
  return lane[0];
}

template <class T>
void log_softmax(const T* x, int64_t columns, int64_t begin, int64_t end, T* y) {
  using V = Lanes<std::is_same_v<T, float>>;
  double* const row = scratch<double>(Scratch::row, 2 * padded(columns));
  for (int64_t r = begin; r < end; ++r) {
    fetch(x + r * columns, columns, -infinity, row);
    const double m = largest<V>(row, columns);
    if (!(std::fabs(m) < infinity)) {
      std::fill(y + r * columns, y + (r + 1) * columns, std::numeric_limits<T>::quiet_NaN());
      continue;
    }
    const double logarithm = log_of_sum<V>(row, columns, m, row + padded(columns));
    deliver<V>(row, columns, y + r * columns, [&](V number, int64_t) HWY_ATTR {
      const Pair<V> difference = shifted(number, m);
      const V high = difference.high - logarithm;
      return V::narrow ? high : select(difference.high == -infinity, -infinity, high + difference.low);  // `low` is no number there
    });
  }
}

template <class T>
void softmax_backward(const T* y, const T* g, int64_t columns, int64_t begin, int64_t end, T* gx) {
  using V = Lanes<std::is_same_v<T, float>>;
  double* const row = scratch<double>(Scratch::row, 2 * padded(columns));
  double* const factors = row + padded(columns);
  for (int64_t r = begin; r < end; ++r) {
    const V mean = ordered_sum(g + r * columns, y + r * columns, columns);
    fetch(y + r * columns, columns, 0.0, row);
    fetch(g + r * columns, columns, 0.0, factors);
    deliver<V>(row, columns, gx + r * columns, [&](V number, int64_t i) HWY_ATTR { return number * (V(load(factors + i).raw) - mean); });
  }
}

template <class T>
void log_softmax_backward(const T* y, const T* g, int64_t columns, int64_t begin, int64_t end, T* gx) {
  using V = Lanes<std::is_same_v<T, float>>;
  double* const row = scratch<double>(Scratch::row, 2 * padded(columns));
  double* const gradients = row + padded(columns);
  for (int64_t r = begin; r < end; ++r) {
    const V total = ordered_sum(g + r * columns, columns);
    fetch(y + r * columns, columns, 0.0, row);
    fetch(g + r * columns, columns, 0.0, gradients);
    deliver<V>(row, columns, gx + r * columns, [&](V number, int64_t i) HWY_ATTR {
      const V probability = select(number == number, select(number == -infinity, 0.0, exp_of_nonpositive(number)), nan);
      return V(load(gradients + i).raw) - probability * total;
    });
  }
}

}  // namespace rows

template <class T>
const RowwiseTarget<T>& rowwise_target() {
  static constexpr RowwiseTarget<T> target{&rows::softmax<T>, &rows::log_softmax<T>, &rows::softmax_backward<T>, &rows::log_softmax_backward<T>};
  return target;
}
const RowwiseTarget<float>& rowwise_target_float() { return rowwise_target<float>(); }
const RowwiseTarget<double>& rowwise_target_double() { return rowwise_target<double>(); }

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rectify::kernel {
namespace {

HWY_EXPORT(rowwise_target_float);
HWY_EXPORT(rowwise_target_double);
const RowwiseTarget<float>& target_for(float) { return HWY_DYNAMIC_DISPATCH(rowwise_target_float)(); }
const RowwiseTarget<double>& target_for(double) { return HWY_DYNAMIC_DISPATCH(rowwise_target_double)(); }

/// Rows per task: some microseconds of work.
int64_t grain(int64_t columns) { return std::max<int64_t>(1, 4096 / (columns + 16)); }

}  // namespace

template <class T>
void softmax(const T* x, int64_t rows, int64_t columns, T* y) noexcept {
  if (columns <= 0) return;
  parallel_for(rows, grain(columns), [&, run = target_for(T()).softmax](int64_t begin, int64_t end) { run(x, columns, begin, end, y); });
}

template <class T>
void log_softmax(const T* x, int64_t rows, int64_t columns, T* y) noexcept {
  if (columns <= 0) return;
  parallel_for(rows, grain(columns), [&, run = target_for(T()).log_softmax](int64_t begin, int64_t end) { run(x, columns, begin, end, y); });
}

template <class T>
void softmax_backward(const T* y, const T* g, int64_t rows, int64_t columns, T* gx) noexcept {
  if (columns <= 0) return;
  parallel_for(rows, grain(columns), [&, run = target_for(T()).softmax_backward](int64_t begin, int64_t end) { run(y, g, columns, begin, end, gx); });
}

template <class T>
void log_softmax_backward(const T* y, const T* g, int64_t rows, int64_t columns, T* gx) noexcept {
  if (columns <= 0) return;
  parallel_for(rows, grain(columns), [&, run = target_for(T()).log_softmax_backward](int64_t begin, int64_t end) { run(y, g, columns, begin, end, gx); });
}

template void softmax(const float*, int64_t, int64_t, float*) noexcept;
template void softmax(const double*, int64_t, int64_t, double*) noexcept;
template void log_softmax(const float*, int64_t, int64_t, float*) noexcept;
template void log_softmax(const double*, int64_t, int64_t, double*) noexcept;
template void softmax_backward(const float*, const float*, int64_t, int64_t, float*) noexcept;
template void softmax_backward(const double*, const double*, int64_t, int64_t, double*) noexcept;
template void log_softmax_backward(const float*, const float*, int64_t, int64_t, float*) noexcept;
template void log_softmax_backward(const double*, const double*, int64_t, int64_t, double*) noexcept;

}  // namespace rectify::kernel
#endif
