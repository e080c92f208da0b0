#include "rectify/activation/exact.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>

#include "rectify/activation/wide_number.h"

namespace rectify::activation {
namespace {

using O = Operation;
constexpr mpfr_rnd_t down = MPFR_RNDD, up = MPFR_RNDU;
constexpr mpfr_prec_t first_precision = 96, last_precision = 3072;
/// Where the sign of a value that rounds to 0 is no longer looked for in the value itself.
constexpr mpfr_prec_t precision_for_zero = 768;

/// All that a real number can be; `defined` is false outside a function's domain, where it is none.
struct Interval {
  WideNumber low, high;
  bool defined = true;

  static Interval point(const WideNumber& value) { return {value, value}; }
  static Interval anything() { return {WideNumber::infinity(-1), WideNumber::infinity(1)}; }
  static Interval nothing() { return {0.0, 0.0, false}; }
  bool is_point() const { return low == high; }
};

Interval checked(Interval interval) {
  if (interval.low.is_nan()) interval.low = WideNumber::infinity(-1);
  if (interval.high.is_nan()) interval.high = WideNumber::infinity(1);
  return interval;
}

Interval negated(const Interval& a) { return {-a.high, -a.low, a.defined}; }
Interval sum(const Interval& a, const Interval& b) { return checked({WideNumber::add(a.low, b.low, down), WideNumber::add(a.high, b.high, up)}); }

/// The hull of op(p, q) over the ends.
template <class Op>
Interval over_ends(Op op, const Interval& a, const Interval& b) {
  if (a.is_point() && b.is_point()) return checked({op(a.low, b.low, down), op(a.low, b.low, up)});
  std::optional<Interval> hull;
  for (const WideNumber* p : {&a.low, &a.high}) {
    for (const WideNumber* q : {&b.low, &b.high}) {
      const Interval corner = checked({op(*p, *q, down), op(*p, *q, up)});
      if (!hull) {
        hull = corner;
      } else {
        if (corner.low < hull->low) hull->low = corner.low;
        if (hull->high < corner.high) hull->high = corner.high;
      }
    }
  }
  return *hull;
}

Interval product(const Interval& a, const Interval& b) { return over_ends(WideNumber::multiply, a, b); }

Interval quotient(const Interval& a, const Interval& b) {
  if (b.low.is_zero() && b.high.is_zero()) return Interval::nothing();
  if (b.low.sign() <= 0 && b.high.sign() >= 0) return Interval::anything();
  return over_ends(WideNumber::divide, a, b);
}

Interval magnitude(const Interval& a) {
  if (a.low.sign() >= 0) return a;
  const Interval minus = negated(a);
  if (a.high.sign() <= 0) return minus;
  return {0.0, a.high < minus.high ? minus.high : a.high};
}

Interval power(const Interval& a, int exponent) {
  const Interval base = exponent % 2 == 0 ? magnitude(a) : a;
  return checked({WideNumber::power(base.low, exponent, down), WideNumber::power(base.high, exponent, up)});
}

// Increasing functions of a number, rounded in a direction.
WideNumber expm1(const WideNumber& u, mpfr_rnd_t direction) {
  if (WideNumber(4096.0) < u) return WideNumber::add(WideNumber::exp(u, direction), -1.0, direction);
  return WideNumber::apply(mpfr_expm1, u, direction);
}
WideNumber log1p(const WideNumber& u, mpfr_rnd_t direction) {
  if (WideNumber(4096.0) < u) return WideNumber::log(WideNumber::add(u, 1.0, direction), direction);
  return WideNumber::apply(mpfr_log1p, u, direction);
}
WideNumber sigmoid(const WideNumber& u, mpfr_rnd_t direction) {
  const mpfr_rnd_t opposite = direction == up ? down : up;
  return WideNumber::divide(1.0, WideNumber::add(1.0, WideNumber::exp(-u, opposite), opposite), direction);
}
WideNumber softplus(const WideNumber& u, mpfr_rnd_t direction) {
  if (u.sign() <= 0) return log1p(WideNumber::exp(u, direction), direction);
  const WideNumber log = log1p(WideNumber::exp(-u, direction), direction);
  return WideNumber::add(u, log, direction);
}
WideNumber erfc(const WideNumber& u, mpfr_rnd_t direction) { return WideNumber::apply(mpfr_erfc, u, direction); }
WideNumber normal_cdf(const WideNumber& u, mpfr_rnd_t direction) {
  // erfc(-u / sqrt(2)) / 2: increasing in u, decreasing in the quotient.
  const bool towards_zero = (direction == up) == (u.sign() < 0);
  const WideNumber root = WideNumber::sqrt(2.0, towards_zero ? up : down);
  const WideNumber inside = WideNumber::divide(-u, root, direction == up ? down : up);
  return WideNumber::multiply(erfc(inside, direction), 0.5, direction);
}

template <class F>
Interval increasing(F f, const Interval& a) {
  return checked({f(a.low, down), f(a.high, up)});
}
Interval increasing(WideNumber::Function f, const Interval& a) {
  return increasing([f](const WideNumber& u, mpfr_rnd_t direction) { return WideNumber::apply(f, u, direction); }, a);
}

/// sin or cos: the value at one end, give or take the width.
Interval wave(int (*f)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t), const Interval& a) {
  constexpr double far = 0x1p1000;  // an end that is farther away than four times its exponent's bits is not worth the digits of pi
  const WideNumber limit = WideNumber::power(far, 4, up);
  if (limit < magnitude(a).high) return {-1.0, 1.0};
  const Interval at_low = {WideNumber::apply(f, a.low, down), WideNumber::apply(f, a.low, up)};
  if (a.is_point()) return at_low;
  const WideNumber width = WideNumber::add(a.high, -a.low, up);
  return {WideNumber::add(at_low.low, -width, down), WideNumber::add(at_low.high, width, up)};
}

Interval hull(const Interval& a, const Interval& b) {
  if (!a.defined || !b.defined) return a.defined || b.defined ? Interval::anything() : a;
  return {a.low < b.low ? a.low : b.low, a.high < b.high ? b.high : a.high};
}

/// 1: holds, 0: does not, -1: not known yet.
int holds(Operation comparison, const Interval& a, const Interval& b) {
  switch (comparison) {
    case O::less: return a.high < b.low ? 1 : !(a.low < b.high) ? 0 : -1;
    case O::less_equal: return !(b.low < a.high) ? 1 : b.high < a.low ? 0 : -1;
    default: return a.high < b.low || b.high < a.low ? 0 : a.is_point() && b.is_point() ? 1 : -1;
  }
}

class Evaluation {
 public:
  Evaluation(std::span<const TermNode> nodes, std::span<const double> parameters) : nodes_(nodes), parameters_(parameters) {}

  Interval at(const WideNumber& x) {
    values_.clear();
    for (const TermNode& node : nodes_) values_.push_back(value(node, x));
    return values_.back();
  }

 private:
  const Interval& operand(const TermNode& n, size_t i) const { return values_[static_cast<size_t>(n.operands[i])]; }

  Interval value(const TermNode& n, const WideNumber& x) const {
    switch (n.operation) {
      case O::number: return n.exact ? Interval::point(n.value) : Interval{WideNumber(n.text, down), WideNumber(n.text, up)};
      case O::input: return Interval::point(x);
      case O::parameter: return Interval::point(parameters_[static_cast<size_t>(n.parameter)]);
      case O::pi: return {WideNumber::pi(down), WideNumber::pi(up)};
      case O::e: return increasing(WideNumber::exp, Interval::point(1.0));
      case O::less:
      case O::less_equal:
      case O::equal: {
        const int truth = operand(n, 0).defined && operand(n, 1).defined ? holds(n.operation, operand(n, 0), operand(n, 1)) : -1;
        return {truth == 1 ? 1.0 : 0.0, truth == 0 ? 0.0 : 1.0};
      }
      case O::where: return chosen(n);
      default: break;
    }
    for (size_t i = 0; i < 3 && n.operands[i] >= 0; ++i) {
      if (!operand(n, i).defined) return Interval::nothing();
    }
    const Interval& a = operand(n, 0);
    switch (n.operation) {
      case O::add: return sum(a, operand(n, 1));
      case O::multiply: return product(a, operand(n, 1));
      case O::divide: return quotient(a, operand(n, 1));
      case O::minimum: {
        const Interval& b = operand(n, 1);
        return {b.low < a.low ? b.low : a.low, b.high < a.high ? b.high : a.high};
      }
      case O::maximum: {
        const Interval& b = operand(n, 1);
        return {a.low < b.low ? b.low : a.low, a.high < b.high ? b.high : a.high};
      }
      case O::power: return power(a, n.exponent);
      default: return function(n.operation, a);
    }
  }

  Interval chosen(const TermNode& n) const {
    const TermNode& condition = nodes_[static_cast<size_t>(n.operands[0])];
    const Interval &a = operand(condition, 0), &b = operand(condition, 1);
    if (!a.defined || !b.defined) return Interval::nothing();
    const int truth = holds(condition.operation, a, b);
    return truth < 0 ? hull(operand(n, 1), operand(n, 2)) : operand(n, truth == 1 ? 1 : 2);
  }

  static Interval function(Operation f, const Interval& a) {
    switch (f) {
      case O::negate: return negated(a);
      case O::abs: return magnitude(a);
      case O::sign: return {static_cast<double>(a.low.sign()), static_cast<double>(a.high.sign())};
      case O::sqrt:
        if (a.high.sign() < 0) return Interval::nothing();
        return a.low.sign() < 0 ? Interval::anything() : increasing(WideNumber::sqrt, a);
      case O::exp: return increasing(WideNumber::exp, a);
      case O::expm1: return increasing(expm1, a);
      case O::log:
        if (a.high.sign() < 0) return Interval::nothing();
        return a.low.sign() < 0 ? Interval::anything() : increasing(WideNumber::log, a);
      case O::log1p:
        if (a.high < WideNumber(-1.0)) return Interval::nothing();
        return a.low < WideNumber(-1.0) ? Interval::anything() : increasing(log1p, a);
      case O::sin: return wave(mpfr_sin, a);
      case O::cos: return wave(mpfr_cos, a);
      case O::tanh: return increasing(mpfr_tanh, a);
      case O::arctan: return increasing(mpfr_atan, a);
      case O::sigmoid: return increasing(sigmoid, a);
      case O::softplus: return increasing(softplus, a);
      case O::erf: return increasing(mpfr_erf, a);
      case O::erfc: return checked({erfc(a.high, down), erfc(a.low, up)});
      case O::normal_cdf: return increasing(normal_cdf, a);
      default: return Interval::nothing();
    }
  }

  std::span<const TermNode> nodes_;
  std::span<const double> parameters_;
  std::vector<Interval> values_;
};

template <class T>
T rounded(const WideNumber& value) {
  if constexpr (std::is_same_v<T, float>) {
    return value.to_float();
  } else {
    return value.to_double();
  }
}

template <class T>
bool same_bits(T a, T b) {
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  return std::bit_cast<Bits>(a) == std::bit_cast<Bits>(b);
}

/// The interval at x narrowed until `enough` says so of it and its precision, or as far as it goes.
template <class Enough>
Interval narrowed(std::span<const TermNode> nodes, std::span<const double> parameters, const WideNumber& x, Enough enough) {
  Evaluation evaluation(nodes, parameters);
  for (mpfr_prec_t precision = first_precision;; precision *= 2) {
    const WidePrecision scope(precision);
    Interval interval = evaluation.at(x);
    if (!interval.defined || precision >= last_precision || enough(interval, precision)) return interval;
  }
}

}  // namespace

template <class T>
T Exact::evaluate(double x, std::span<const double> parameters, double factor) const {
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  if (std::isnan(x) || std::isnan(factor)) return nan;
  const WidePrecision scope(last_precision + 64);  // no later step loses what an interval has
  const auto scaled = [&](const Interval& interval) { return product(interval, Interval::point(factor)); };
  const auto settled = [&](const Interval& interval, mpfr_prec_t precision) {
    const Interval result = scaled(interval);
    const T low = rounded<T>(result.low), high = rounded<T>(result.high);
    return same_bits(low, high) || (low == 0 && high == 0 && (result.is_point() || precision >= precision_for_zero));
  };
  const auto sign_at = [&](const WideNumber& place) {
    const Interval beside = narrowed(nodes_, parameters, place, [](const Interval& i, mpfr_prec_t precision) {
      return i.low.sign() == i.high.sign() || precision >= precision_for_zero;
    });
    return beside.defined && beside.low.sign() == beside.high.sign() ? beside.low.sign() : 0;
  };
  /// Of a value too small to be told from 0: the sign nearer to the origin, where it can be told.
  const auto sign_nearer = [&](WideNumber place) {
    int sign = 0;
    for (int i = 0; i < 12 && sign == 0 && WideNumber(2.0) < magnitude(Interval::point(place)).high; ++i) {
      const bool left = place.sign() < 0;
      place = WideNumber::sqrt(left ? -place : place, down);
      if (left) place = -place;
      sign = sign_at(place);
    }
    return sign;
  };
  if (std::isinf(x)) {
    // Far out, and farther: the same number, or on its way to infinity or to zero.
    const int side = x > 0 ? 1 : -1;
    T found[2];
    Interval seen[2];
    for (const int i : {0, 1}) {
      const int exponent = (std::is_same_v<T, float> ? 200 : 1100) * (i + 1);
      const WideNumber place = WideNumber::multiply(static_cast<double>(side), WideNumber::power(2.0, exponent, down), down);
      seen[i] = narrowed(nodes_, parameters, place, settled);
      if (!seen[i].defined) return nan;
      seen[i] = scaled(seen[i]);
      found[i] = rounded<T>(seen[i].low);
      if (!same_bits(found[i], rounded<T>(seen[i].high))) {
        if (found[i] != 0 || rounded<T>(seen[i].high) != 0) return nan;
        found[i] = std::copysign(T(0), static_cast<T>(sign_nearer(place)) * static_cast<T>(factor));
      }
    }
    if (same_bits(found[0], found[1])) return found[1];
    const WideNumber before = magnitude(seen[0]).high, after = magnitude(seen[1]).high;
    if (WideNumber::multiply(before, 1.2, up) < after && WideNumber(100.0) < after) return std::copysign(std::numeric_limits<T>::infinity(), found[1]);
    if (WideNumber::multiply(after, 1.2, up) < before && after < WideNumber(0.01)) return std::copysign(T(0), found[1]);
    return nan;
  }
  const Interval interval = narrowed(nodes_, parameters, x, settled);
  if (!interval.defined) return nan;
  const Interval result = scaled(interval);
  const T low = rounded<T>(result.low), high = rounded<T>(result.high);
  if (same_bits(low, high) && !(low == 0 && result.is_point())) return low;
  if (low == 0 && high == 0) {
    // Exactly zero, or too small for every precision: the sign of what is beside it.
    int beside = x == 0 ? sign_at(std::copysign(0x1p-200, x)) : interval.is_point() ? 0 : sign_nearer(x);
    if (odd_ && beside == 0) beside = std::signbit(x) ? -1 : 1;
    return std::copysign(T(0), static_cast<T>(beside < 0 ? -factor : factor));
  }
  if (rounded<T>(result.low) == -std::numeric_limits<T>::infinity() && rounded<T>(result.high) == std::numeric_limits<T>::infinity()) return nan;
  // Not certain even now: the middle is within a rounding of both ends.
  return rounded<T>(WideNumber::multiply(WideNumber::add(result.low, result.high, down), 0.5, down));
}

bool Exact::seems_odd(std::span<const double> parameters) const {
  std::vector<double> moved(parameters.begin(), parameters.end());
  for (double& value : moved) value = 1.375 * value + 0.0625;
  bool zero = true;
  for (const std::span<const double> values : {parameters, std::span<const double>(moved)}) {
    for (const double x : {0.171875, 0.71875, 1.1328125, 2.3125, 5.703125, 13.25, 41.5}) {
      const double right = evaluate<double>(x, values), left = evaluate<double>(-x, values);
      if (!(left == -right)) return false;
      zero = zero && right == 0;
    }
  }
  return !zero;
}

Nearest Exact::nearest(double x, std::span<const double> parameters) const {
  const double value = evaluate<double>(x, parameters);
  if (!std::isfinite(value)) return {.value = value};
  const WidePrecision scope(last_precision + 64);
  const Interval interval = narrowed(nodes_, parameters, x, [](const Interval& i, mpfr_prec_t precision) {
    const WideNumber width = WideNumber::add(i.high, -i.low, up);
    return WideNumber::multiply(width, 0x1p104, up) < magnitude(i).high || i.is_point() || precision >= precision_for_zero;
  });
  if (!interval.defined) return {.value = value};
  const double low = WideNumber::add(interval.low, -value, down).to_double();
  return {.value = value, .low = low, .exact = interval.is_point() && low == 0};
}

template float Exact::evaluate(double, std::span<const double>, double) const;
template double Exact::evaluate(double, std::span<const double>, double) const;

}  // namespace rectify::activation
