#include "rectify/kernel/gated.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "rectify/activation/evaluate_exactly.h"
#include "rectify/activation/inline.h"
#include "rectify/activation/limits.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rectify/kernel/gated.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef RECTIFY_KERNEL_GATED_TARGET
#define RECTIFY_KERNEL_GATED_TARGET
namespace rectify::kernel {

/// The gate with its limits at the infinities, which the lanes need not survive.
struct Gate {
  activation::Function function;
  double value_at_minus_infinity, value_at_plus_infinity, slope_at_minus_infinity, slope_at_plus_infinity;
};

/// A stretch of n elements.
template <class T>
struct GatedTarget {
  using Forward = void (*)(const Gate& gate, const T* a, const T* b, int64_t n, T* y);
  using Backward = void (*)(const Gate& gate, const T* a, const T* b, const T* g, int64_t n, T* ga, T* gb);
  Forward forward;
  Backward backward;
};

}  // namespace rectify::kernel
#endif

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {
namespace gates {

namespace hn = hwy::HWY_NAMESPACE;
using activation::Spec;

#include "rectify/kernel/lanes.h"
#include "rectify/activation/pairs-inl.h"
#include "rectify/activation/blocks.h"
#include "rectify/activation/normal-inl.h"
#include "rectify/activation/jet.h"
#include "rectify/activation/roots-inl.h"
#include "rectify/activation/gates-inl.h"
#include "rectify/activation/functions/relu.h"
#include "rectify/activation/functions/sigmoid.h"
#include "rectify/activation/functions/swish.h"
#include "rectify/activation/functions/gelu.h"
#include "rectify/activation/functions/gelu_tanh.h"
#include "rectify/kernel/gates-inl.h"

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

template <class V>
RECTIFY_INLINE V canonical(V x) {
  return select(x == x, x, nan);
}

/// a f(b) with the right result where an operand is infinite or NaN.
template <class F, class V, class... P>
RECTIFY_INLINE V gate_value(const Gate& gate, V a, V b, P... p) {
  const V result = F::value(a, b, p...);
  const auto finite = (abs(a) < infinity) & (abs(b) < infinity);
  if (all(finite)) [[likely]] return result;
  const V factor = select(b == infinity, gate.value_at_plus_infinity, select(b == -infinity, gate.value_at_minus_infinity, F::direction(b)));
  return select(finite, result, canonical(a * select(b == b, factor, nan)));
}

template <class F, class V, class... P>
RECTIFY_INLINE V gate_slope(const Gate& gate, V b, P... p) {
  const V result = F::slope(b, p...);
  if (all(abs(b) < infinity)) [[likely]] return result;
  return select(b == infinity, gate.slope_at_plus_infinity, select(b == -infinity, gate.slope_at_minus_infinity, select(b == b, result, nan)));
}

/// A bound on the error of the slope's lanes: the activation's own where it has one.
template <class A, class V, class... P>
RECTIFY_INLINE V slope_error(V b, V slope, P... p) {
  if constexpr (requires { A::slope_error(b, slope, p...); }) {
    return A::slope_error(b, slope, p...);
  } else {
    return abs(slope) * 0x1p-42;
  }
}

/// Which lanes of a result, known within +-error, could be rounded to two different float32.
struct Doubt {
  float low[lane_count], high[lane_count];
  RECTIFY_INLINE Doubt(Lanes<true> result, Lanes<true> error) {
    store(result - error, low);
    store(result + error, high);
  }
  RECTIFY_INLINE bool any() const { return std::memcmp(low, high, sizeof(low)) != 0; }
  RECTIFY_INLINE bool operator()(int64_t i) const { return low[i] < high[i]; }
};

/// y[i] = factor D f(b[i]) rounded from the exact path for the lanes in doubt; `factor` is a product of two float32 at most.
HWY_NOINLINE void settle(const Gate& gate, activation::Derivative derivative, const double* factor, const float* b, const Doubt& doubt, float* y) {
  for (int64_t i = 0; i < lane_count; ++i) {
    if (!doubt(i)) continue;
    y[i] = activation::round_exactly<float>(product(activation::evaluate_exactly(gate.function, static_cast<double>(b[i]), derivative), factor[i]));
  }
}

/// One vector. Everything is read before anything is written: results may be an operand's memory.
template <class F, class T, class... P>
RECTIFY_INLINE void forward_step(const Gate& gate, const T* a, const T* b, T* y, P... p) {
  const auto value = load(a), gated_by = load(b);
  const auto result = gate_value<F>(gate, value, gated_by, p...);
  if constexpr (std::is_same_v<T, float> && !F::is_exact) {
    const Doubt doubt(result, abs(result) * 0x1p-42);
    if (doubt.any()) [[unlikely]] {
      double factor[lane_count];
      float by[lane_count], out[lane_count];
      store(Lanes<false>(value.raw), factor);
      store(gated_by, by);
      store(result, out);
      settle(gate, activation::value_itself, factor, by, doubt, out);
      std::memcpy(y, out, sizeof(out));
      return;
    }
  }
  store(result, y);
}

template <class F, class T, class... P>
RECTIFY_INLINE void backward_step(const Gate& gate, const T* a, const T* b, const T* g, T* ga, T* gb, P... p) {
  const auto value = load(a), gated_by = load(b), gradient = load(g), product = gradient * value;
  const auto by_value = gate_value<F>(gate, gradient, gated_by, p...), slope = gate_slope<F>(gate, gated_by, p...), by_gate = canonical(product * slope);
  if constexpr (std::is_same_v<T, float> && !F::is_exact) {
    const Doubt value_doubt(by_value, abs(by_value) * 0x1p-42);
    const Doubt gate_doubt(by_gate, abs(product) * slope_error<typename F::Activation>(gated_by, slope, p...));
    if (value_doubt.any() || gate_doubt.any()) [[unlikely]] {
      double factor[lane_count];
      float by[lane_count], value_out[lane_count], gate_out[lane_count];
      store(gated_by, by);
      store(by_value, value_out);
      store(by_gate, gate_out);
      store(Lanes<false>(gradient.raw), factor);
      settle(gate, activation::value_itself, factor, by, value_doubt, value_out);
      store(Lanes<false>(product.raw), factor);
      settle(gate, activation::slope, factor, by, gate_doubt, gate_out);
      std::memcpy(ga, value_out, sizeof(value_out));
      std::memcpy(gb, gate_out, sizeof(gate_out));
      return;
    }
  }
  store(by_value, ga);
  store(by_gate, gb);
}

/// All elements: whole vectors in memory, the rest by way of buffers.
template <class F, class T, class... P>
RECTIFY_INLINE void forward_over(const Gate& gate, const T* a, const T* b, int64_t n, T* y, P... p) {
  int64_t i = 0;
  for (; i + lane_count <= n; i += lane_count) forward_step<F>(gate, a + i, b + i, y + i, p...);
  if (i == n) return;
  const size_t rest = static_cast<size_t>(n - i) * sizeof(T);
  T a_rest[lane_count] = {}, b_rest[lane_count] = {}, y_rest[lane_count];
  std::memcpy(a_rest, a + i, rest);
  std::memcpy(b_rest, b + i, rest);
  forward_step<F>(gate, a_rest, b_rest, y_rest, p...);
  std::memcpy(y + i, y_rest, rest);
}

template <class F, class T, class... P>
RECTIFY_INLINE void backward_over(const Gate& gate, const T* a, const T* b, const T* g, int64_t n, T* ga, T* gb, P... p) {
  int64_t i = 0;
  for (; i + lane_count <= n; i += lane_count) backward_step<F>(gate, a + i, b + i, g + i, ga + i, gb + i, p...);
  if (i == n) return;
  const size_t rest = static_cast<size_t>(n - i) * sizeof(T);
  T a_rest[lane_count] = {}, b_rest[lane_count] = {}, g_rest[lane_count] = {}, ga_rest[lane_count], gb_rest[lane_count];
  std::memcpy(a_rest, a + i, rest);
  std::memcpy(b_rest, b + i, rest);
  std::memcpy(g_rest, g + i, rest);
  backward_step<F>(gate, a_rest, b_rest, g_rest, ga_rest, gb_rest, p...);
  std::memcpy(ga + i, ga_rest, rest);
  std::memcpy(gb + i, gb_rest, rest);
}

/// Calls body with the gate's type and its parameters as lanes.
template <class V, class Body>
RECTIFY_INLINE void with_gate(const activation::Function& f, const Body& body) {
  const V p = f.parameters[0];
  switch (f.id) {
    case activation::Id::sigmoid: return body(GateOfGLU(), p);
    case activation::Id::relu: return body(GateOfReGLU());
    case activation::Id::gelu: return body(GateOfGEGLU());
    case activation::Id::gelu_tanh: return body(GateOfGEGLUTanh());
    case activation::Id::swish: return body(GateOfSwiGLU(), p);
    default: return;
  }
}

template <class T>
__attribute__((flatten)) void forward(const Gate& gate, const T* a, const T* b, int64_t n, T* y) {
  with_gate<Lanes<std::is_same_v<T, float>>>(gate.function, [&](auto f, auto... p) HWY_ATTR { forward_over<decltype(f)>(gate, a, b, n, y, p...); });
}

template <class T>
__attribute__((flatten)) void backward(const Gate& gate, const T* a, const T* b, const T* g, int64_t n, T* ga, T* gb) {
  with_gate<Lanes<std::is_same_v<T, float>>>(gate.function, [&](auto f, auto... p) HWY_ATTR { backward_over<decltype(f)>(gate, a, b, g, n, ga, gb, p...); });
}

}  // namespace gates

template <class T>
const GatedTarget<T>& gated_target() {
  static constexpr GatedTarget<T> target{&gates::forward<T>, &gates::backward<T>};
  return target;
}
const GatedTarget<float>& gated_target_float() { return gated_target<float>(); }
const GatedTarget<double>& gated_target_double() { return gated_target<double>(); }

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rectify::kernel {
namespace {

HWY_EXPORT(gated_target_float);
HWY_EXPORT(gated_target_double);
const GatedTarget<float>& target_for(float) { return HWY_DYNAMIC_DISPATCH(gated_target_float)(); }
const GatedTarget<double>& target_for(double) { return HWY_DYNAMIC_DISPATCH(gated_target_double)(); }

Gate with_limits(const activation::Function& f) {
  const auto limit = [&](activation::Derivative derivative, bool plus) { return activation::limit(f, derivative, plus); };
  return {f, limit(activation::value_itself, false), limit(activation::value_itself, true), limit(activation::slope, false), limit(activation::slope, true)};
}

/// Calls body(offset of the operands, offset of the contiguous result, count) for the stretches of rows that make up all elements, in parallel.
template <class Body>
void for_each_stretch(GatedShape shape, const Body& body) {
  constexpr int64_t grain = 8192;
  const int64_t n = shape.rows * shape.columns;
  if (n == 0) return;
  parallel_for(n, grain, [&](int64_t begin, int64_t end) {
    if (shape.stride == shape.columns) return body(begin, begin, end - begin);
    while (begin < end) {
      const int64_t row = begin / shape.columns, count = std::min(end, (row + 1) * shape.columns) - begin;
      body(begin + row * (shape.stride - shape.columns), begin, count);
      begin += count;
    }
  });
}

}  // namespace

bool is_gate(activation::Id id) noexcept {
  using activation::Id;
  return id == Id::sigmoid || id == Id::relu || id == Id::gelu || id == Id::gelu_tanh || id == Id::swish;
}

template <class T>
void gated(const activation::Function& f, const T* a, const T* b, GatedShape shape, T* y) noexcept {
  const Gate gate = with_limits(f);
  for_each_stretch(shape, [&, run = target_for(T()).forward](int64_t from, int64_t to, int64_t count) { run(gate, a + from, b + from, count, y + to); });
}

template <class T>
void gated_backward(const activation::Function& f, const T* a, const T* b, const T* g, GatedShape shape, T* ga, T* gb) noexcept {
  const Gate gate = with_limits(f);
  for_each_stretch(shape, [&, run = target_for(T()).backward](int64_t from, int64_t to, int64_t count) {
    run(gate, a + from, b + from, g + to, count, ga + from, gb + from);
  });
}

template void gated(const activation::Function&, const float*, const float*, GatedShape, float*) noexcept;
template void gated(const activation::Function&, const double*, const double*, GatedShape, double*) noexcept;
template void gated_backward(const activation::Function&, const float*, const float*, const float*, GatedShape, float*, float*) noexcept;
template void gated_backward(const activation::Function&, const double*, const double*, const double*, GatedShape, double*, double*) noexcept;

}  // namespace rectify::kernel
#endif
