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

/// x - m. One subtraction is exact enough for numbers that were float32; float64 takes a pair.
template <class V>
RECTIFY_INLINE Precise<V> shifted(V x, double m) {
  if constexpr (V::narrow) {
    return x - m;
  } else {
    return two_sum(x, V(-m));
  }
}

/// exp(x - m) for x <= m, which is to be multiplied by `tail`.
template <class V>
RECTIFY_INLINE Tailed<V> exponential(V x, double m) {
  if constexpr (V::narrow) {
    return {select(x == -infinity, 0.0, exp_of_nonpositive(x - m)), 1.0};  // the exponential of -inf is only nearly 0 here
  } else {
    const DecayingExp<V> e = decaying_exp(shifted(x, m));
    return {e.exp, e.tail};
  }
}

/// The exponentials of one row: for float64 in two parts, those below 2^-1000 as 0.
template <class V>
struct Exponentials {
  double *high, *low;

  RECTIFY_INLINE void fill(const double* row, int64_t columns, double m) const {
    for (int64_t i = 0; i < padded(columns); i += lane_count) {
      const Tailed<V> e = exponential<V>(load(row + i).raw, m);
      if constexpr (V::narrow) {
        store(Lanes<false>(e.value.raw), high + i);
      } else {
        store(select(e.tail == 1.0, e.value.high, 0.0), high + i);
        store(select(e.tail == 1.0, e.value.low, 0.0), low + i);
      }
    }
  }
  RECTIFY_INLINE void clear(int64_t i) const {
    high[i] = 0;
    if constexpr (V::precise) low[i] = 0;
  }
  RECTIFY_INLINE Precise<V> at(int64_t i) const {
    if constexpr (V::narrow) {
      return V(load(high + i).raw);
    } else {
      return {load(high + i), load(low + i)};
    }
  }
  /// float32: as in reduce.h. float64: pairs in the same 16 virtual lanes along the whole row, and the same tree.
  RECTIFY_INLINE Precise<V> sum(int64_t columns) const {
    if constexpr (V::narrow) {
      return V(ordered_sum(high, columns));
    } else {
      constexpr int64_t vectors = virtual_lanes / lane_count;
      Pair<V> sums[vectors];
      for (Pair<V>& part : sums) part = V(0.0);
      for (int64_t i = 0; i < padded(columns); i += virtual_lanes) {
        for (int64_t v = 0; v < vectors; ++v) sums[v] = sums[v] + at(i + v * lane_count);
      }
      double high_lane[virtual_lanes], low_lane[virtual_lanes];
      for (int64_t v = 0; v < vectors; ++v) {
        store(sums[v].high, high_lane + v * lane_count);
        store(sums[v].low, low_lane + v * lane_count);
      }
      Pair<V> lane[virtual_lanes];
      for (int64_t i = 0; i < virtual_lanes; ++i) lane[i] = {V(high_lane[i]), V(low_lane[i])};
      for (int64_t half = virtual_lanes / 2; half > 0; half /= 2) {
        for (int64_t i = 0; i < half; ++i) lane[i] = lane[i] + lane[i + half];
      }
      return lane[0];
    }
  }
};

/// The working memory of one row.
template <class V>
struct RowMemory {
  double* row;
  Exponentials<V> exponentials;
  explicit RowMemory(int64_t columns) {
    const int64_t size = padded(columns);
    row = scratch<double>(Scratch::row, (V::narrow ? 2 : 3) * size);
    exponentials = {row + size, row + (V::narrow ? 1 : 2) * size};
  }
};

/// One thread works on rows [begin, end).
template <class T>
void softmax(const T* x, int64_t columns, int64_t begin, int64_t end, T* y) {
  using V = Lanes<std::is_same_v<T, float>>;
  const RowMemory<V> memory(columns);
  for (int64_t r = begin; r < end; ++r) {
    fetch(x + r * columns, columns, -infinity, memory.row);
    const double m = largest<V>(memory.row, columns);
    if (!(std::fabs(m) < infinity)) {
      std::fill(y + r * columns, y + (r + 1) * columns, std::numeric_limits<T>::quiet_NaN());
      continue;
    }
    memory.exponentials.fill(memory.row, columns, m);
    const Precise<V> total = memory.exponentials.sum(columns);
    deliver<V>(memory.row, columns, y + r * columns, [&](V number, int64_t i) HWY_ATTR {
      if constexpr (V::precise) {
        if (any(number - m < -690.0)) [[unlikely]] {
          const Tailed<V> e = exponential(number, m);  // may be subnormal: the quotient is rounded first, then scaled
          return rounded(e.value / total) * e.tail;
        }
      }
      return rounded(memory.exponentials.at(i) / total);
    });
  }
}

/// log(1 + s) for s >= 0.
template <class V>
RECTIFY_INLINE Pair<V> log1p(Pair<V> s) {
  const auto [sum, rest] = two_sum<V>(1.0, s.high);
  const auto [k, m] = split(sum);
  const auto near_zero = k == 0.0;
  const V f = select(near_zero, s.high, m - 1.0), beyond = select(near_zero, s.low, (rest + s.low) * power_of_two(-k));
  const Pair<V> l = log1p_reduced(f) + Pair<V>(beyond / (1.0 + f));
  return select(near_zero, l, two_product<V>(k, log_2_high) + (l + Pair<V>(k * log_2_low)));
}

template <class T>
void log_softmax(const T* x, int64_t columns, int64_t begin, int64_t end, T* y) {
  using V = Lanes<std::is_same_v<T, float>>;
  const RowMemory<V> memory(columns);
  for (int64_t r = begin; r < end; ++r) {
    fetch(x + r * columns, columns, -infinity, memory.row);
    const double m = largest<V>(memory.row, columns);
    if (!(std::fabs(m) < infinity)) {
      std::fill(y + r * columns, y + (r + 1) * columns, std::numeric_limits<T>::quiet_NaN());
      continue;
    }
    // log(sum exp(x - m)) = log1p(the sum without the largest), so that nothing is lost when one element outweighs the others.
    memory.exponentials.fill(memory.row, columns, m);
    memory.exponentials.clear(std::find(memory.row, memory.row + columns, m) - memory.row);
    const Precise<V> logarithm = log1p(memory.exponentials.sum(columns));
    deliver<V>(memory.row, columns, y + r * columns, [&](V number, int64_t) HWY_ATTR {
      const Precise<V> difference = shifted(number, m);
      if constexpr (V::narrow) {
        return difference - logarithm;
      } else {
        return select(difference.high == -infinity, -infinity, rounded(difference - logarithm));  // the pair of an infinity is no number
      }
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
