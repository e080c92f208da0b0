#include "rectify/activation/derivative.h"

#include <cmath>

#include "rectify/base/specification.h"

namespace rectify::activation {
namespace {

using O = Operation;

class Differentiator {
 public:
  Differentiator(Terms& terms, Variable variable) : terms_(terms), variable_(variable) {}

  /// Operands come before what uses them: one walk from the front gives every part's derivative once.
  Term of(Term term) {
    std::vector<char> wanted(static_cast<size_t>(term) + 1, 0);
    wanted[static_cast<size_t>(term)] = 1;
    for (Term t = term; t >= 0; --t) {
      if (!wanted[static_cast<size_t>(t)]) continue;
      for (const Term o : terms_[t].operands) {
        if (o >= 0) wanted[static_cast<size_t>(o)] = 1;
      }
    }
    slopes_.assign(static_cast<size_t>(term) + 1, -1);
    for (Term t = 0; t <= term; ++t) {
      if (wanted[static_cast<size_t>(t)]) slopes_[static_cast<size_t>(t)] = slope(t);
    }
    return slopes_[static_cast<size_t>(term)];
  }

 private:
  Term inner(Term t) const { return slopes_[static_cast<size_t>(t)]; }

  Term slope(Term t) {
    const TermNode n = terms_[t];  // a copy: the graph grows
    const auto [a, b, c] = n.operands;
    switch (n.operation) {
      case O::number:
      case O::pi:
      case O::e:
      case O::sign:
      case O::less:
      case O::less_equal:
      case O::equal: return terms_.number(0);
      case O::input: return terms_.number(variable_.parameter < 0 ? 1 : 0);
      case O::parameter: return terms_.number(variable_.parameter == n.parameter ? 1 : 0);
      case O::negate: return terms_.negate(inner(a));
      case O::add: return terms_.add(inner(a), inner(b));
      case O::multiply: {
        const Term first = terms_.multiply(inner(a), b);
        return terms_.add(first, terms_.multiply(a, inner(b)));
      }
      case O::divide: {
        const Term rest = terms_.multiply(t, inner(b));
        return terms_.divide(terms_.subtract(inner(a), rest), b);
      }
      case O::power: {
        const Term factor = terms_.multiply(terms_.number(n.exponent), terms_.power(a, n.exponent - 1));
        return terms_.multiply(factor, inner(a));
      }
      case O::where: return terms_.where(a, inner(b), inner(c));
      case O::minimum:
      case O::maximum: {
        const bool swapped = is_constant(a) && !is_constant(b);
        const Term first = swapped ? b : a, second = swapped ? a : b;
        const Term condition = n.operation == O::minimum ? terms_.compare(O::less, first, second) : terms_.compare(O::less, second, first);
        return terms_.where(condition, inner(first), inner(second));
      }
      default: {
        if (is_constant(a)) return terms_.number(0);
        const Term outer = function_slope(n.operation, t, a);
        return terms_.multiply(outer, inner(a));
      }
    }
  }

  bool is_constant(Term t) const {
    const TermNode& d = terms_[inner(t)];
    return d.operation == O::number && d.value == 0 && d.exact;
  }

  /// f'(u) for t = f(u), in the form that keeps its tails.
  Term function_slope(Operation f, Term t, Term u) {
    Terms& m = terms_;
    switch (f) {
      case O::abs: return m.apply(O::sign, u);
      case O::sqrt: return m.divide(m.number(0.5), t);
      case O::exp: return t;
      case O::expm1: return m.apply(O::exp, u);
      case O::log: return m.divide(m.number(1), u);
      case O::log1p: return m.divide(m.number(1), m.add(m.number(1), u));
      case O::sin: return m.apply(O::cos, u);
      case O::cos: return m.negate(m.apply(O::sin, u));
      case O::arctan: return m.divide(m.number(1), m.add(m.number(1), m.power(u, 2)));
      case O::tanh: {
        const Term twice = m.multiply(m.number(2), u), s = m.apply(O::sigmoid, twice);
        return m.multiply(m.number(4), m.multiply(s, m.apply(O::sigmoid, m.negate(twice))));
      }
      case O::sigmoid: return m.multiply(t, m.apply(O::sigmoid, m.negate(u)));
      case O::softplus: return m.apply(O::sigmoid, u);
      case O::erf: return density(u, 2, 1, 1);
      case O::erfc: return density(u, -2, 1, 1);
      default: return density(u, 1, 0.5, 2);  // normal_cdf
    }
  }

  /// factor / sqrt(widening * pi) * exp(-narrowing * u^2)
  Term density(Term u, double factor, double narrowing, double widening) {
    const Term height = terms_.divide(terms_.number(factor), terms_.apply(O::sqrt, terms_.multiply(terms_.number(widening), terms_.from({.operation = O::pi}))));
    return terms_.multiply(height, terms_.apply(O::exp, terms_.multiply(terms_.number(-narrowing), terms_.power(u, 2))));
  }

  Terms& terms_;
  Variable variable_;
  std::vector<Term> slopes_;
};

std::string_view function_name(Operation operation) {
  switch (operation) {
    case O::minimum: return "min";
    case O::maximum: return "max";
    case O::where: return "where";
    case O::abs: return "abs";
    case O::sign: return "sign";
    case O::sqrt: return "sqrt";
    case O::exp: return "exp";
    case O::expm1: return "expm1";
    case O::log: return "log";
    case O::log1p: return "log1p";
    case O::sin: return "sin";
    case O::cos: return "cos";
    case O::sinh: return "sinh";
    case O::cosh: return "cosh";
    case O::tanh: return "tanh";
    case O::arctan: return "arctan";
    case O::sigmoid: return "sigmoid";
    case O::softplus: return "softplus";
    case O::erf: return "erf";
    case O::erfc: return "erfc";
    default: return "Phi";
  }
}

}  // namespace

Term derivative(Terms& terms, Term term, Variable variable) { return Differentiator(terms, variable).of(term); }

std::string to_string(const Terms& terms, Term term, std::span<const std::string> names) {
  const TermNode& n = terms[term];
  const auto part = [&](size_t i) { return to_string(terms, n.operands[i], names); };
  switch (n.operation) {
    case O::number: return !n.exact ? n.text : n.value < 0 ? "(" + number(n.value).text + ")" : number(n.value).text;
    case O::input: return "x";
    case O::parameter: return names[static_cast<size_t>(n.parameter)];
    case O::pi: return "pi";
    case O::e: return "e";
    case O::add: return "(" + part(0) + " + " + part(1) + ")";
    case O::multiply: return part(0) + "*" + part(1);
    case O::divide: return part(0) + "/(" + part(1) + ")";
    case O::less: return part(0) + " < " + part(1);
    case O::less_equal: return part(0) + " <= " + part(1);
    case O::equal: return part(0) + " == " + part(1);
    case O::negate: return "(-" + part(0) + ")";
    case O::power: return "(" + part(0) + ")^" + std::to_string(n.exponent);
    default: break;
  }
  std::string text(function_name(n.operation));
  for (size_t i = 0; i < 3 && n.operands[i] >= 0; ++i) text += (i == 0 ? "(" : ", ") + part(i);
  return text + ")";
}

}  // namespace rectify::activation
