#include "tests/support/oracle.h"

#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include "rectify/activation/expression.h"
#include "tests/support/ball.h"

namespace rectify::test {
namespace {

using activation::Expression;
using activation::Operation;

thread_local bool zero_is_open = false;

/// f(g(x)) from the derivatives of f at g(x).
template <class N>
Taylor<N> chain(const Taylor<N>& g, const Ball<N>& f, const Ball<N>& f1, const Ball<N>& f2, int order) {
  Taylor<N> result{.value = f, .first = {}, .second = {}};
  if (order >= 1) result.first = f1 * g.first;
  if (order >= 2) result.second = f2 * (g.first * g.first) + f1 * g.second;
  return result;
}

/// Walks the tree. `order` is the highest derivative that is wanted.
template <class N>
class Evaluator {
 public:
  Evaluator(double x, const std::vector<double>& parameters, int order) : x_(x), parameters_(parameters), order_(order) {}

  Taylor<N> evaluate(const Expression& e) const {
    switch (e.operation) {
      case Operation::number: return constant(number(e));
      case Operation::input: return {.value = Ball<N>(x_), .first = Ball<N>(1.0L), .second = Ball<N>(0.0L)};
      case Operation::parameter: return constant(Ball<N>(parameters_[static_cast<size_t>(e.parameter)]));
      case Operation::negate: {
        const Taylor<N> a = evaluate(*e.operands[0]);
        return {-a.value, -a.first, -a.second};
      }
      case Operation::add: return add(evaluate(*e.operands[0]), evaluate(*e.operands[1]));
      case Operation::subtract: {
        const Taylor<N> b = evaluate(*e.operands[1]);
        return add(evaluate(*e.operands[0]), {-b.value, -b.first, -b.second});
      }
      case Operation::multiply: return multiply(evaluate(*e.operands[0]), evaluate(*e.operands[1]));
      case Operation::divide: return divide(evaluate(*e.operands[0]), evaluate(*e.operands[1]));
      case Operation::power: return power(e);
      case Operation::where: return where(e);
      case Operation::minimum:
      case Operation::maximum: return extreme(e);
      case Operation::pi: return constant(pi());
      case Operation::e: return constant(exp(Ball<N>(1.0L)));
      default: return function(e.operation, evaluate(*e.operands[0]));
    }
  }

 private:
  Taylor<N> constant(Ball<N> value) const { return {.value = std::move(value), .first = Ball<N>(0.0L), .second = Ball<N>(0.0L)}; }

  Ball<N> number(const Expression& e) const {
    if (e.exact) return Ball<N>(static_cast<long double>(e.value));
    if constexpr (std::is_same_v<N, Real>) {
      Real value(e.text);
      const long double error = roundoff(value) * magnitude(value);
      return {std::move(value), error};
    } else {
      const long double value = std::strtold(e.text.c_str(), nullptr);
      return {value, 0x1p-63L * std::fabs(value)};
    }
  }

  Taylor<N> add(const Taylor<N>& a, const Taylor<N>& b) const {
    Taylor<N> result{.value = a.value + b.value, .first = {}, .second = {}};
    if (order_ >= 1) result.first = a.first + b.first;
    if (order_ >= 2) result.second = a.second + b.second;
    return result;
  }

  Taylor<N> multiply(const Taylor<N>& a, const Taylor<N>& b) const {
    Taylor<N> result{.value = a.value * b.value, .first = {}, .second = {}};
    if (order_ >= 1) result.first = a.first * b.value + a.value * b.first;
    if (order_ >= 2) result.second = a.second * b.value + Ball<N>(2.0L) * (a.first * b.first) + a.value * b.second;
    return result;
  }

  /// Divisions and not a reciprocal: a quotient that is exact must be seen to be.
  Taylor<N> divide(const Taylor<N>& a, const Taylor<N>& b) const {
    Taylor<N> result{.value = a.value / b.value, .first = {}, .second = {}};
    if (order_ >= 1) result.first = (a.first - result.value * b.first) / b.value;
    if (order_ >= 2) result.second = (a.second - Ball<N>(2.0L) * (result.first * b.first) - result.value * b.second) / b.value;
    return result;
  }

  Taylor<N> power(const Expression& e) const {
    Taylor<N> square = evaluate(*e.operands[0]), result = constant(Ball<N>(1.0L));
    for (int n = std::abs(e.exponent); n != 0; n /= 2) {
      if (n % 2 != 0) result = multiply(result, square);
      if (n > 1) square = multiply(square, square);
    }
    return e.exponent < 0 ? divide(constant(Ball<N>(1.0L)), result) : result;
  }

  /// True if a < b (or a <= b); a comparison that cannot be decided at this precision makes everything uncertain.
  bool holds(const Expression& e, bool& certain) const {
    const Ball<N> a = Evaluator(x_, parameters_, 0).evaluate(*e.operands[0]).value, b = Evaluator(x_, parameters_, 0).evaluate(*e.operands[1]).value;
    const bool exact = a.error == 0 && b.error == 0;
    if (!exact && magnitude(a.value - b.value) <= 1.01L * (a.error + b.error)) certain = false;
    const bool below = a.value < b.value, above = b.value < a.value;
    return e.operation == Operation::less ? below : e.operation == Operation::less_equal ? !above : !below && !above;
  }

  Taylor<N> chosen(const Taylor<N>& taken, bool certain) const {
    Taylor<N> result = taken;
    if (!certain) result.value.error = result.first.error = result.second.error = std::numeric_limits<long double>::infinity();
    return result;
  }

  Taylor<N> where(const Expression& e) const {
    bool certain = true;
    const bool condition = holds(*e.operands[0], certain);
    return chosen(evaluate(*e.operands[condition ? 1 : 2]), certain);
  }

  Taylor<N> extreme(const Expression& e) const {
    const Taylor<N> a = evaluate(*e.operands[0]), b = evaluate(*e.operands[1]);
    const bool certain = (a.value.error == 0 && b.value.error == 0) || magnitude(a.value.value - b.value.value) > 1.01L * (a.value.error + b.value.error);
    return chosen((a.value.value < b.value.value) == (e.operation == Operation::minimum) ? a : b, certain);
  }

  static Ball<N> pi() {
    if constexpr (std::is_same_v<N, Real>) {
      Real value;
      mpfr_const_pi(value.raw(), MPFR_RNDN);
      return {std::move(value), 4 * roundoff(value)};
    } else {
      return {3.14159265358979323846264338327950288L, 0x1p-62L};
    }
  }

  Taylor<N> function(Operation name, const Taylor<N>& g) const {
    const Ball<N>& a = g.value;
    const Ball<N> one(1.0L), two(2.0L);
    const bool negative = a.value < N(0.0L);
    switch (name) {
      case Operation::exp: {
        const Ball<N> v = exp(a);
        return chain(g, v, v, v, order_);
      }
      case Operation::expm1: {
        const Ball<N> v = exp(a);
        return chain(g, expm1(a), v, v, order_);
      }
      case Operation::log: {
        const Ball<N> r = one / a;
        return chain(g, log(a), r, -(r * r), order_);
      }
      case Operation::log1p: {
        const Ball<N> r = one / (one + a);
        return chain(g, log1p(a), r, -(r * r), order_);
      }
      case Operation::sqrt: {
        const Ball<N> v = sqrt(a), slope = order_ > 0 ? one / (two * v) : v;
        return chain(g, v, slope, order_ > 0 ? -(slope / (two * a)) : v, order_);
      }
      case Operation::abs: {
        const bool certain = a.error == 0 || a.size() > a.error;
        return chosen(negative ? Taylor<N>{-g.value, -g.first, -g.second} : g, certain);
      }
      case Operation::sign: return chosen(constant(a.size() == 0 ? Ball<N>(0.0L) : Ball<N>(negative ? -1.0L : 1.0L)), a.error == 0 || a.size() > a.error);
      case Operation::tanh: {
        const Ball<N> v = tanh(a), w = exp(-(two * (negative ? -a : a))), d = one + w, slope = Ball<N>(4.0L) * w / (d * d);
        return chain(g, v, slope, -(two * v * slope), order_);
      }
      case Operation::sigmoid: {
        const Ball<N> w = exp(negative ? a : -a), d = one + w, slope = w / (d * d), tilt = expm1(negative ? a : -a) / d;
        return chain(g, (negative ? w : one) / d, slope, slope * (negative ? -tilt : tilt), order_);
      }
      case Operation::softplus: {
        const Ball<N> w = exp(negative ? a : -a), d = one + w;
        return chain(g, (negative ? Ball<N>(0.0L) : a) + log1p(w), (negative ? w : one) / d, w / (d * d), order_);
      }
      case Operation::erf:
      case Operation::erfc: {
        const Ball<N> density = two / sqrt(pi()) * exp(-(a * a)), slope = name == Operation::erf ? density : -density;
        return chain(g, name == Operation::erf ? erf(a) : erfc(a), slope, -(two * a * slope), order_);
      }
      case Operation::sin:
      case Operation::cos: {
        const Ball<N> v = name == Operation::sin ? sin(a) : cos(a), slope = name == Operation::sin ? cos(a) : -sin(a);
        return chain(g, v, slope, -v, order_);
      }
      case Operation::sinh:
      case Operation::cosh: {
        const Ball<N> w = expm1(negative ? -a : a), s = (w + w / (w + one)) / two, c = one + w * w / (two * (w + one)), v = negative ? -s : s;
        return name == Operation::sinh ? chain(g, v, c, v, order_) : chain(g, c, v, c, order_);
      }
      case Operation::arctan: {
        const Ball<N> slope = one / (one + a * a);
        return chain(g, arctan(a), slope, -(two * a * slope * slope), order_);
      }
      case Operation::normal_cdf: {
        const Ball<N> density = exp(-(a * a / two)) / sqrt(two * pi());
        return chain(g, erfc(-(a / sqrt(two))) / two, density, -(a * density), order_);
      }
      default: throw std::runtime_error("unknown function");
    }
  }

  double x_;
  const std::vector<double>& parameters_;
  int order_;
};

template <class N>
Ball<N> evaluate(const Expression& e, double x, const std::vector<double>& parameters, int derivative) {
  const Taylor<N> t = Evaluator<N>(x, parameters, derivative).evaluate(e);
  return derivative == 0 ? t.value : derivative == 1 ? t.first : t.second;
}

template <class T>
T round_to(const Real& x) {
  // mpfr_get_flt and mpfr_get_d round subnormal results once, too.
  if constexpr (std::is_same_v<T, float>) {
    return mpfr_get_flt(x.raw(), MPFR_RNDN);
  } else {
    return mpfr_get_d(x.raw(), MPFR_RNDN);
  }
}

template <class T>
bool same_bits(T a, T b) {
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  return std::bit_cast<Bits>(a) == std::bit_cast<Bits>(b);
}

constexpr mpfr_prec_t largest_precision = 1 << 14;

/// MPFR's ball to a relative error below 2^-`bits`, or as far as it goes.
Ball<Real> evaluate_well(const Expression& e, double x, const std::vector<double>& parameters, int derivative, int bits) {
  for (mpfr_prec_t precision = 160;; precision *= 2) {
    real_precision = precision;
    Ball<Real> ball = evaluate<Real>(e, x, parameters, derivative);
    if (ball.error <= std::ldexp(ball.size(), -bits) || ball.size() + ball.error < 0x1p-2000L || precision >= largest_precision) return ball;
  }
}

}  // namespace

Oracle::Oracle(const activation::Function& function, int order) {
  const activation::Spec& spec = activation::spec(function.id);
  for (int i = 0; i < spec.parameter_count(); ++i) {
    names_.emplace_back(spec.parameters[i].name);
    parameters_.push_back(function.parameters[static_cast<size_t>(i)]);
  }
  std::string_view text = spec.formula;
  derivative_ = order;
  if (order >= 1 && !spec.slope_formula.empty()) {
    text = spec.slope_formula;
    derivative_ = order - 1;
  }
  if (order == 2 && !spec.curvature_formula.empty()) {
    text = spec.curvature_formula;
    derivative_ = 0;
  }
  expression_ = activation::parse_expression(text, names_).or_throw();
}

bool Oracle::last_zero_is_open() { return zero_is_open; }

long& Oracle::mpfr_count() {
  static thread_local long count = 0;
  return count;
}

template <class T>
T Oracle::rounded(double x) const {
  zero_is_open = false;
  const Ball<long double> fast = evaluate<long double>(*expression_, x, parameters_, derivative_);
  if (std::isfinite(fast.value) && std::isfinite(fast.error)) {
    const long double margin = fast.error * 1.01L, low = fast.value - margin, high = fast.value + margin;
    const T a = static_cast<T>(low), b = static_cast<T>(high);
    if (fast.error > 0 && a == 0 && b == 0 && std::signbit(a) != std::signbit(b)) {
      if (std::fabs(high) + std::fabs(low) < 0x1p-1100L) {
        zero_is_open = true;  // underflow: what is left of the sign is the limit's
        return T(0);
      }
    } else if (same_bits(a, b)) {
      zero_is_open = a == 0 && fast.value == 0;
      return a;
    }
  }
  ++mpfr_count();
  for (mpfr_prec_t precision = 128; precision <= largest_precision; precision *= 2) {
    real_precision = precision;
    mpfr_clear_inexflag();
    const Ball<Real> ball = evaluate<Real>(*expression_, x, parameters_, derivative_);
    if (mpfr_inexflag_p() == 0) {
      zero_is_open = mpfr_zero_p(ball.value.raw()) != 0;
      return round_to<T>(ball.value);
    }
    if (!std::isfinite(ball.error)) continue;
    real_precision = precision + 80;  // so that the ends of the interval are not rounded inwards
    const Real low = ball.value - Real(ball.error * 1.01L), high = ball.value + Real(ball.error * 1.01L);
    const T a = round_to<T>(low), b = round_to<T>(high);
    if (same_bits(a, b)) return a;
    if (a == 0 && b == 0 && ball.error < 0x1p-1100L && ball.size() < 0x1p-1100L) {
      zero_is_open = true;
      return T(0);
    }
  }
  char place[64];
  std::snprintf(place, sizeof place, "%a", x);
  throw std::runtime_error(std::string("the oracle did not reach certainty at x = ") + place);
}

template <class T>
double Oracle::error_in_ulps(double x, T y) const {
  const Ball<Real> ball = evaluate_well(*expression_, x, parameters_, derivative_, 100);
  const double nearest = std::fabs(static_cast<double>(round_to<T>(ball.value)));
  constexpr double smallest = std::is_same_v<T, float> ? 0x1p-126 : 0x1p-1022;
  const int exponent = std::ilogb(std::fmax(nearest, smallest));
  real_precision = 200;
  const Real difference = Real(static_cast<long double>(y)) - ball.value;
  return static_cast<double>(std::ldexp(magnitude(difference), (std::is_same_v<T, float> ? 23 : 52) - exponent));
}

long double Oracle::value(double x) const { return mpfr_get_ld(evaluate_well(*expression_, x, parameters_, derivative_, 100).value.raw(), MPFR_RNDN); }

template float Oracle::rounded(double) const;
template double Oracle::rounded(double) const;
template double Oracle::error_in_ulps(double, float) const;
template double Oracle::error_in_ulps(double, double) const;

}  // namespace rectify::test
