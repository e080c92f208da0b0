// Walks the tree of a formula with numbers that know their error: the slow half of the oracle, in long double or in MPFR.
#pragma once

#include <cstdlib>
#include <span>

#include "rectify/activation/expression.h"
#include "rectify/verify/series.h"

namespace rectify::verify {

/// Power series of K terms of a formula at a number, or at every number of an interval at once (x with an error).
template <class N, int K>
class Evaluator {
 public:
  using Expression = activation::Expression;
  using Operation = activation::Operation;
  using Terms = Series<N, K>;

  /// `side` is the sign of x where the interval touches zero: it decides comparisons of x itself with 0.
  Evaluator(Ball<N> x, std::span<const double> parameters, int side = 0) : x_(std::move(x)), parameters_(parameters), side_(side) {}

  Terms evaluate(const Expression& e) const {
    switch (e.operation) {
      case Operation::number: return constant(number(e));
      case Operation::input: return input();
      case Operation::parameter: return constant(Ball<N>(static_cast<long double>(parameters_[static_cast<size_t>(e.parameter)])));
      case Operation::pi: return constant(pi_ball<N>());
      case Operation::e: return constant(exp(Ball<N>(1.0L)));
      case Operation::add: return evaluate(*e.operands[0]) + evaluate(*e.operands[1]);
      case Operation::subtract: return evaluate(*e.operands[0]) + -evaluate(*e.operands[1]);
      case Operation::multiply: return evaluate(*e.operands[0]) * evaluate(*e.operands[1]);
      case Operation::divide: return evaluate(*e.operands[0]) / evaluate(*e.operands[1]);
      case Operation::negate: return -evaluate(*e.operands[0]);
      case Operation::power: return power(e);
      case Operation::where: return where(e);
      case Operation::minimum:
      case Operation::maximum: return extreme(e);
      default: return function(e);
    }
  }

 private:
  static Terms constant(Ball<N> value) { return constant_series<N, K>(std::move(value)); }

  Terms input() const {
    Terms r = constant(x_);
    if constexpr (K > 1) r[1] = Ball<N>(1.0L);
    return r;
  }

  static Ball<N> number(const Expression& e) {
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

  Terms power(const Expression& e) const {
    Terms square = evaluate(*e.operands[0]), result = constant(Ball<N>(1.0L));
    bool first = true;
    for (int n = std::abs(e.exponent); n != 0; n /= 2) {
      if (n % 2 != 0) result = first ? square : result * square;
      if (n % 2 != 0) first = false;
      if (n > 1) square = square * square;
    }
    return e.exponent < 0 ? constant(Ball<N>(1.0L)) / result : result;
  }

  static bool is_zero(const Expression* e) { return e == nullptr || (e->operation == Operation::number && e->value == 0); }

  /// The sign of a - b; `certain` becomes false if this precision does not tell. Without b: the sign of a.
  int order(const Expression* ea, const Ball<N>& a, const Expression* eb, const Ball<N>& b, bool& certain) const {
    if (side_ != 0 && ea != nullptr && ea->operation == Operation::input && is_zero(eb)) return side_;
    if (side_ != 0 && eb != nullptr && eb->operation == Operation::input && is_zero(ea)) return -side_;
    const bool exact = a.error == 0 && b.error == 0;
    if (!exact && !(magnitude(a.value - b.value) > 1.01L * (a.error + b.error))) certain = false;
    return a.value < b.value ? -1 : b.value < a.value ? 1 : 0;
  }
  int sign(const Expression& e, const Ball<N>& a, bool& certain) const { return order(&e, a, nullptr, Ball<N>(0.0L), certain); }

  static Terms chosen(Terms taken, bool certain) {
    if (!certain) {
      for (Ball<N>& c : taken) c.error = std::numeric_limits<long double>::infinity();
    }
    return taken;
  }

  Terms where(const Expression& e) const {
    const Expression& condition = *e.operands[0];
    const Evaluator<N, 1> values(x_, parameters_, side_);
    bool certain = true;
    const Expression &left = *condition.operands[0], &right = *condition.operands[1];
    const int o = order(&left, values.evaluate(left)[0], &right, values.evaluate(right)[0], certain);
    const bool holds = condition.operation == Operation::less ? o < 0 : condition.operation == Operation::less_equal ? o <= 0 : o == 0;
    return chosen(evaluate(*e.operands[holds ? 1 : 2]), certain);
  }

  Terms extreme(const Expression& e) const {
    Terms a = evaluate(*e.operands[0]), b = evaluate(*e.operands[1]);
    bool certain = true;
    const int o = order(e.operands[0].get(), a[0], e.operands[1].get(), b[0], certain);
    return chosen((o < 0) == (e.operation == Operation::minimum) ? std::move(a) : std::move(b), certain);
  }

  /// exp, tanh(exp) and the like: where an exponent above 40 stands under a function that saturates, the function is its limit to within exp(-exp(40)),
  /// and so are its derivatives. The exponent is cut there and the difference added to the error.
  Terms operand(const Expression& e) const {
    const bool saturates = e.operation == Operation::tanh || e.operation == Operation::erf || e.operation == Operation::erfc || e.operation == Operation::sigmoid ||
                           e.operation == Operation::normal_cdf;
    const Expression& inner = *e.operands[0];
    if (!saturates || inner.operation != Operation::exp) return evaluate(inner);
    Terms exponent = evaluate(*inner.operands[0]);
    if (N(40.0L) < exponent[0].value && magnitude(exponent[0].value) - exponent[0].error > 40) exponent[0] = Ball<N>(N(40.0L), 0x1p-16000L);
    return exp(exponent);
  }

  Terms function(const Expression& e) const {
    const Terms g = operand(e);
    const Ball<N>& a = g[0];
    const Terms one = constant(Ball<N>(1.0L)), two = constant(Ball<N>(2.0L));
    const bool negative = a.value < N(0.0L);
    const auto away = [&] { return exp(negative ? g : -g); };  // exp(-|g|), which does not overflow
    switch (e.operation) {
      case Operation::exp: return exp(g);
      case Operation::expm1: {
        Terms r = exp(g);
        r[0] = expm1(a);
        return r;
      }
      case Operation::log: return integrate(log(a), one / g, g);
      case Operation::log1p: return integrate(log1p(a), one / (one + g), g);
      case Operation::sqrt: return sqrt(g);
      case Operation::abs: {
        bool certain = true;
        const int s = sign(*e.operands[0], a, certain);
        return chosen(s < 0 ? -g : g, certain);
      }
      case Operation::sign: {
        bool certain = true;
        const int s = sign(*e.operands[0], a, certain);
        return chosen(constant(Ball<N>(static_cast<long double>(s))), certain);
      }
      case Operation::sin:
      case Operation::cos: {
        Terms s = constant(sin(a)), c = constant(cos(a));
        integrate_pair(s, c, g, true);
        return e.operation == Operation::sin ? s : c;
      }
      case Operation::sinh:
      case Operation::cosh: {
        const Ball<N> w = expm1(negative ? -a : a), q = -expm1(negative ? a : -a), size = (w + q) / two[0];
        Terms s = constant(negative ? -size : size), c = constant(one[0] + w * q / two[0]);
        integrate_pair(s, c, g, false);
        return e.operation == Operation::sinh ? s : c;
      }
      case Operation::tanh: {
        const Terms twice = two * g, w = exp(negative ? twice : -twice), d = one + w;
        return integrate(tanh(a), constant(Ball<N>(4.0L)) * w / (d * d), g);
      }
      case Operation::arctan: return integrate(arctan(a), one / (one + g * g), g);
      case Operation::sigmoid: {
        const Terms w = away();
        return (negative ? w : one) / (one + w);
      }
      case Operation::softplus: {
        const Terms w = away(), d = one + w;
        return integrate((negative ? Ball<N>(0.0L) : a) + log1p(w[0]), (negative ? w : one) / d, g);
      }
      case Operation::erf:
      case Operation::erfc: {
        const Terms density = constant(two[0] / sqrt(pi_ball<N>())) * exp(-(g * g));
        return e.operation == Operation::erf ? integrate(erf(a), density, g) : integrate(erfc(a), -density, g);
      }
      case Operation::normal_cdf: {
        const Terms density = exp(-(g * g / two)) / constant(sqrt(two[0] * pi_ball<N>()));
        return integrate(erfc(-(a / sqrt(two[0]))) / two[0], density, g);
      }
      default: break;
    }
    throw ArgumentError("[oracle] an operation stands in a formula where it cannot be evaluated. Write comparisons inside where(condition, a, b).");
  }

  Ball<N> x_;
  std::span<const double> parameters_;
  int side_;
};

}  // namespace rectify::verify
