#include "rectify/activation/terms.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace rectify::activation {
namespace {

using O = Operation;

/// Longer sums and products are left as they were written: the rules look at every pair.
constexpr size_t most_parts = 16;

bool is_power_of_two(double value) {
  int exponent = 0;
  return std::fabs(std::frexp(value, &exponent)) == 0.5 && std::abs(exponent) < 500;
}

/// The exact sum or product, if float64 holds it.
bool exact_sum(double a, double b, double& sum) {
  sum = a + b;
  const double part = sum - a;
  return std::isfinite(sum) && (a - (sum - part)) + (b - part) == 0;
}
bool exact_product(double a, double b, double& product) {
  product = a * b;
  return std::isfinite(product) && (product == 0 ? a == 0 || b == 0 : std::fabs(product) > 0x1p-900) && std::fma(a, b, -product) == 0;
}

}  // namespace

Term Terms::intern(TermNode node) {
  std::string key = std::to_string(static_cast<int>(node.operation));
  for (const Term t : node.operands) key += ',' + std::to_string(t);
  if (node.operation == Operation::number) key += ',' + (node.exact ? std::to_string(std::bit_cast<uint64_t>(node.value)) : node.text);
  key += ',' + std::to_string(node.parameter) + ',' + std::to_string(node.exponent);
  const auto [place, fresh] = places_.try_emplace(std::move(key), static_cast<Term>(nodes_.size()));
  if (fresh) nodes_.push_back(std::move(node));
  return place->second;
}

Term Terms::node(Operation operation, Term a, Term b, Term c) { return intern({.operation = operation, .operands = {a, b, c}}); }

Term Terms::number(double value) { return intern({.operation = Operation::number, .value = value == 0 ? 0.0 : value}); }
Term Terms::input() { return node(Operation::input, -1); }
Term Terms::parameter(int index) { return intern({.operation = Operation::parameter, .parameter = index}); }

std::vector<TermNode> Terms::extract(Term term) const {
  std::vector<Term> places(static_cast<size_t>(term) + 1, -1);
  places[static_cast<size_t>(term)] = 0;
  for (Term t = term; t >= 0; --t) {
    if (places[static_cast<size_t>(t)] < 0) continue;
    for (const Term o : (*this)[t].operands) {
      if (o >= 0) places[static_cast<size_t>(o)] = 0;
    }
  }
  std::vector<TermNode> result;
  for (Term t = 0; t <= term; ++t) {
    Term& place = places[static_cast<size_t>(t)];
    if (place < 0) continue;
    place = static_cast<Term>(result.size());
    result.push_back((*this)[t]);
    for (Term& o : result.back().operands) {
      if (o >= 0) o = places[static_cast<size_t>(o)];
    }
  }
  return result;
}

bool Terms::has_minus(Term term) const { return scaled(term).coefficient < 0 || (exact_number(term) && (*this)[term].value < 0); }

Terms::Scaled Terms::scaled(Term term) const {
  if (is(term, O::negate)) return {-1, operand(term)};
  if (is(term, O::multiply) && exact_number(operand(term))) return {(*this)[operand(term)].value, operand(term, 1)};
  return {1, term};
}

void Terms::collect(Term term, Operation operation, std::vector<Term>& parts) const {
  if (is(term, operation) && parts.size() <= most_parts) {
    collect(operand(term, 0), operation, parts);
    collect(operand(term, 1), operation, parts);
  } else {
    parts.push_back(term);
  }
}

Term Terms::rebuild(Operation operation, std::vector<Term> parts) {
  std::ranges::sort(parts);
  Term result = parts[0];
  for (size_t i = 1; i < parts.size(); ++i) result = node(operation, result, parts[i]);
  return result;
}

Term Terms::negate(Term a) {
  if (exact_number(a)) return number(-(*this)[a].value);
  if (is(a, O::negate)) return operand(a);
  if (const Scaled part = scaled(a); part.coefficient != 1) return times(-part.coefficient, part.core);
  if (is(a, O::add)) {
    const Term first = negate(operand(a, 0));
    return add(first, negate(operand(a, 1)));
  }
  if (is(a, O::divide) && exact_number(operand(a))) return node(O::divide, negate(operand(a)), operand(a, 1));
  return node(O::negate, a);
}

Term Terms::add(Term a, Term b) {
  std::vector<Term> given, parts;
  collect(a, O::add, given);
  collect(b, O::add, given);
  if (given.size() > most_parts) return node(O::add, a, b);
  // Each part meets those that are already there; what two become meets the rest in their place.
  for (Term part : given) {
    for (size_t j = 0; j < parts.size();) {
      const Term joined = sum_of(parts[j], part);
      if (joined < 0) {
        ++j;
        continue;
      }
      parts.erase(parts.begin() + static_cast<ptrdiff_t>(j));
      part = joined;
      if (is(part, O::add)) break;  // a sum that is its own best form stays whole
      j = 0;
    }
    if (!is_number(part, 0)) parts.push_back(part);
  }
  if (parts.empty()) return number(0);
  // A number comes first: 1 + exp(u).
  const auto first = std::ranges::find_if(parts, [&](Term t) { return is(t, O::number); });
  if (first == parts.end()) return rebuild(O::add, std::move(parts));
  const Term constant = *first;
  parts.erase(first);
  return parts.empty() ? constant : node(O::add, constant, rebuild(O::add, std::move(parts)));
}

Term Terms::sum_of(Term a, Term b) {
  if (exact_number(b)) std::swap(a, b);
  if (exact_number(a)) {
    const double c = (*this)[a].value;
    if (c == 0) return b;
    if (exact_number(b)) {
      double sum = 0;
      return exact_sum(c, (*this)[b].value, sum) ? number(sum) : -1;
    }
    return number_plus(c, scaled(b));
  }
  const Scaled p = scaled(a), q = scaled(b);
  if (p.core == q.core) {
    double sum = 0;
    return exact_sum(p.coefficient, q.coefficient, sum) ? times(sum, p.core) : -1;
  }
  for (const auto& [s, other] : {std::pair(p, b), std::pair(q, a)}) {
    // u - softplus(u) = -softplus(-u)
    if (is(s.core, O::softplus) && other == times(-s.coefficient, operand(s.core))) return times(s.coefficient, apply(O::softplus, negate(operand(s.core))));
  }
  if (is(p.core, O::exp) && is(q.core, O::exp) && p.coefficient == -q.coefficient && negate(operand(p.core)) == operand(q.core)) {
    // The same distances from 1: without their cancellation near 0.
    const Term first = times(p.coefficient, apply(O::expm1, operand(p.core)));
    const Term second = times(q.coefficient, apply(O::expm1, operand(q.core)));
    return rebuild(O::add, {first, second});
  }
  return -1;
}

Term Terms::number_plus(double c, Scaled part) {
  const double k = part.coefficient;
  const Term u = operand(part.core);
  switch ((*this)[part.core].operation) {
    case O::exp: return c == -k ? times(k, apply(O::expm1, u)) : -1;
    case O::expm1: return c == k ? times(k, apply(O::exp, u)) : -1;
    case O::erf: return c == -k ? times(c, apply(O::erfc, u)) : c == k ? times(c, apply(O::erfc, negate(u))) : -1;
    case O::erfc: return c == -k ? times(c, apply(O::erf, u)) : c == -2 * k ? times(-k, apply(O::erfc, negate(u))) : -1;
    case O::normal_cdf: return c == -k ? times(c, apply(O::normal_cdf, negate(u))) : -1;
    case O::tanh: return c == k || c == -k ? times(2 * c, apply(O::sigmoid, times(c == k ? 2 : -2, u))) : -1;
    case O::sigmoid: return c == -k ? times(c, apply(O::sigmoid, negate(u))) : 2 * c == -k ? times(-c, apply(O::tanh, times(0.5, u))) : -1;
    case O::cos: return c == -k ? times(2 * c, power(apply(O::sin, times(0.5, u)), 2)) : -1;
    case O::power:
      if (c == -k && (*this)[part.core].exponent == 2 && is(u, O::tanh)) {
        const Term twice = times(2, operand(u));
        const Term s = apply(O::sigmoid, twice);
        return times(4 * c, multiply(s, apply(O::sigmoid, negate(twice))));
      }
      return -1;
    default: return -1;
  }
}

void Terms::gather(Term term, double& coefficient, std::vector<Term>& parts) const {
  double product = 0;
  if (is(term, O::negate)) {
    coefficient = -coefficient;
    gather(operand(term), coefficient, parts);
  } else if (is(term, O::multiply) && parts.size() <= most_parts) {
    gather(operand(term, 0), coefficient, parts);
    gather(operand(term, 1), coefficient, parts);
  } else if (exact_number(term) && exact_product(coefficient, (*this)[term].value, product)) {
    coefficient = product;
  } else {
    parts.push_back(term);
  }
}

Term Terms::multiply(Term a, Term b) {
  double coefficient = 1;
  std::vector<Term> given, parts;
  gather(a, coefficient, given);
  gather(b, coefficient, given);
  if (given.size() > most_parts) return node(O::multiply, a, b);
  for (Term part : given) {
    for (size_t j = 0; j < parts.size();) {
      const Term joined = product_of(parts[j], part);
      if (joined < 0) {
        ++j;
        continue;
      }
      parts.erase(parts.begin() + static_cast<ptrdiff_t>(j));
      const Scaled s = scaled(joined);
      double product = 0;
      part = joined;
      if (s.coefficient != 1 && exact_product(coefficient, s.coefficient, product)) coefficient = product, part = s.core;
      j = 0;
    }
    parts.push_back(part);
  }
  if (coefficient == 0) return number(0);
  if (parts.empty()) return number(coefficient);
  for (size_t i = 0; i < parts.size(); ++i) {
    // A number over q: its numerator belongs to the coefficient.
    if (!is(parts[i], O::divide) || !exact_number(operand(parts[i]))) continue;
    const double numerator = (*this)[operand(parts[i])].value;
    double product = 0;
    if (!exact_product(coefficient, numerator, product)) continue;
    const Term q = operand(parts[i], 1);
    parts.erase(parts.begin() + static_cast<ptrdiff_t>(i));
    return divide(parts.empty() ? number(product) : times(product, rebuild(O::multiply, std::move(parts))), q);
  }
  const Term product = rebuild(O::multiply, std::move(parts));
  if (coefficient == 1) return product;
  if (exact_number(product)) return node(O::multiply, number(coefficient), product);
  return coefficient == -1 ? node(O::negate, product) : node(O::multiply, number(coefficient), product);
}

Term Terms::product_of(Term a, Term b) {
  const auto base = [&](Term t) { return is(t, O::power) ? operand(t) : t; };
  const auto exponent = [&](Term t) { return is(t, O::power) ? (*this)[t].exponent : 1; };
  if (base(a) == base(b) && !is(a, O::number) && exponent(a) > 0 && exponent(b) > 0) return power(base(a), exponent(a) + exponent(b));
  for (const auto& [s, t] : {std::pair(a, b), std::pair(b, a)}) {
    if (!is(s, O::sigmoid)) continue;
    const Term u = operand(s), minus = negate(u);
    if (is(t, O::exp) && operand(t) == minus) return apply(O::sigmoid, minus);                        // exp(-u)/(1 + exp(-u))
    if (is(t, O::expm1) && operand(t) == minus) return apply(O::tanh, times(-0.5, u));                // (exp(-u) - 1)/(exp(-u) + 1)
  }
  return -1;
}

Term Terms::divide(Term a, Term b) {
  if (is(b, O::negate)) return negate(divide(a, operand(b)));
  if (is(a, O::negate)) return negate(divide(operand(a), b));
  if (exact_number(b) && (*this)[b].value != 0) {
    const double n = (*this)[b].value;
    if (is_power_of_two(n)) return times(1 / n, a);
    const Scaled part = exact_number(a) ? Scaled{(*this)[a].value, number(1)} : scaled(a);
    double product = 0;
    if (const double quotient = part.coefficient / n; exact_product(quotient, n, product) && product == part.coefficient) return times(quotient, part.core);
  }
  if (const Scaled part = scaled(b); part.coefficient != 1 && is_power_of_two(part.coefficient)) return times(1 / part.coefficient, divide(a, part.core));
  if (is(b, O::divide)) return divide(multiply(a, operand(b, 1)), operand(b, 0));
  if (is(a, O::divide)) return divide(operand(a, 0), multiply(operand(a, 1), b));
  if (is_number(a, 0)) return a;
  if (const Scaled part = scaled(a); part.coefficient != 1) return times(part.coefficient, divide(part.core, b));
  if (const Term joined = quotient_of(a, b); joined >= 0) return joined;
  if (const auto [shorter, rest] = without_common_parameters(a, b); rest != b) return divide(shorter, rest);
  return node(O::divide, a, b);
}

Term Terms::quotient_of(Term a, Term b) {
  if (is(b, O::exp)) return multiply(a, apply(O::exp, negate(operand(b))));
  if (is(b, O::power) && (*this)[b].exponent > 0) {
    const Term root = quotient_of(number(1), operand(b));
    return root < 0 ? -1 : multiply(a, power(root, (*this)[b].exponent));
  }
  if (!is(b, O::add)) return -1;
  const Term p = operand(b, 0), q = operand(b, 1);
  if (is_number(p, 1) && is(q, O::exp)) return multiply(a, apply(O::sigmoid, negate(operand(q))));
  // Of a product over b, one factor may be what makes a known function with it.
  double coefficient = 1;
  std::vector<Term> factors;
  gather(a, coefficient, factors);
  for (size_t i = 0; i < factors.size() && factors.size() <= most_parts; ++i) {
    const Term joined = ratio_of(factors[i], b);
    if (joined < 0) continue;
    Term rest = number(coefficient);
    for (size_t j = 0; j < factors.size(); ++j) {
      if (j != i) rest = multiply(rest, factors[j]);
    }
    return multiply(rest, joined);
  }
  return -1;
}

Term Terms::ratio_of(Term a, Term b) {
  const Term p = operand(b, 0), q = operand(b, 1);
  if (is_number(p, 1) && is(a, O::add) && is_number(operand(a), -1) && operand(a, 1) == q && is(q, O::power)) {
    // (P - 1)/(P + 1) for P = (1 + exp(u))^n = exp(n softplus(u)): one of Mish's forms
    const Term base = operand(q);
    if (is(base, O::add) && is_number(operand(base), 1) && is(operand(base, 1), O::exp)) {
      return apply(O::tanh, times(0.5 * (*this)[q].exponent, apply(O::softplus, operand(operand(base, 1)))));
    }
  }
  if (!is(p, O::exp) || !is(q, O::exp)) return -1;
  const Term u = operand(p), v = operand(q);
  if (a == p || a == q) return apply(O::sigmoid, a == p ? subtract(u, v) : subtract(v, u));
  if (negate(u) != v) return -1;
  if (a == sum_of(p, negate(q))) return apply(O::tanh, u);
  if (a == sum_of(q, negate(p))) return apply(O::tanh, v);
  return -1;
}

std::pair<Term, Term> Terms::without_common_parameters(Term a, Term b) {
  double above = 1, below = 1;
  std::vector<Term> numerator, denominator;
  gather(a, above, numerator);
  gather(b, below, denominator);
  bool changed = false;
  for (Term& d : denominator) {
    const Term parameter = is(d, O::power) ? operand(d) : d;
    if (!is(parameter, O::parameter)) continue;
    for (Term& n : numerator) {
      if (n != parameter && !(is(n, O::power) && operand(n) == parameter)) continue;
      const int up = is(n, O::power) ? (*this)[n].exponent : 1, down = is(d, O::power) ? (*this)[d].exponent : 1, common = std::min(up, down);
      n = power(parameter, up - common);
      d = power(parameter, down - common);
      changed = true;
      break;
    }
  }
  if (!changed) return {a, b};
  Term p = number(above), q = number(below);
  for (const Term n : numerator) p = multiply(p, n);
  for (const Term d : denominator) q = multiply(q, d);
  return {p, q};
}

Term Terms::power(Term a, int exponent) {
  if (exponent == 0) return number(1);
  if (exponent == 1) return a;
  if (exponent < 0) return divide(number(1), power(a, -exponent));
  if (is(a, O::negate)) return exponent % 2 == 0 ? power(operand(a), exponent) : negate(power(operand(a), exponent));
  if (is(a, O::power) && (*this)[a].exponent <= max_formula_exponent / exponent) return power(operand(a), (*this)[a].exponent * exponent);
  if (is(a, O::exp)) return apply(O::exp, times(exponent, operand(a)));
  if (is(a, O::abs) && exponent % 2 == 0) return power(operand(a), exponent);
  if (const Scaled part = scaled(a); part.coefficient != 1 && exponent == 2) {
    double square = 0;
    if (exact_product(part.coefficient, part.coefficient, square)) return times(square, power(part.core, 2));
  }
  if (exact_number(a)) {
    double value = 1;
    bool exact = true;
    for (int i = 0; i < exponent && exact; ++i) {
      double product = 0;
      exact = exact_product(value, (*this)[a].value, product);
      value = product;
    }
    if (exact) return number(value);
  }
  return intern({.operation = O::power, .operands = {a, -1, -1}, .exponent = exponent});
}

Term Terms::apply(Operation function, Term a) {
  const bool minus = has_minus(a);
  switch (function) {
    case O::negate: return negate(a);
    case O::exp: return exp(a);
    case O::log: return log(a);
    case O::log1p: return log1p(a);
    case O::erfc: return erfc(a);
    case O::expm1:
    case O::tanh:
    case O::erf:
    case O::sin:
    case O::arctan:
    case O::sinh:
      if (is_number(a, 0)) return a;
      if (function == O::sinh) {
        const Term up = apply(O::expm1, a);
        return times(0.5, subtract(up, apply(O::expm1, negate(a))));
      }
      return minus && function != O::expm1 ? negate(apply(function, negate(a))) : node(function, a);
    case O::cos: return is_number(a, 0) ? number(1) : node(function, minus ? negate(a) : a);
    case O::cosh: {
      const Term up = exp(a);
      return times(0.5, add(up, exp(negate(a))));
    }
    case O::abs:
      if (exact_number(a)) return number(std::fabs((*this)[a].value));
      if (is(a, O::exp) || is(a, O::sigmoid) || is(a, O::softplus) || is(a, O::abs) || is(a, O::sqrt) || is(a, O::normal_cdf) || is(a, O::erfc)) return a;
      return node(function, minus ? negate(a) : a);
    case O::sign:
      if (exact_number(a)) return number((*this)[a].value > 0 ? 1 : (*this)[a].value < 0 ? -1 : 0);
      return minus ? negate(apply(function, negate(a))) : node(function, a);
    case O::sqrt:
      if (is(a, O::power) && (*this)[a].exponent == 2) return apply(O::abs, operand(a));
      if (exact_number(a) && (*this)[a].value >= 0) {
        const double root = std::sqrt((*this)[a].value);
        if (double square = 0; exact_product(root, root, square) && square == (*this)[a].value) return number(root);
      }
      return node(function, a);
    case O::sigmoid: return is_number(a, 0) ? number(0.5) : node(function, a);
    case O::normal_cdf: return is_number(a, 0) ? number(0.5) : node(function, a);
    default: return node(function, a);
  }
}

Term Terms::exp(Term a) {
  if (is_number(a, 0)) return number(1);
  const Scaled part = scaled(a);
  if (is(part.core, O::softplus) && part.coefficient == -1) return apply(O::sigmoid, negate(operand(part.core)));
  if (is(part.core, O::softplus) && part.coefficient == 1) return add(number(1), exp(operand(part.core)));
  return node(O::exp, a);
}

Term Terms::log(Term a) {
  if (is_number(a, 1)) return number(0);
  if (is(a, O::exp)) return operand(a);
  if (is(a, O::sigmoid)) return negate(apply(O::softplus, negate(operand(a))));
  if (is(a, O::divide) && is_number(operand(a), 1)) return negate(log(operand(a, 1)));
  if (is(a, O::add)) {
    const Term p = operand(a, 0), q = operand(a, 1);
    if (is_number(p, 1)) return log1p(q);
    if (is(p, O::exp) && is(q, O::exp)) return add(operand(q), apply(O::softplus, subtract(operand(p), operand(q))));
  }
  return node(O::log, a);
}

Term Terms::log1p(Term a) {
  if (is_number(a, 0)) return a;
  if (is(a, O::exp)) return apply(O::softplus, operand(a));
  if (is(a, O::expm1)) return operand(a);
  if (const Scaled part = scaled(a); part.coefficient == -1 && is(part.core, O::sigmoid)) return negate(apply(O::softplus, operand(part.core)));
  return node(O::log1p, a);
}

Term Terms::erfc(Term a) {
  if (is_number(a, 0)) return number(1);
  // erfc(u/sqrt(2)) = 2 Phi(-u), whose exponential needs no rounded argument.
  const Scaled part = scaled(a);
  if (is(part.core, O::divide)) {
    if (const Term rest = without_root_of_two(operand(part.core, 1)); rest >= 0) {
      return times(2, apply(O::normal_cdf, times(-part.coefficient, divide(operand(part.core), rest))));
    }
  }
  return node(O::erfc, a);
}

Term Terms::without_root_of_two(Term product) {
  std::vector<Term> parts;
  collect(product, O::multiply, parts);
  const Term root = node(O::sqrt, number(2));
  const auto found = std::ranges::find(parts, root);
  if (found == parts.end()) return -1;
  parts.erase(found);
  Term rest = number(1);
  for (const Term part : parts) rest = multiply(rest, part);
  return rest;
}

Term Terms::minimum(Term a, Term b) { return a == b ? a : node(O::minimum, a, b); }
Term Terms::maximum(Term a, Term b) { return a == b ? a : node(O::maximum, a, b); }
Term Terms::compare(Operation comparison, Term a, Term b) { return node(comparison, a, b); }

Term Terms::where(Term condition, Term then, Term otherwise) {
  if (then == otherwise) return then;
  const Term a = operand(condition, 0), b = operand(condition, 1);
  if (exact_number(a) && exact_number(b)) {
    const double x = (*this)[a].value, y = (*this)[b].value;
    const bool holds = is(condition, O::less) ? x < y : is(condition, O::less_equal) ? x <= y : x == y;
    return holds ? then : otherwise;
  }
  return node(O::where, condition, then, otherwise);
}

Term Terms::from(const Expression& e) {
  Term operands[3] = {};  // in their order: the numbering of terms, and with it the order of sums, must not depend on the compiler
  for (size_t i = 0; i < e.operands.size(); ++i) operands[i] = from(*e.operands[i]);
  const auto [a, b, c] = operands;
  switch (e.operation) {
    case O::number: return e.exact ? number(e.value) : intern({.operation = O::number, .value = e.value, .exact = false, .text = e.text});
    case O::input: return input();
    case O::parameter: return parameter(e.parameter);
    case O::pi:
    case O::e: return node(e.operation, -1);
    case O::add: return add(a, b);
    case O::subtract: return subtract(a, b);
    case O::multiply: return multiply(a, b);
    case O::divide: return divide(a, b);
    case O::minimum: return minimum(a, b);
    case O::maximum: return maximum(a, b);
    case O::less:
    case O::less_equal:
    case O::equal: return compare(e.operation, a, b);
    case O::where: return where(a, b, c);
    case O::power: return power(a, e.exponent);
    default: return apply(e.operation, a);
  }
}

}  // namespace rectify::activation
