// The loops of the filter: one step of a program over a block. Included by filter.cpp alone, which compiles them for several instruction sets.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "rectify/verify/filter.h"
#include "rectify/verify/vector_functions.h"

#define RECTIFY_INLINE [[gnu::always_inline]] inline

namespace rectify::verify {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
// The filter runs with subnormal numbers flushed to zero. `underflow_loss` is what a result below `small` may have lost, generously.
inline constexpr double small = 0x1p-900, underflow_loss = 0x1p-1010, vanished = 0x1p-1000;
// Below this a result has underflowed: the bound `vanished`, multiplied by whatever float32 inputs may do in a formula.
inline constexpr double surely_zero = 0x1p-400;

/// Values and their error bounds.
struct Numbers {
  double* value;
  double* error;
};
struct ConstNumbers {
  const double* value;
  const double* error;
  ConstNumbers(Numbers n) : value(n.value), error(n.error) {}
};

struct Bounded {
  double value, error;
};

template <class F>
RECTIFY_INLINE void each(Numbers r, ConstNumbers a, F f) {
  for (size_t i = 0; i < Filter::block; ++i) {
    const Bounded result = f(Bounded{a.value[i], a.error[i]});
    r.value[i] = result.value;
    r.error[i] = result.error;
  }
}
template <class F>
RECTIFY_INLINE void each(Numbers r, ConstNumbers a, ConstNumbers b, F f) {
  for (size_t i = 0; i < Filter::block; ++i) {
    const Bounded result = f(Bounded{a.value[i], a.error[i]}, Bounded{b.value[i], b.error[i]});
    r.value[i] = result.value;
    r.error[i] = result.error;
  }
}

RECTIFY_INLINE double size_of(double x) { return __builtin_fabs(x); }

/// v + the exact error of the addition, by Knuth's two-sum.
RECTIFY_INLINE Bounded add(Bounded a, Bounded b) {
  const double v = a.value + b.value, c = v - a.value;
  const bool lossy = (size_of(a.value) < small) & (size_of(b.value) < small) & (a.value != 0) & (b.value != 0);
  return {v, a.error + b.error + size_of((a.value - (v - c)) + (b.value - c)) + (lossy ? underflow_loss : 0)};
}

RECTIFY_INLINE Bounded multiply(Bounded a, Bounded b) {
  const double v = a.value * b.value, loss = size_of(__builtin_fma(a.value, b.value, -v));
  const bool lossy = (size_of(v) < small) & (a.value != 0) & (b.value != 0);
  const double e = size_of(a.value) * b.error + size_of(b.value) * a.error + a.error * b.error + loss;
  return {v, e + (lossy ? underflow_loss : 0)};
}

/// One division: the quotient from the reciprocal and its residual, which is exact; the error divides by the reciprocal too.
RECTIFY_INLINE Bounded divide(Bounded a, Bounded b) {
  const double inverse = 1 / b.value, first = a.value * inverse;
  const double q = __builtin_fma(__builtin_fma(-first, b.value, a.value), inverse, first), loss = size_of(__builtin_fma(-q, b.value, a.value));
  const double size = size_of(inverse), e = (a.error + size_of(q) * b.error + loss) * (size * (1 + 0x1p-9));
  const bool lossy = (size_of(q) < small) & (a.value != 0);
  return {q, b.error * size < 0x1p-10 ? e + (lossy ? underflow_loss : 0) : infinity};
}

RECTIFY_INLINE Bounded square_root(Bounded a) {
  const double v = __builtin_sqrt(a.value), loss = size_of(__builtin_fma(-v, v, a.value));
  return {v, (a.error + loss) * (1 + 0x1p-40) / v};  // 0 / 0 at zero: in doubt
}

/// A function's value v at a, with `slope`, a bound of its slope on the interval.
RECTIFY_INLINE Bounded through(double v, Bounded a, double slope) { return {v, a.error * slope + size_of(v) * vector_function_error + underflow_loss}; }

/// The bound of a slope that grows at most like exp: good for intervals that are short.
RECTIFY_INLINE double if_short(Bounded a, double slope) { return a.error < 0x1p-8 ? slope * 1.02 : infinity; }

/// `v` if the condition holds, with a bound so small that it need not be computed.
RECTIFY_INLINE Bounded instead(bool condition, double v, double error, Bounded otherwise) {
  return {condition ? v : otherwise.value, condition ? error : otherwise.error};
}

RECTIFY_INLINE Bounded exp_of(Bounded a, double v) {
  const Bounded usual = through(v, a, if_short(a, size_of(v)));
  // Infinity stands for something beyond 2^1000.
  return instead(a.value - a.error > 700, infinity, 0, instead(a.value + a.error < -700, 0, vanished, usual));
}
RECTIFY_INLINE Bounded expm1_of(Bounded a, double v) {
  const Bounded usual = through(v, a, if_short(a, 1 + v + 0x1p-49));
  return instead(a.value - a.error > 700, infinity, 0, instead(a.value + a.error < -60, -1, 0x1p-86, usual));
}
RECTIFY_INLINE Bounded log_of(Bounded a, double v) {
  const double room = a.value - a.error;
  return through(v, a, room > 0 ? 1 / room : infinity);
}
RECTIFY_INLINE Bounded log1p_of(Bounded a, double v) {
  const double room = (1 + a.value) * 0.999 - a.error;
  return through(v, a, room > 0 ? 1 / room : infinity);
}
RECTIFY_INLINE Bounded tanh_of(Bounded a, double v) {
  const Bounded usual = through(v, a, a.error < 0x1p-8 ? (1 - v * v) * 1.02 + 0x1p-48 : 1);
  return instead(size_of(a.value) - a.error > 40, a.value < 0 ? -1 : 1, 0x1p-114, usual);
}
RECTIFY_INLINE Bounded arctan_of(Bounded a, double v) {
  const double inner = size_of(a.value) - a.error, bounded = inner > 0 ? inner : 0;
  return through(v, a, 1 / (1 + bounded * bounded));
}
RECTIFY_INLINE Bounded erf_of(Bounded a, double v) {
  return instead(size_of(a.value) - a.error > 9, a.value < 0 ? -1 : 1, 0x1p-119, through(v, a, 1.13));
}
RECTIFY_INLINE Bounded erfc_of(Bounded a, double v) {
  // exp(-a^2) <= sqrt(pi)/2 (a + sqrt(a^2 + 2)) erfc(a) for a >= 0.
  const double slope = a.value < 0 ? 1.13 : 2.02 * v * (2 * a.value + 1.5);
  const Bounded usual = through(v, a, a.error < 0x1p-12 ? slope * 1.02 : infinity);
  return instead(a.value - a.error > 26.3, 0, vanished, instead(a.value + a.error < -9, 2, 0x1p-119, usual));
}

/// First the function over the block, then the errors. Arguments are cut to [lowest, highest], beyond which f does not use the function's value:
/// the C library calls its slow scalar functions where its vector functions would leave the normal range.
template <class F>
RECTIFY_INLINE void call(VectorFunction function, Numbers r, ConstNumbers a, double lowest, double highest, F f) {
  alignas(64) double values[Filter::block];
  for (size_t i = 0; i < Filter::block; ++i) {
    const double v = a.value[i] < lowest ? lowest : a.value[i];
    values[i] = v > highest ? highest : v;
  }
  apply(function, values, values, Filter::block);
  for (size_t i = 0; i < Filter::block; ++i) {
    const Bounded result = f(Bounded{a.value[i], a.error[i]}, values[i]);
    r.value[i] = result.value;
    r.error[i] = result.error;
  }
}

/// -1, 0 or 1 for a < b, a == b, a > b; NaN where the intervals overlap.
RECTIFY_INLINE double order(Bounded a, Bounded b) {
  const double difference = a.value - b.value, margin = (a.error + b.error) * (1 + 0x1p-20);
  const double sign = difference < 0 ? -1 : difference > 0 ? 1 : 0;
  return (size_of(difference) > margin) | (margin == 0) ? sign : std::numeric_limits<double>::quiet_NaN();
}

template <class F>
RECTIFY_INLINE void select(Numbers r, ConstNumbers a, ConstNumbers b, ConstNumbers c, ConstNumbers d, F holds) {
  for (size_t i = 0; i < Filter::block; ++i) {
    const double o = order({a.value[i], a.error[i]}, {b.value[i], b.error[i]});
    const bool yes = holds(o);
    const double value = yes ? c.value[i] : d.value[i], error = yes ? c.error[i] : d.error[i];
    r.value[i] = value;
    r.error[i] = o == o ? error : infinity;
  }
}

RECTIFY_INLINE void run_step(const Instruction& step, Numbers r, ConstNumbers a, ConstNumbers b, ConstNumbers c, ConstNumbers d) {
  using Code = Instruction::Code;
  switch (step.code) {
    case Code::input:
    case Code::constant: return;
    case Code::add: return each(r, a, b, [](Bounded p, Bounded q) RECTIFY_LAMBDA { return add(p, q); });
    case Code::subtract: return each(r, a, b, [](Bounded p, Bounded q) RECTIFY_LAMBDA { return add(p, {-q.value, q.error}); });
    case Code::multiply: return each(r, a, b, [](Bounded p, Bounded q) RECTIFY_LAMBDA { return multiply(p, q); });
    case Code::divide: return each(r, a, b, [](Bounded p, Bounded q) RECTIFY_LAMBDA { return divide(p, q); });
    case Code::negate: return each(r, a, [](Bounded p) RECTIFY_LAMBDA { return Bounded{-p.value, p.error}; });
    case Code::absolute: return each(r, a, [](Bounded p) RECTIFY_LAMBDA { return Bounded{size_of(p.value), p.error}; });
    case Code::square_root: return each(r, a, [](Bounded p) RECTIFY_LAMBDA { return square_root(p); });
    case Code::capped: return each(r, a, [cap = step.value](Bounded p) RECTIFY_LAMBDA { return instead(p.value - p.error > cap, cap, 0, p); });
    case Code::exp: return call(VectorFunction::exp, r, a, -705, 705, [](Bounded p, double v) RECTIFY_LAMBDA { return exp_of(p, v); });
    case Code::expm1: return call(VectorFunction::expm1, r, a, -705, 705, [](Bounded p, double v) RECTIFY_LAMBDA { return expm1_of(p, v); });
    case Code::log: return call(VectorFunction::log, r, a, -infinity, infinity, [](Bounded p, double v) RECTIFY_LAMBDA { return log_of(p, v); });
    case Code::log1p: return call(VectorFunction::log1p, r, a, -infinity, infinity, [](Bounded p, double v) RECTIFY_LAMBDA { return log1p_of(p, v); });
    case Code::sin: return call(VectorFunction::sin, r, a, -infinity, infinity, [](Bounded p, double v) RECTIFY_LAMBDA { return through(v, p, 1); });
    case Code::cos: return call(VectorFunction::cos, r, a, -infinity, infinity, [](Bounded p, double v) RECTIFY_LAMBDA { return through(v, p, 1); });
    case Code::tanh: return call(VectorFunction::tanh, r, a, -50, 50, [](Bounded p, double v) RECTIFY_LAMBDA { return tanh_of(p, v); });
    case Code::arctan: return call(VectorFunction::arctan, r, a, -infinity, infinity, [](Bounded p, double v) RECTIFY_LAMBDA { return arctan_of(p, v); });
    case Code::erf: return call(VectorFunction::erf, r, a, -12, 12, [](Bounded p, double v) RECTIFY_LAMBDA { return erf_of(p, v); });
    case Code::erfc: return call(VectorFunction::erfc, r, a, -12, 26.5, [](Bounded p, double v) RECTIFY_LAMBDA { return erfc_of(p, v); });
    case Code::select_less: return select(r, a, b, c, d, [](double o) RECTIFY_LAMBDA { return o < 0; });
    case Code::select_less_equal: return select(r, a, b, c, d, [](double o) RECTIFY_LAMBDA { return o <= 0; });
    case Code::select_equal: return select(r, a, b, c, d, [](double o) RECTIFY_LAMBDA { return o == 0; });
  }
}

/// Both ends of the intervals to float32, and the marks.
RECTIFY_INLINE void round_block(ConstNumbers a, uint32_t* result) {
  alignas(64) float low[Filter::block], high[Filter::block], kind[Filter::block];
  for (size_t i = 0; i < Filter::block; ++i) {
    const double v = a.value[i], e = a.error[i];
    const double margin = e > 0 ? e * (1 + 0x1p-20) + size_of(v) * 0x1p-52 : e;
    low[i] = static_cast<float>(v - margin);
    high[i] = static_cast<float>(v + margin);
    // The conversion keeps the sign of what it rounds to zero, so ends on both sides of zero differ in their bits.
    kind[i] = static_cast<float>(size_of(v) + e < surely_zero ? ((v == 0) & (e == 0) ? 1.0 : 2.0) : 0.0);
  }
  for (size_t i = 0; i < Filter::block; ++i) {
    const uint32_t l = std::bit_cast<uint32_t>(low[i]), h = std::bit_cast<uint32_t>(high[i]);
    const uint32_t settled = (l == h) & ((l & 0x7fffffff) <= 0x7f800000) ? l : Filter::in_doubt;
    result[i] = kind[i] == 0 ? settled : kind[i] == 1 ? Filter::open_zero : Filter::underflow;
  }
}

}  // namespace rectify::verify
