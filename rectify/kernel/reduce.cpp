#include "rectify/kernel/reduce.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "rectify/base/floating_environment.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/dispatch.h"
#include "rectify/kernel/scratch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rectify/kernel/reduce.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "rectify/kernel/elementwise-inl.h"
#include "rectify/kernel/ordered_sum-inl.h"

#ifndef RECTIFY_KERNEL_REDUCE_TARGET
#define RECTIFY_KERNEL_REDUCE_TARGET
namespace rectify::kernel {

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;

/// A sum along the middle of three axes.
template <class T>
struct AxisCall {
  const T* x;
  int64_t axis, inner;
  T* out;
};

template <class T>
struct ReduceTarget {
  /// The sums of whole blocks: out[b] for b in [begin, end); y may be null.
  void (*block_sums)(const T* x, const T* y, int64_t n, int64_t begin, int64_t end, double* out);
  void (*sum_axis)(const AxisCall<T>&, int64_t outer, int64_t begin, int64_t end);
  /// The largest |x| as the bits of a number; NaN has the largest of all.
  BitsOf<T> (*magnitude_bits)(const T* x, int64_t begin, int64_t end);
  int64_t (*sign_balance)(const T* x, int64_t n);
};

/// Columns that one pass of sum_axis takes: the lanes of all their sums stay in the first-level cache.
inline constexpr int64_t axis_columns = 64;

}  // namespace rectify::kernel
#endif

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

template <class T>
void block_sums(const T* x, const T* y, int64_t n, int64_t begin, int64_t end, double* out) {
  for (int64_t b = begin; b < end; ++b) {
    const int64_t i = b * sum_block, count = std::min(sum_block, n - i);
    out[b] = y != nullptr ? block_sum(count, ProductTerm<T>{x + i, y + i}) : block_sum(count, PlainTerm<T>{x + i});
  }
}

/// Columns [begin, end), at most axis_columns, of one outer index. Virtual lane l of column j is lane[l * axis_columns + j - begin].
template <class T>
void sum_axis_range(const AxisCall<T>& call, int64_t outer, int64_t begin, int64_t end) {
  const WideAccess::D d;
  constexpr int64_t lanes = WideAccess::lanes;
  const T* const x = call.x + outer * call.axis * call.inner;
  T* const out = call.out + outer * call.inner;
  if (call.inner == 1) {
    out[0] = static_cast<T>(ordered_sum(x, call.axis));
    return;
  }
  HWY_ALIGN double lane[virtual_lanes * axis_columns], total[axis_columns] = {};
  const int64_t width = end - begin, whole = width / lanes * lanes;
  const size_t rest = static_cast<size_t>(width - whole);
  for (int64_t block = 0; block < call.axis; block += sum_block) {
    std::fill(lane, lane + virtual_lanes * axis_columns, 0.0);
    const int64_t block_end = std::min(block + sum_block, call.axis);
    for (int64_t a = block; a < block_end; ++a) {
      const T* const row = x + a * call.inner + begin;
      double* const sums = lane + (a - block) % virtual_lanes * axis_columns;
      for (int64_t j = 0; j < whole; j += lanes) hn::StoreU(hn::Add(hn::LoadU(d, sums + j), WideAccess::load(row + j)), d, sums + j);
      if (rest != 0) hn::StoreU(hn::Add(hn::LoadU(d, sums + whole), WideAccess::load(row + whole, rest)), d, sums + whole);
    }
    for (int64_t half = virtual_lanes / 2; half > 0; half /= 2) {
      for (int64_t i = 0; i < half * axis_columns; i += lanes) {
        hn::StoreU(hn::Add(hn::LoadU(d, lane + i), hn::LoadU(d, lane + i + half * axis_columns)), d, lane + i);
      }
    }
    for (int64_t j = 0; j < width; ++j) total[j] += lane[j];
  }
  for (int64_t j = 0; j < width; ++j) out[begin + j] = static_cast<T>(total[j]);
}

/// Among numbers without sign, the order of the bits is the order of the numbers, with NaN above infinity.
template <class T>
BitsOf<T> magnitude_bits(const T* x, int64_t begin, int64_t end) {
  const hn::ScalableTag<BitsOf<T>> bits;
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  auto largest = hn::Zero(bits);
  for_each_vector<T>(begin, end, [&](const auto& access, int64_t i) HWY_ATTR {
    largest = hn::Max(largest, hn::BitCast(bits, hn::Abs(access.load(x + i))));
  });
  HWY_ALIGN BitsOf<T> lane[lanes];
  hn::StoreU(largest, bits, lane);
  return *std::max_element(lane, lane + lanes);
}

template <class T>
int64_t sign_balance(const T* x, int64_t n) {
  const hn::ScalableTag<T> d;
  const auto zero = hn::Zero(d);
  int64_t balance = 0;
  for_each_vector<T>(0, n, [&](const auto& access, int64_t i) HWY_ATTR {
    const auto v = access.load(x + i);
    balance += static_cast<int64_t>(hn::CountTrue(d, hn::Gt(v, zero))) - static_cast<int64_t>(hn::CountTrue(d, hn::Lt(v, zero)));
  });
  return balance;
}

template <class T>
const ReduceTarget<T>& reduce_target() {
  static constexpr ReduceTarget<T> target{&block_sums<T>, &sum_axis_range<T>, &magnitude_bits<T>, &sign_balance<T>};
  return target;
}
const ReduceTarget<float>& reduce_target_float() { return reduce_target<float>(); }
const ReduceTarget<double>& reduce_target_double() { return reduce_target<double>(); }

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rectify::kernel {
namespace {

HWY_EXPORT(reduce_target_float);
HWY_EXPORT(reduce_target_double);
const ReduceTarget<float>& target_for(float) { return HWY_DYNAMIC_DISPATCH(reduce_target_float)(); }
const ReduceTarget<double>& target_for(double) { return HWY_DYNAMIC_DISPATCH(reduce_target_double)(); }

constexpr int64_t block_size = 4096, blocks_per_task = 8;

/// The blocks' sums are found by several threads and added here in order.
template <class T>
double sum_of_blocks(const T* x, const T* y, int64_t n) {
  if (n <= 0) return 0;
  const int64_t blocks = (n - 1) / block_size + 1;
  double* const sums = scratch<double>(Scratch::row, blocks);
  parallel_for(blocks, blocks_per_task, [&, run = target_for(T()).block_sums](int64_t begin, int64_t end) { run(x, y, n, begin, end, sums); });
  const FloatingEnvironment environment;
  double total = 0;
  for (int64_t b = 0; b < blocks; ++b) total += sums[b];
  return total;
}

template <class T>
BitsOf<T> largest_magnitude_bits(const T* x, int64_t n) {
  constexpr int64_t task = block_size * blocks_per_task;
  if (n <= 0) return 0;
  const int64_t tasks = (n - 1) / task + 1;
  BitsOf<T>* const found = scratch<BitsOf<T>>(Scratch::row, tasks);
  parallel_for(tasks, 1, [&, run = target_for(T()).magnitude_bits](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) found[i] = run(x, i * task, std::min(n, (i + 1) * task));
  });
  return *std::max_element(found, found + tasks);
}

template <class T>
constexpr BitsOf<T> infinity_bits = std::bit_cast<BitsOf<T>>(std::numeric_limits<T>::infinity());

}  // namespace

template <class T>
double sum(const T* x, int64_t n) noexcept {
  return sum_of_blocks<T>(x, nullptr, n);
}

template <class T>
double dot(const T* x, const T* y, int64_t n) noexcept {
  return sum_of_blocks<T>(x, y, n);
}

template <class T>
void sum_axis(const T* x, int64_t outer, int64_t axis, int64_t inner, T* out) noexcept {
  if (outer <= 0 || inner <= 0) return;
  const AxisCall<T> call{x, axis, inner, out};
  const int64_t chunks = (inner - 1) / axis_columns + 1;
  const int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(axis * std::min(inner, axis_columns), 1));
  parallel_for(outer * chunks, grain, [&, run = target_for(T()).sum_axis](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t column = i % chunks * axis_columns;
      run(call, i / chunks, column, std::min(inner, column + axis_columns));
    }
  });
}

template <class T>
T max_magnitude(const T* x, int64_t n) noexcept {
  const BitsOf<T> bits = largest_magnitude_bits(x, n);
  return bits > infinity_bits<T> ? std::numeric_limits<T>::quiet_NaN() : std::bit_cast<T>(bits);
}

template <class T>
void argmax_rows(const T* x, int64_t rows, int64_t columns, int64_t* out) noexcept {
  const int64_t grain = std::max<int64_t>(1, 16384 / std::max<int64_t>(columns, 1));
  parallel_for(rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* const numbers = x + row * columns;
      int64_t best = 0;
      // Nothing is greater than NaN, so the search is over once one is the best.
      for (int64_t j = 1; j < columns && numbers[best] == numbers[best]; ++j) {
        if (!(numbers[j] <= numbers[best])) best = j;
      }
      out[row] = best;
    }
  });
}

template <class T>
int64_t sign_balance(const T* x, int64_t n) noexcept {
  return target_for(T()).sign_balance(x, n);
}

template <class T>
bool all_finite(const T* x, int64_t n) noexcept {
  return largest_magnitude_bits(x, n) < infinity_bits<T>;
}

template double sum(const float*, int64_t) noexcept;
template double sum(const double*, int64_t) noexcept;
template double dot(const float*, const float*, int64_t) noexcept;
template double dot(const double*, const double*, int64_t) noexcept;
template void sum_axis(const float*, int64_t, int64_t, int64_t, float*) noexcept;
template void sum_axis(const double*, int64_t, int64_t, int64_t, double*) noexcept;
template float max_magnitude(const float*, int64_t) noexcept;
template double max_magnitude(const double*, int64_t) noexcept;
template void argmax_rows(const float*, int64_t, int64_t, int64_t*) noexcept;
template void argmax_rows(const double*, int64_t, int64_t, int64_t*) noexcept;
template int64_t sign_balance(const float*, int64_t) noexcept;
template int64_t sign_balance(const double*, int64_t) noexcept;
template bool all_finite(const float*, int64_t) noexcept;
template bool all_finite(const double*, int64_t) noexcept;

}  // namespace rectify::kernel
#endif
