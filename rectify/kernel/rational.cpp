#include "rectify/kernel/rational.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "rectify/activation/inline.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rectify/kernel/rational.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "rectify/kernel/ordered_sum-inl.h"

#ifndef RECTIFY_KERNEL_RATIONAL_TARGET
#define RECTIFY_KERNEL_RATIONAL_TARGET
namespace rectify::kernel {

template <class T>
struct RationalTarget {
  using Forward = void (*)(const RationalCoefficients& c, const T* x, int64_t n, T* y);
  using Backward = void (*)(const RationalCoefficients& c, const T* x, const T* g, int64_t n, T* gx);
  using Block = void (*)(const RationalCoefficients& c, const T* x, const T* g, int64_t n, double* sums);
  Forward forward;
  Backward backward;
  Block block;
};

}  // namespace rectify::kernel
#endif

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {
namespace rationals {
#include "rectify/kernel/lanes.h"
#include "rectify/activation/pairs-inl.h"

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
constexpr double far = 0x1p120;  // stands for infinity: its seventh power is a number

/// y and what its derivatives are made of. Where |x| <= 1: P, Q, their derivatives as they are. Elsewhere P/x^m and Q/|x|^n in powers of t = 1/x, and x P'/x^m, x Q'/|x|^n.
template <class V>
struct Parts {
  using P = Precise<V>;
  typename V::Mask inside;
  V x, z, size;       ///< z: x or 1/x; size: |z|
  P numerator, denominator;
  V power;            ///< x^m / |x|^n outside, 1 inside

  RECTIFY_INLINE Parts(const RationalCoefficients& c, V input) : inside(abs(input) <= 1.0), x(select(abs(input) == infinity, copysign(V(far), input), input)) {
    const P argument = select(inside, P(x), P(V(1.0)) / P(select(inside, 1.0, x)));
    z = high_of(argument);
    size = abs(z);
    const P magnitude = select(z < 0.0, P(V(0.0)) - argument, argument);
    numerator = select(inside, P(V(c.p[c.m])), P(V(c.p[0])));
    for (int j = 1; j <= c.m; ++j) numerator = numerator * argument + P(select(inside, c.p[c.m - j], c.p[j]));
    const auto coefficient = [&](int k) { return k == 0 ? 1.0 : c.q[k - 1]; };
    denominator = select(inside, P(V(coefficient(c.n))), P(V(1.0)));
    for (int k = 1; k <= c.n; ++k) denominator = denominator * magnitude + P(select(inside, coefficient(c.n - k), coefficient(k)));
    power = c.n % 2 == 1 ? copysign(V(1.0), x) : V(1.0);
    for (int j = c.n; j < c.m; ++j) power = power * x;
    for (int j = c.m; j < c.n; ++j) power = power * z;
    power = select(inside, 1.0, power);
  }

  RECTIFY_INLINE V value(V input) const {
    const V ratio = rounded(numerator / denominator), result = ratio * power;
    return select((abs(input) == infinity) & (abs(result) >= 0x1p60), copysign(V(infinity), result), result);  // what still grows far out grows without bound
  }

  RECTIFY_INLINE V slope(const RationalCoefficients& c) const {
    // Inside: (P' - y Q') / Q; outside: power / x (x P' - y~ x Q') / Q, every polynomial divided by its highest power.
    V p = select(inside, c.m * c.p[c.m], 0.0), q = select(inside, c.n > 0 ? c.n * c.q[c.n - 1] : 0.0, 0.0);
    for (int j = 1; j <= c.m; ++j) {
      const int low = c.m - j;  // inside come the powers in falling order down to 1, outside in rising order
      p = select(inside, low > 0 ? fma(p, z, low * c.p[low]) : p, fma(p, z, j * c.p[j]));
    }
    for (int k = 1; k <= c.n; ++k) {
      const int low = c.n - k;
      q = select(inside, low > 0 ? fma(q, size, low * c.q[low - 1]) : q, fma(q, size, k * c.q[k - 1]));
    }
    const V sign = select(x == 0.0, 0.0, copysign(V(1.0), x)), y = rounded(numerator / denominator);
    const V difference = select(inside, p - y * (q * sign), p - y * q);
    return difference / high_of(denominator) * select(inside, 1.0, power * z);
  }
};

template <class V>
RECTIFY_INLINE V canonical(V x) {
  return select(x == x, x, nan);
}

/// y[i] = step(x[i], g[i]) over [0, n): whole vectors in memory, the rest by way of buffers.
template <class T, class Step>
RECTIFY_INLINE void over(const T* x, const T* g, int64_t n, T* y, const Step& step) {
  int64_t i = 0;
  for (; i + lane_count <= n; i += lane_count) store(step(load(x + i), load(g + i)), y + i);
  if (i == n) return;
  const size_t rest = static_cast<size_t>(n - i) * sizeof(T);
  T x_rest[lane_count] = {}, g_rest[lane_count] = {}, y_rest[lane_count];
  std::memcpy(x_rest, x + i, rest);
  std::memcpy(g_rest, g + i, rest);
  store(step(load(x_rest), load(g_rest)), y_rest);
  std::memcpy(y + i, y_rest, rest);
}

template <class T>
__attribute__((flatten)) void forward(const RationalCoefficients& c, const T* x, int64_t n, T* y) {
  using V = Lanes<std::is_same_v<T, float>>;
  over(x, x, n, y, [&](V input, V) HWY_ATTR { return canonical(Parts<V>(c, input).value(input)); });
}

template <class T>
__attribute__((flatten)) void backward(const RationalCoefficients& c, const T* x, const T* g, int64_t n, T* gx) {
  using V = Lanes<std::is_same_v<T, float>>;
  over(x, g, n, gx, [&](V input, V gradient) HWY_ATTR { return canonical(gradient * Parts<V>(c, input).slope(c)); });
}

/// The sums over one block of at most sum_block elements: p's, then q's.
template <class T>
__attribute__((flatten)) void block(const RationalCoefficients& c, const T* x, const T* g, int64_t n, double* sums) {
  using V = Lanes<std::is_same_v<T, float>>;
  using Wide = Lanes<false>;
  thread_local std::vector<double> buffer;
  const int count = c.m + 1 + c.n;
  constexpr int64_t row = sum_block + virtual_lanes;
  buffer.resize(static_cast<size_t>(count * row));
  double* const terms = buffer.data();
  for (int64_t i = 0; i < n; i += lane_count) {
    T x_here[lane_count] = {}, g_here[lane_count] = {};
    const int64_t size = std::min(lane_count, n - i);
    std::memcpy(x_here, x + i, static_cast<size_t>(size) * sizeof(T));
    std::memcpy(g_here, g + i, static_cast<size_t>(size) * sizeof(T));
    const Parts<V> parts(c, load(x_here));
    const V y = rounded(parts.numerator / parts.denominator);
    const V weight = V(load(g_here).raw) * parts.power / high_of(parts.denominator), weighted_value = -(weight * y);
    // x^j / Q and |x|^k / Q: inside, powers of x that rise; outside, where x^m / |x|^n is in the weight, powers of 1/x that rise towards the lower coefficients.
    const auto powers = [&](V first, V factor, int lowest, int highest, double* to) HWY_ATTR {
      V up = first;
      for (int j = 0; j <= highest; ++j, up = up * factor) {
        if (j >= lowest) store(Wide(up.raw), to + (j - lowest) * row);
      }
      V down = first;
      for (int j = highest; j >= lowest; --j, down = down * factor) {
        double* const at = to + (j - lowest) * row;
        store(Wide(select(parts.inside, V(load(at).raw), down).raw), at);
      }
    };
    powers(weight, parts.z, 0, c.m, terms + i);
    powers(weighted_value, parts.size, 1, c.n, terms + (c.m + 1) * row + i);
  }
  for (int j = 0; j < count; ++j) sums[j] = block_sum(n, PlainTerm<double>{terms + j * row});
}

}  // namespace rationals

template <class T>
const RationalTarget<T>& rational_target() {
  static constexpr RationalTarget<T> target{&rationals::forward<T>, &rationals::backward<T>, &rationals::block<T>};
  return target;
}
const RationalTarget<float>& rational_target_float() { return rational_target<float>(); }
const RationalTarget<double>& rational_target_double() { return rational_target<double>(); }

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rectify::kernel {
namespace {

HWY_EXPORT(rational_target_float);
HWY_EXPORT(rational_target_double);
const RationalTarget<float>& target_for(float) { return HWY_DYNAMIC_DISPATCH(rational_target_float)(); }
const RationalTarget<double>& target_for(double) { return HWY_DYNAMIC_DISPATCH(rational_target_double)(); }

constexpr int64_t grain = 8192, block_size = 4096;  // of reduce.h

}  // namespace

template <class T>
void rational(const RationalCoefficients& c, const T* x, int64_t n, T* y) noexcept {
  parallel_for(n, grain, [&, run = target_for(T()).forward](int64_t begin, int64_t end) { run(c, x + begin, end - begin, y + begin); });
}

template <class T>
void rational_backward(const RationalCoefficients& c, const T* x, const T* g, int64_t n, T* gx) noexcept {
  parallel_for(n, grain, [&, run = target_for(T()).backward](int64_t begin, int64_t end) { run(c, x + begin, g + begin, end - begin, gx + begin); });
}

template <class T>
void rational_parameter_gradients(const RationalCoefficients& c, const T* x, const T* g, int64_t n, double* by_p, double* by_q) {
  const int count = c.m + 1 + c.n;
  const int64_t blocks = (n + block_size - 1) / block_size;
  std::vector<double> sums(static_cast<size_t>(blocks * count));
  parallel_for(blocks, 1, [&, run = target_for(T()).block](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) run(c, x + b * block_size, g + b * block_size, std::min(block_size, n - b * block_size), &sums[static_cast<size_t>(b * count)]);
  });
  for (int j = 0; j < count; ++j) {
    double total = 0;
    for (int64_t b = 0; b < blocks; ++b) total += sums[static_cast<size_t>(b * count + j)];
    (j <= c.m ? by_p[j] : by_q[j - c.m - 1]) = total;
  }
}

template void rational(const RationalCoefficients&, const float*, int64_t, float*) noexcept;
template void rational(const RationalCoefficients&, const double*, int64_t, double*) noexcept;
template void rational_backward(const RationalCoefficients&, const float*, const float*, int64_t, float*) noexcept;
template void rational_backward(const RationalCoefficients&, const double*, const double*, int64_t, double*) noexcept;
template void rational_parameter_gradients(const RationalCoefficients&, const float*, const float*, int64_t, double*, double*);
template void rational_parameter_gradients(const RationalCoefficients&, const double*, const double*, int64_t, double*, double*);

}  // namespace rectify::kernel
#endif
