#include "rectify/verify/filter_program.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <unordered_map>

namespace rectify::verify {
namespace {

using activation::Expression;
using activation::Operation;
using Code = Instruction::Code;

// Beyond this exponent tanh(exp(a)), erf(exp(a)) and the like differ from their limit by less than exp(-exp(40)), and so do their derivatives by a.
constexpr double saturating_exponent = 40;

/// Value, first and second derivative as steps.
struct Taylor {
  int value, first, second;
};

class Compiler {
 public:
  Compiler(std::span<const double> parameters, int order) : parameters_(parameters), order_(order) {
    zero_ = constant(0), one_ = constant(1), two_ = constant(2);
  }

  FilterProgram compile(const Expression& expression) {
    const Taylor result = walk(expression);
    program_.result = order_ == 0 ? result.value : order_ == 1 ? result.first : result.second;
    remove_unused();
    return std::move(program_);
  }

 private:
  int emit(const Instruction& step) {
    const auto same = std::ranges::find(program_.steps, step);
    if (same != program_.steps.end()) return static_cast<int>(same - program_.steps.begin());
    program_.steps.push_back(step);
    return static_cast<int>(program_.steps.size()) - 1;
  }
  int constant(double value, double error = 0) { return emit({.code = Code::constant, .value = value, .error = error}); }
  int unary(Code code, int a) { return emit({.code = code, .a = a}); }

  // What is known while compiling keeps derivatives short and zeros exact.
  int add(int a, int b) { return a == zero_ ? b : b == zero_ ? a : emit({.code = Code::add, .a = a, .b = b}); }
  int subtract(int a, int b) { return b == zero_ ? a : a == zero_ ? negate(b) : emit({.code = Code::subtract, .a = a, .b = b}); }
  int multiply(int a, int b) {
    if (a == zero_ || b == zero_) return zero_;
    return a == one_ ? b : b == one_ ? a : emit({.code = Code::multiply, .a = std::min(a, b), .b = std::max(a, b)});
  }
  int divide(int a, int b) { return a == zero_ ? zero_ : b == one_ ? a : emit({.code = Code::divide, .a = a, .b = b}); }
  int negate(int a) { return a == zero_ ? zero_ : unary(Code::negate, a); }
  int select(Code code, int a, int b, int c, int d) { return c == d ? c : emit({.code = code, .a = a, .b = b, .c = c, .d = d}); }
  int if_negative(int a, int c, int d) { return select(Code::select_less, a, zero_, c, d); }
  int square(int a) { return multiply(a, a); }
  int half(int a) { return multiply(constant(0.5), a); }
  int pi() { return constant(std::numbers::pi, 0x1p-52); }

  Taylor plain(int value) const { return {value, zero_, zero_}; }
  Taylor add(const Taylor& a, const Taylor& b) { return {add(a.value, b.value), add(a.first, b.first), add(a.second, b.second)}; }
  Taylor subtract(const Taylor& a, const Taylor& b) { return {subtract(a.value, b.value), subtract(a.first, b.first), subtract(a.second, b.second)}; }
  Taylor negate(const Taylor& a) { return {negate(a.value), negate(a.first), negate(a.second)}; }
  Taylor multiply(const Taylor& a, const Taylor& b) {
    Taylor r = plain(multiply(a.value, b.value));
    if (order_ >= 1) r.first = add(multiply(a.first, b.value), multiply(a.value, b.first));
    if (order_ >= 2) r.second = add(add(multiply(a.second, b.value), multiply(two_, multiply(a.first, b.first))), multiply(a.value, b.second));
    return r;
  }
  Taylor divide(const Taylor& a, const Taylor& b) {
    Taylor r = plain(divide(a.value, b.value));
    if (order_ >= 1) r.first = divide(subtract(a.first, multiply(r.value, b.first)), b.value);
    if (order_ >= 2) r.second = divide(subtract(subtract(a.second, multiply(two_, multiply(r.first, b.first))), multiply(r.value, b.second)), b.value);
    return r;
  }
  Taylor power(const Taylor& base, int exponent) {
    Taylor square = base, result = plain(one_);
    for (int n = std::abs(exponent); n != 0; n /= 2) {
      if (n % 2 != 0) result = multiply(result, square);
      if (n > 1) square = multiply(square, square);
    }
    return exponent < 0 ? divide(plain(one_), result) : result;
  }
  Taylor select(Code code, int a, int b, const Taylor& c, const Taylor& d) {
    return {select(code, a, b, c.value, d.value), order_ >= 1 ? select(code, a, b, c.first, d.first) : zero_, order_ >= 2 ? select(code, a, b, c.second, d.second) : zero_};
  }

  /// f(g(x)) from value and derivatives of f at g(x), made only where they are wanted.
  template <class First, class Second>
  Taylor chain(const Taylor& g, int value, First first, Second second) {
    Taylor r = plain(value);
    if (order_ == 0 || g.first == zero_) return r;
    const int slope = first();
    r.first = multiply(slope, g.first);
    if (order_ >= 2) r.second = add(multiply(second(slope), square(g.first)), multiply(slope, g.second));
    return r;
  }

  Taylor walk(const Expression& e) {
    switch (e.operation) {
      case Operation::number: return plain(constant(e.value, e.exact ? 0 : std::fabs(e.value) * 0x1p-53));
      case Operation::input: return {emit({.code = Code::input}), one_, zero_};
      case Operation::parameter: return plain(constant(parameters_[static_cast<size_t>(e.parameter)]));
      case Operation::pi: return plain(pi());
      case Operation::e: return plain(constant(std::numbers::e, 0x1p-52));
      case Operation::add: return add(walk(*e.operands[0]), walk(*e.operands[1]));
      case Operation::subtract: return subtract(walk(*e.operands[0]), walk(*e.operands[1]));
      case Operation::multiply: return multiply(walk(*e.operands[0]), walk(*e.operands[1]));
      case Operation::divide: return divide(walk(*e.operands[0]), walk(*e.operands[1]));
      case Operation::negate: return negate(walk(*e.operands[0]));
      case Operation::power: return power(walk(*e.operands[0]), e.exponent);
      case Operation::where: {
        const Expression& condition = *e.operands[0];
        const int a = walk(*condition.operands[0]).value, b = walk(*condition.operands[1]).value;
        const Code code = condition.operation == Operation::less ? Code::select_less : condition.operation == Operation::equal ? Code::select_equal : Code::select_less_equal;
        const Taylor yes = walk(*e.operands[1]), no = walk(*e.operands[2]);
        return select(code, a, b, yes, no);
      }
      case Operation::minimum:
      case Operation::maximum: {
        const Taylor a = walk(*e.operands[0]), b = walk(*e.operands[1]);
        return e.operation == Operation::minimum ? select(Code::select_less, a.value, b.value, a, b) : select(Code::select_less, a.value, b.value, b, a);
      }
      default: return function(e.operation, operand(e));
    }
  }

  /// The operand of a function; under a function that saturates, an exponential that would overflow is cut where nothing changes any more.
  Taylor operand(const Expression& e) {
    const bool saturates = e.operation == Operation::tanh || e.operation == Operation::erf || e.operation == Operation::erfc || e.operation == Operation::sigmoid ||
                           e.operation == Operation::normal_cdf;
    const Expression& inner = *e.operands[0];
    if (!saturates || inner.operation != Operation::exp) return walk(inner);
    Taylor exponent = walk(*inner.operands[0]);
    exponent.value = emit({.code = Code::capped, .a = exponent.value, .value = saturating_exponent});
    return function(Operation::exp, exponent);
  }

  Taylor function(Operation operation, const Taylor& g) {
    const int a = g.value;
    switch (operation) {
      case Operation::exp: {
        const int v = unary(Code::exp, a);
        return chain(g, v, [&] { return v; }, [&](int) { return v; });
      }
      case Operation::expm1: {
        return chain(g, unary(Code::expm1, a), [&] { return unary(Code::exp, a); }, [](int slope) { return slope; });
      }
      case Operation::log: return chain(g, unary(Code::log, a), [&] { return divide(one_, a); }, [&](int r) { return negate(square(r)); });
      case Operation::log1p: return chain(g, unary(Code::log1p, a), [&] { return divide(one_, add(one_, a)); }, [&](int r) { return negate(square(r)); });
      case Operation::sqrt: {
        const int v = unary(Code::square_root, a);
        return chain(g, v, [&] { return divide(constant(0.5), v); }, [&](int slope) { return negate(divide(half(slope), a)); });
      }
      case Operation::abs: return select(Code::select_less, a, zero_, negate(g), g);
      case Operation::sign: return plain(if_negative(a, constant(-1), select(Code::select_equal, a, zero_, zero_, one_)));
      case Operation::sin: {
        const int v = unary(Code::sin, a);
        return chain(g, v, [&] { return unary(Code::cos, a); }, [&](int) { return negate(v); });
      }
      case Operation::cos: {
        const int v = unary(Code::cos, a);
        return chain(g, v, [&] { return negate(unary(Code::sin, a)); }, [&](int) { return negate(v); });
      }
      case Operation::sinh:
      case Operation::cosh: return hyperbolic(operation == Operation::sinh, g);
      case Operation::tanh: {
        const int v = unary(Code::tanh, a);
        return chain(g, v, [&] {
            const int w = unary(Code::exp, multiply(constant(-2), unary(Code::absolute, a)));
            return divide(multiply(constant(4), w), square(add(one_, w)));
          }, [&](int slope) { return multiply(multiply(constant(-2), v), slope); });
      }
      case Operation::arctan: {
        return chain(g, unary(Code::arctan, a), [&] { return divide(one_, add(one_, square(a))); },
                     [&](int slope) { return multiply(multiply(constant(-2), a), square(slope)); });
      }
      case Operation::sigmoid: return sigmoid(g);
      case Operation::softplus: {
        const int w = unary(Code::exp, negate(unary(Code::absolute, a))), d = add(one_, w);
        return chain(g, add(if_negative(a, zero_, a), unary(Code::log1p, w)), [&] { return divide(if_negative(a, w, one_), d); }, [&](int) { return divide(w, square(d)); });
      }
      case Operation::erf:
      case Operation::erfc: {
        const double scale = operation == Operation::erf ? 2 : -2;
        return chain(g, unary(operation == Operation::erf ? Code::erf : Code::erfc, a),
                     [&] { return multiply(divide(constant(scale), unary(Code::square_root, pi())), unary(Code::exp, negate(square(a)))); },
                     [&](int slope) { return multiply(multiply(constant(-2), a), slope); });
      }
      case Operation::normal_cdf: {
        return chain(g, half(unary(Code::erfc, negate(divide(a, unary(Code::square_root, two_))))),
                     [&] { return divide(unary(Code::exp, negate(half(square(a)))), unary(Code::square_root, multiply(two_, pi()))); },
                     [&](int slope) { return negate(multiply(a, slope)); });
      }
      default: break;
    }
    throw ArgumentError("[oracle] an operation stands in a formula where it cannot be evaluated. Write comparisons inside where(condition, a, b).");
  }

  Taylor sigmoid(const Taylor& g) {
    const int a = g.value, minus = negate(unary(Code::absolute, a)), w = unary(Code::exp, minus), d = add(one_, w);
    return chain(g, divide(if_negative(a, w, one_), d), [&] { return divide(w, square(d)); },
                 [&](int slope) {
                   const int tilt = divide(unary(Code::expm1, minus), d);
                   return multiply(slope, if_negative(a, negate(tilt), tilt));
                 });
  }

  /// From expm1, so that sinh keeps its digits near 0.
  Taylor hyperbolic(bool is_sinh, const Taylor& g) {
    const int a = g.value, size_of_a = unary(Code::absolute, a), w = unary(Code::expm1, size_of_a), q = negate(unary(Code::expm1, negate(size_of_a)));
    const int size = half(add(w, q)), sinh = if_negative(a, negate(size), size), cosh = add(one_, half(multiply(w, q)));
    const int value = is_sinh ? sinh : cosh, other = is_sinh ? cosh : sinh;
    return chain(g, value, [&] { return other; }, [&](int) { return value; });
  }

  void remove_unused() {
    std::vector<bool> used(program_.steps.size(), false);
    used[static_cast<size_t>(program_.result)] = true;
    for (size_t i = program_.steps.size(); i-- > 0;) {
      if (!used[i]) continue;
      for (const int operand : {program_.steps[i].a, program_.steps[i].b, program_.steps[i].c, program_.steps[i].d}) {
        if (operand >= 0) used[static_cast<size_t>(operand)] = true;
      }
    }
    std::vector<int> place(program_.steps.size(), -1);
    std::vector<Instruction> kept;
    for (size_t i = 0; i < program_.steps.size(); ++i) {
      if (!used[i]) continue;
      Instruction step = program_.steps[i];
      for (int* operand : {&step.a, &step.b, &step.c, &step.d}) {
        if (*operand >= 0) *operand = place[static_cast<size_t>(*operand)];
      }
      place[i] = static_cast<int>(kept.size());
      kept.push_back(step);
    }
    program_.result = place[static_cast<size_t>(program_.result)];
    program_.steps = std::move(kept);
  }

  FilterProgram program_;
  std::span<const double> parameters_;
  int order_;
  int zero_, one_, two_;
};

}  // namespace

FilterProgram compile_filter(const Expression& expression, std::span<const double> parameters, int derivative) {
  return Compiler(parameters, derivative).compile(expression);
}

}  // namespace rectify::verify
