#include "rectify/kernel/arithmetic.h"

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

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rectify/kernel/arithmetic.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "rectify/kernel/elementwise-inl.h"
#include "rectify/kernel/gemm_pack-inl.h"

#ifndef RECTIFY_KERNEL_ARITHMETIC_TARGET
#define RECTIFY_KERNEL_ARITHMETIC_TARGET
namespace rectify::kernel {

template <class T>
struct BinaryCall {
  Binary op;
  const T* x;
  int64_t x_step;
  const T* y;
  int64_t y_step;
  T* z;
};

template <class T>
struct ArithmeticTarget {
  void (*binary)(const BinaryCall<T>&, int64_t begin, int64_t end);
  void (*unary)(Unary op, const T* x, T* y, int64_t begin, int64_t end);
  void (*scale)(const T* x, T factor, T offset, T* y, int64_t begin, int64_t end);
  void (*transpose)(const T* x, int64_t rows, int64_t columns, int64_t begin, int64_t end, T* y);
};

}  // namespace rectify::kernel
#endif

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

/// exp and log on float64 lanes.
namespace wide {
#include "rectify/kernel/lanes.h"
#include "rectify/activation/pairs-inl.h"
#include "rectify/activation/blocks.h"

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

template <class V>
RECTIFY_INLINE V exponential(V x) {
  // The clamp inside exp() serves the infinities of narrow lanes but for exp(-inf), which it leaves a number that rounds to 0.
  return select(x == x, exp(x), nan);
}

template <class V>
RECTIFY_INLINE V logarithm(V x) {
  const V inside = select((x > 0.0) & (x < infinity), x, 1.0);
  return select(x > 0.0, select(x < infinity, log(inside), infinity), select(x == 0.0, -infinity, nan));
}

template <class T, class Function>
RECTIFY_INLINE void map(const T* x, T* y, int64_t begin, int64_t end, Function function) {
  int64_t i = begin;
  for (; i + lane_count <= end; i += lane_count) store(function(load(x + i)), y + i);
  if (i < end) {
    T buffer[lane_count] = {};
    const size_t rest = static_cast<size_t>(end - i) * sizeof(T);
    std::memcpy(buffer, x + i, rest);
    store(function(load(buffer)), buffer);
    std::memcpy(y + i, buffer, rest);
  }
}

template <class T>
void map_exponential(const T* x, T* y, int64_t begin, int64_t end) {
  map(x, y, begin, end, [](auto v) HWY_ATTR { return exponential(v); });
}

template <class T>
void map_logarithm(const T* x, T* y, int64_t begin, int64_t end) {
  map(x, y, begin, end, [](auto v) HWY_ATTR { return logarithm(v); });
}

}  // namespace wide

/// A binary operation with the broadcasting decided outside the loop.
template <class T, class Operation>
HWY_INLINE void binary_loop(const BinaryCall<T>& call, int64_t begin, int64_t end, const Operation& operation) {
  const hn::ScalableTag<T> d;
  if (call.x_step != 0 && call.y_step != 0) {
    for_each_vector<T>(begin, end, [&](const auto& access, int64_t i) HWY_ATTR { access.store(operation(access.load(call.x + i), access.load(call.y + i)), call.z + i); });
  } else if (call.x_step != 0) {
    const auto y = hn::Set(d, *call.y);
    for_each_vector<T>(begin, end, [&](const auto& access, int64_t i) HWY_ATTR { access.store(operation(access.load(call.x + i), y), call.z + i); });
  } else if (call.y_step != 0) {
    const auto x = hn::Set(d, *call.x);
    for_each_vector<T>(begin, end, [&](const auto& access, int64_t i) HWY_ATTR { access.store(operation(x, access.load(call.y + i)), call.z + i); });
  } else {
    const auto z = operation(hn::Set(d, *call.x), hn::Set(d, *call.y));
    for_each_vector<T>(begin, end, [&](const auto& access, int64_t i) HWY_ATTR { access.store(z, call.z + i); });
  }
}

template <class T>
void binary_range(const BinaryCall<T>& call, int64_t begin, int64_t end) {
  using V = hn::Vec<hn::ScalableTag<T>>;
  switch (call.op) {
    case Binary::add: return binary_loop(call, begin, end, [](V x, V y) HWY_ATTR { return hn::Add(x, y); });
    case Binary::subtract: return binary_loop(call, begin, end, [](V x, V y) HWY_ATTR { return hn::Sub(x, y); });
    case Binary::multiply: return binary_loop(call, begin, end, [](V x, V y) HWY_ATTR { return hn::Mul(x, y); });
    case Binary::divide: return binary_loop(call, begin, end, [](V x, V y) HWY_ATTR { return hn::Div(x, y); });
  }
}

template <class T, class Operation>
HWY_INLINE void unary_loop(const T* x, T* y, int64_t begin, int64_t end, const Operation& operation) {
  for_each_vector<T>(begin, end, [&](const auto& access, int64_t i) HWY_ATTR { access.store(operation(access.load(x + i)), y + i); });
}

template <class T>
void unary_range(Unary op, const T* x, T* y, int64_t begin, int64_t end) {
  using V = hn::Vec<hn::ScalableTag<T>>;
  switch (op) {
    case Unary::negate: return unary_loop(x, y, begin, end, [](V v) HWY_ATTR { return hn::Neg(v); });
    case Unary::absolute: return unary_loop(x, y, begin, end, [](V v) HWY_ATTR { return hn::Abs(v); });
    case Unary::square_root: return unary_loop(x, y, begin, end, [](V v) HWY_ATTR { return hn::Sqrt(v); });
    case Unary::exponential: return wide::map_exponential(x, y, begin, end);
    case Unary::logarithm: return wide::map_logarithm(x, y, begin, end);
  }
}

template <class T>
void scale_range(const T* x, T factor, T offset, T* y, int64_t begin, int64_t end) {
  const hn::ScalableTag<T> d;
  const auto factors = hn::Set(d, factor), offsets = hn::Set(d, offset);
  unary_loop(x, y, begin, end, [&](hn::Vec<hn::ScalableTag<T>> v) HWY_ATTR { return hn::Add(hn::Mul(v, factors), offsets); });
}

/// Rows [begin, end) of x.
template <class T>
void transpose_range(const T* x, int64_t rows, int64_t columns, int64_t begin, int64_t end, T* y) {
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  int64_t row = begin;
  for (; row + lanes <= end; row += lanes) interleave_rows(Rows<T>{x + row * columns, columns, lanes}, columns, y + row, rows);
  for (; row < end; ++row) {
    for (int64_t j = 0; j < columns; ++j) y[j * rows + row] = x[row * columns + j];
  }
}

template <class T>
const ArithmeticTarget<T>& arithmetic_target() {
  static constexpr ArithmeticTarget<T> target{&binary_range<T>, &unary_range<T>, &scale_range<T>, &transpose_range<T>};
  return target;
}
const ArithmeticTarget<float>& arithmetic_target_float() { return arithmetic_target<float>(); }
const ArithmeticTarget<double>& arithmetic_target_double() { return arithmetic_target<double>(); }

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rectify::kernel {
namespace {

HWY_EXPORT(arithmetic_target_float);
HWY_EXPORT(arithmetic_target_double);
const ArithmeticTarget<float>& target_for(float) { return HWY_DYNAMIC_DISPATCH(arithmetic_target_float)(); }
const ArithmeticTarget<double>& target_for(double) { return HWY_DYNAMIC_DISPATCH(arithmetic_target_double)(); }

/// Elements per task: some microseconds of work.
constexpr int64_t grain = 32768, transcendental_grain = 8192;

}  // namespace

template <class T>
void binary(Binary op, const T* x, int64_t x_step, const T* y, int64_t y_step, T* z, int64_t n) noexcept {
  const BinaryCall<T> call{op, x, x_step, y, y_step, z};
  parallel_for(n, grain, [&, run = target_for(T()).binary](int64_t begin, int64_t end) { run(call, begin, end); });
}

template <class T>
void unary(Unary op, const T* x, T* y, int64_t n) noexcept {
  const bool transcendental = op == Unary::exponential || op == Unary::logarithm;
  parallel_for(n, transcendental ? transcendental_grain : grain, [&, run = target_for(T()).unary](int64_t begin, int64_t end) { run(op, x, y, begin, end); });
}

template <class T>
void scale(const T* x, T factor, T offset, T* y, int64_t n) noexcept {
  parallel_for(n, grain, [&, run = target_for(T()).scale](int64_t begin, int64_t end) { run(x, factor, offset, y, begin, end); });
}

template <class T>
void transpose(const T* x, int64_t rows, int64_t columns, T* y) noexcept {
  constexpr int64_t line = 16;  // rows that share a cache line of y, and a multiple of every vector
  const int64_t rows_per_task = (grain / 2 / std::max<int64_t>(columns, 1) / line + 1) * line;
  parallel_for(rows, rows_per_task, [&, run = target_for(T()).transpose](int64_t begin, int64_t end) { run(x, rows, columns, begin, end, y); });
}

template void binary(Binary, const float*, int64_t, const float*, int64_t, float*, int64_t) noexcept;
template void binary(Binary, const double*, int64_t, const double*, int64_t, double*, int64_t) noexcept;
template void unary(Unary, const float*, float*, int64_t) noexcept;
template void unary(Unary, const double*, double*, int64_t) noexcept;
template void scale(const float*, float, float, float*, int64_t) noexcept;
template void scale(const double*, double, double, double*, int64_t) noexcept;
template void transpose(const float*, int64_t, int64_t, float*) noexcept;
template void transpose(const double*, int64_t, int64_t, double*) noexcept;

}  // namespace rectify::kernel
#endif
