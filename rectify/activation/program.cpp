#include "rectify/activation/program.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>

namespace rectify::activation {
namespace {

using O = Operation;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double half_ulp = 0x1p-53;

// What one of the lanes' functions may lose; a test holds them to it.
constexpr double narrow_function_error = 0x1p-43, wide_function_error = 0x1p-51;

/// What is known about a number without knowing the input. Sizes are binary logarithms.
struct Facts {
  bool dynamic = false;
  double relative = 0;       ///< bound of the relative error, unless dynamic
  int sign = 0;              ///< 1: never negative, -1: never positive, 0: unknown
  int odd = 0;               ///< 1: has the sign of the input, -1: the opposite, 0: neither is known
  bool nonzero = false;
  double low = 0, high = 0;  ///< of a nonzero number
  double floor = -infinity;  ///< numbers up to this size may be remains of underflow: right in sign and smallness alone
  int bits = 0;              ///< significant bits of an exact number; 0: unknown
};

/// 2^k, for k rounded up.
double power_of_two(double k) { return std::ldexp(1.0, static_cast<int>(std::ceil(k))); }

int significant_bits(double value) {
  if (value == 0) return 1;
  const uint64_t fraction = std::bit_cast<uint64_t>(value) & 0xFFFFFFFFFFFFFull;
  return fraction == 0 ? 1 : 53 - std::countr_zero(fraction);
}

class Compiler {
 public:
  Compiler(const std::vector<TermNode>& nodes, bool narrow_input) : nodes_(nodes), narrow_(narrow_input) {}

  Program compile() {
    find_varying();
    find_uses();
    places_.assign(nodes_.size(), -1);
    facts_.resize(nodes_.size());
    for (size_t i = 0; i < nodes_.size(); ++i) {
      if (needed_[i]) place(i);
    }
    const size_t last = nodes_.size() - 1;
    program_.result = operand(last);
    if (facts_[last].floor > -300) program_.result.guard = power_of_two(facts_[last].floor);
    program_.zeros_are_exact = facts_[last].floor == -infinity;
    program_.never_zero = facts_[last].nonzero;
    program_.selects = narrow_ && program_.zeros_are_exact && is_exact(program_.result) && std::ranges::all_of(program_.instructions, only_selects);
    return std::move(program_);
  }

 private:
  static bool is_comparison(Operation operation) { return operation == O::less || operation == O::less_equal || operation == O::equal; }

  static bool is_exact(const Operand& operand) { return !operand.dynamic && operand.relative == 0; }
  static bool only_selects(const Instruction& instruction) {
    if (!instruction.plain() || !std::ranges::all_of(instruction.operands, is_exact)) return false;
    switch (instruction.operation) {
      case O::negate:
      case O::abs:
      case O::sign:
      case O::minimum:
      case O::maximum: return true;
      case O::where: return is_comparison(instruction.comparison);
      default: return false;
    }
  }

  void find_varying() {
    varying_.assign(nodes_.size(), 0);
    for (size_t i = 0; i < nodes_.size(); ++i) {
      varying_[i] = nodes_[i].operation == O::input;
      for (const Term o : nodes_[i].operands) {
        if (o >= 0 && varying_[static_cast<size_t>(o)]) varying_[i] = 1;
      }
    }
  }

  /// The nodes whose registers a node reads, in the order of its instruction's operands: where reads what its comparison compares, and tanh(softplus(u)) reads u.
  std::array<Term, 4> read_by(size_t i) const {
    const TermNode& n = nodes_[i];
    const auto [a, b, c] = n.operands;
    if (n.operation == O::where) {
      if (!varying_[static_cast<size_t>(a)]) return {a, -1, b, c};
      const TermNode& condition = nodes_[static_cast<size_t>(a)];
      return {condition.operands[0], condition.operands[1], b, c};
    }
    if (is_tanh_of_softplus(n)) return {nodes_[static_cast<size_t>(a)].operands[0], -1, -1, -1};
    return {a, b, c, -1};
  }
  bool is_tanh_of_softplus(const TermNode& n) const { return n.operation == O::tanh && nodes_[static_cast<size_t>(n.operands[0])].operation == O::softplus; }

  /// What has a register: what the result reads, as far as it varies, and what does not vary where the two meet.
  void find_uses() {
    needed_.assign(nodes_.size(), 0);
    last_use_.assign(nodes_.size(), 0);
    needed_.back() = 1;
    for (size_t i = nodes_.size(); i-- > 0;) {
      if (!needed_[i] || !varying_[i]) continue;
      for (const Term o : read_by(i)) {
        if (o < 0) continue;
        needed_[static_cast<size_t>(o)] = 1;
        last_use_[static_cast<size_t>(o)] = std::max(last_use_[static_cast<size_t>(o)], i);
      }
    }
  }

  int32_t fresh_register() {
    if (free_.empty()) return program_.registers++;
    const int32_t place = free_.back();
    free_.pop_back();
    return place;
  }
  void release(size_t node, size_t user) {
    const int32_t place = places_[node];
    if (varying_[node] && place > 0 && last_use_[node] <= user && std::ranges::find(free_, place) == free_.end()) free_.push_back(place);
  }

  Operand operand(size_t node) const { return {.place = places_[node], .dynamic = facts_[node].dynamic, .relative = facts_[node].relative, .guard = -1}; }
  size_t child(const TermNode& n, size_t i) const { return static_cast<size_t>(n.operands[i]); }
  const Facts& facts_of(const TermNode& n, size_t i) const { return facts_[child(n, i)]; }

  void place(size_t i) {
    const TermNode& n = nodes_[i];
    if (n.operation == O::input) {
      places_[i] = 0;
      facts_[i] = {.odd = 1, .low = narrow_ ? -149.0 : -1074.0, .high = narrow_ ? 128.0 : 1024.0, .bits = narrow_ ? 24 : 53};
    } else if (!varying_[i]) {
      place_uniform(i);
    } else if (n.operation == O::power) {
      place_power(i);
    } else {
      Instruction instruction{.operation = n.operation};
      const std::array<Term, 4> reads = read_by(i);
      for (size_t k = 0; k < reads.size(); ++k) {
        if (reads[k] >= 0) instruction.operands[k] = operand(static_cast<size_t>(reads[k]));
      }
      int32_t condition = -1;
      if (n.operation == O::where && reads[1] >= 0) condition = place_comparison(instruction, reads, nodes_[child(n, 0)].operation);
      instruction.of_softplus = is_tanh_of_softplus(n);
      facts_[i] = describe(n, instruction);
      for (const Term read : reads) {
        if (read >= 0) release(static_cast<size_t>(read), i);
      }
      if (condition >= 0) free_.push_back(condition);
      instruction.dynamic = facts_[i].dynamic;
      places_[i] = instruction.target = fresh_register();
      program_.instructions.push_back(instruction);
    }
  }

  /// Exact numbers are compared by the where itself; otherwise the comparison is an instruction of its own. Returns its register, or -1.
  int32_t place_comparison(Instruction& where, const std::array<Term, 4>& reads, Operation comparison) {
    const Facts &a = facts_[static_cast<size_t>(reads[0])], &b = facts_[static_cast<size_t>(reads[1])];
    const double floor = std::max(a.floor, b.floor);
    if (!a.dynamic && !b.dynamic && a.relative == 0 && b.relative == 0 && floor == -infinity) {
      where.comparison = comparison;
      return -1;
    }
    Instruction instruction{.operation = comparison};
    instruction.operands[0] = where.operands[0];
    instruction.operands[1] = where.operands[1];
    if (floor > -infinity) instruction.slack = power_of_two(floor + 1);
    instruction.target = fresh_register();
    program_.instructions.push_back(instruction);
    where.operands[0] = {.place = instruction.target};
    where.operands[1] = {};
    return instruction.target;
  }

  void place_uniform(size_t i) {
    std::vector<TermNode> part;
    std::vector<Term> moved(i + 1, -1);
    std::vector<char> wanted(i + 1, 0);
    wanted[i] = 1;
    bool parameters = false;
    for (size_t t = i + 1; t-- > 0;) {
      if (!wanted[t]) continue;
      parameters |= nodes_[t].operation == O::parameter;
      for (const Term o : nodes_[t].operands) {
        if (o >= 0) wanted[static_cast<size_t>(o)] = 1;
      }
    }
    for (size_t t = 0; t <= i; ++t) {
      if (!wanted[t]) continue;
      moved[t] = static_cast<Term>(part.size());
      part.push_back(nodes_[t]);
      for (Term& o : part.back().operands) {
        if (o >= 0) o = moved[static_cast<size_t>(o)];
      }
    }
    Uniform uniform{.place = program_.registers++, .value = Exact(std::move(part)), .depends_on_parameters = parameters};
    places_[i] = uniform.place;
    Facts& facts = facts_[i];
    if (parameters) {
      const bool itself = nodes_[i].operation == O::parameter;
      if (itself) uniform.parameter = nodes_[i].parameter;
      facts = {.relative = itself ? 0 : half_ulp, .low = -60, .high = 60, .bits = itself ? 53 : 0};
    } else {
      const Nearest nearest = uniform.value.nearest(0, {});
      uniform.known = nearest;
      const double v = nearest.value, size = v == 0 ? 0 : std::ilogb(v);
      facts = {.relative = nearest.exact ? 0 : half_ulp, .sign = v > 0 ? 1 : v < 0 ? -1 : 0, .nonzero = v != 0, .low = size - 1, .high = size + 1,
               .bits = nearest.exact ? significant_bits(v) : 0};
      if (v == 0) facts.sign = 1, facts.low = 1100, facts.high = -1100;
    }
    program_.uniforms.push_back(std::move(uniform));
  }

  /// x^n by squaring; each step is a product like any other.
  void place_power(size_t i) {
    const TermNode& n = nodes_[i];
    const size_t base = child(n, 0);
    Operand square = operand(base), result{};
    Facts square_facts = facts_[base], facts{};
    std::vector<int32_t> temporary;
    for (int exponent = n.exponent; exponent > 0; exponent /= 2) {
      if (exponent % 2 == 1) {
        if (result.place < 0) {
          result = square, facts = square_facts;
        } else {
          result = step(result, facts, square, square_facts, facts, false, temporary);
        }
      }
      if (exponent > 1) square = step(square, square_facts, square, square_facts, square_facts, true, temporary);
    }
    if (n.exponent % 2 == 0) facts.sign = 1, facts.odd = 0;
    facts_[i] = facts;
    places_[i] = result.place;
    for (const int32_t place : temporary) {
      if (place != result.place) free_.push_back(place);
    }
    release(base, i);
  }
  Operand step(Operand a, Facts fa, Operand b, Facts fb, Facts& facts, bool square, std::vector<int32_t>& temporary) {
    Instruction instruction{.operation = O::multiply};
    instruction.operands[0] = a;
    instruction.operands[1] = b;
    facts = product(fa, fb, instruction);
    if (square) facts.sign = 1, facts.odd = 0;
    instruction.dynamic = facts.dynamic;
    instruction.target = fresh_register();
    temporary.push_back(instruction.target);
    program_.instructions.push_back(instruction);
    return {.place = instruction.target, .dynamic = facts.dynamic, .relative = facts.relative};
  }

  // What each operation makes of its operands' facts; guards are set where facts alone do not suffice.

  Facts describe(const TermNode& n, Instruction& instruction) const {
    const Facts a = facts_of(n, 0);  // of a where and of tanh(softplus(u)) it is not used
    switch (n.operation) {
      case O::add: return sum(a, facts_of(n, 1), instruction);
      case O::multiply: return product(a, facts_of(n, 1), instruction);
      case O::divide: return quotient(a, facts_of(n, 1), instruction);
      case O::minimum:
      case O::maximum: return either(a, facts_of(n, 1));
      case O::where: return either(facts_of(n, 1), facts_of(n, 2));
      case O::negate: {
        Facts facts = a;
        facts.sign = -a.sign;
        facts.odd = -a.odd;
        return facts;
      }
      case O::abs: {
        Facts facts = a;
        facts.sign = 1;
        facts.odd = 0;
        return facts;
      }
      case O::sign:
        guard_floor(instruction, 0, a);
        return {.sign = a.sign, .odd = a.odd, .nonzero = a.nonzero, .bits = 1};
      case O::tanh:
        // tanh(softplus(u)) has the tails and the sensitivity of softplus.
        if (instruction.of_softplus) {
          Facts facts = function(O::softplus, facts_of(nodes_[child(n, 0)], 0), instruction);
          facts.high = 0;
          return facts;
        }
        return function(n.operation, a, instruction);
      default: return function(n.operation, a, instruction);
    }
  }

  static void guard_floor(Instruction& instruction, size_t which, const Facts& facts) {
    if (facts.floor > -infinity) instruction.operands[which].guard = power_of_two(facts.floor);
  }

  static Facts either(const Facts& a, const Facts& b) {
    return {.dynamic = a.dynamic || b.dynamic, .relative = std::max(a.relative, b.relative), .sign = a.sign == b.sign ? a.sign : 0, .odd = a.odd == b.odd ? a.odd : 0,
            .nonzero = a.nonzero && b.nonzero, .low = std::min(a.low, b.low), .high = std::max(a.high, b.high), .floor = std::max(a.floor, b.floor), .bits = a.bits > 0 && b.bits > 0 ? std::max(a.bits, b.bits) : 0};
  }

  static Facts sum(const Facts& a, const Facts& b, Instruction& instruction) {
    const bool same_sign = a.sign != 0 && a.sign == b.sign, same_side = same_sign || (a.odd != 0 && a.odd == b.odd);
    Facts facts{.sign = same_sign ? a.sign : 0, .odd = a.odd == b.odd ? a.odd : 0, .nonzero = same_side && (a.nonzero || b.nonzero), .low = std::min(a.low, b.low), .high = std::max(a.high, b.high) + 1};
    if (same_side) {
      if (a.nonzero) facts.low = std::max(facts.low, a.low);
      if (b.nonzero) facts.low = std::max(facts.low, b.low);
    } else {
      facts.low -= 53;
    }
    const double floor = std::max(a.floor, b.floor);
    const bool exact_operands = !a.dynamic && !b.dynamic && a.relative == 0 && b.relative == 0;
    facts.dynamic = !exact_operands && (!same_side || a.dynamic || b.dynamic);
    facts.relative = facts.dynamic ? 0 : std::max(a.relative, b.relative) * 1.001 + half_ulp;
    if (floor > -infinity) {
      if (same_side && !facts.dynamic) {
        facts.floor = floor + 60;
        facts.relative += 0x1p-58;
        if (facts.low > facts.floor) facts.floor = -infinity;
      } else {
        facts.dynamic = true;
        instruction.slack = power_of_two(floor + 2);
      }
    }
    if (facts.high > 1000) instruction.ceiling = 0x1p1000, facts.high = 1000;
    instruction.relative = half_ulp;
    return facts;
  }

  static int sign_of_product(const Facts& a, const Facts& b) { return a.sign * b.sign != 0 ? a.sign * b.sign : a.odd * b.odd; }

  static Facts product(const Facts& a, const Facts& b, Instruction& instruction) {
    Facts facts{.dynamic = a.dynamic || b.dynamic, .sign = sign_of_product(a, b), .odd = a.odd * b.sign + a.sign * b.odd, .nonzero = a.nonzero && b.nonzero, .low = a.low + b.low, .high = a.high + b.high};
    if (a.bits > 0 && b.bits > 0 && a.bits + b.bits <= 53) facts.bits = a.bits + b.bits;
    const bool exact = facts.bits > 0 && facts.low >= -1022;
    instruction.relative = exact ? 0 : half_ulp;
    facts.relative = facts.dynamic ? 0 : (a.relative + b.relative) * 1.001 + instruction.relative;
    if (facts.low < -960) instruction.least = 0x1p-960, facts.low = -960;  // a rounding below the normal numbers is not relative
    for (const auto& [which, part, other] : {std::tuple(size_t{0}, &a, &b), std::tuple(size_t{1}, &b, &a)}) {
      if (part->floor == -infinity) continue;
      if (part->floor + other->high > -300) {
        guard_floor(instruction, which, *part);
      } else {
        facts.floor = std::max(facts.floor, part->floor + other->high);
      }
    }
    if (facts.high > 1000) instruction.ceiling = 0x1p1000, facts.high = 1000;
    return facts;
  }

  static Facts quotient(const Facts& a, const Facts& b, Instruction& instruction) {
    Facts facts{.dynamic = a.dynamic || b.dynamic, .sign = sign_of_product(a, b), .odd = a.odd * b.sign + a.sign * b.odd, .nonzero = a.nonzero, .low = a.low - b.high, .high = a.high - b.low};
    facts.relative = facts.dynamic ? 0 : (a.relative + b.relative) * 1.001 + half_ulp;
    instruction.relative = facts.dynamic ? 2 * half_ulp : half_ulp;
    double smallest = b.low;
    if (b.floor > -infinity) {
      guard_floor(instruction, 1, b);
      smallest = std::max(smallest, b.floor);
      facts.high = a.high - smallest;
    }
    if (facts.low < -960) instruction.least = 0x1p-960, facts.low = -960;
    if (a.floor > -infinity) {
      if (a.floor - smallest > -300) {
        guard_floor(instruction, 0, a);
      } else {
        facts.floor = std::max(facts.floor, a.floor - smallest);
      }
    }
    if (facts.high > 1000 || !b.nonzero) instruction.ceiling = 0x1p1000, facts.high = std::min(facts.high, 1000.0);
    return facts;
  }

  /// By how much a relative error of the argument can grow in narrow lanes, where arguments are at most 708, or 400, or 39 in size before the function is at its
  /// end; 0: without bound.
  static double growth(Operation f, const Facts& u) {
    switch (f) {
      case O::tanh:
      case O::erf:
      case O::arctan:
      case O::sqrt: return 1;
      case O::log1p: return u.sign > 0 ? 1 : 150;
      case O::exp:
      case O::expm1:
      case O::sigmoid:
      case O::softplus: return 720;
      case O::erfc:
      case O::normal_cdf: return 3100;
      default: return 0;
    }
  }

  /// An error of the argument is passed on with its greatest growth, or, where that is too much, as the lanes compute it (dynamic).
  Facts function(Operation f, const Facts& u, Instruction& instruction) const {
    const double passed_on = u.relative * 1.001 * growth(f, u);
    const bool bounded = u.relative == 0 || growth(f, u) == 1 || (growth(f, u) > 0 && passed_on < (narrow_ ? 0x1p-41 : 0x1p-51));
    Facts facts{.dynamic = u.dynamic || !bounded, .sign = 1, .nonzero = true};
    instruction.relative = f == O::sqrt ? half_ulp : !narrow_ ? wide_function_error : f == O::normal_cdf ? 4 * narrow_function_error : narrow_function_error;
    facts.relative = facts.dynamic ? 0 : passed_on + instruction.relative;
    const bool moderate = u.high < 9;                       // |u| < 512
    const double log_size = std::ilogb(std::max({std::fabs(u.low), std::fabs(u.high), 2.0})) + 1;
    switch (f) {
      case O::exp:
        facts.low = -1022, facts.high = u.sign < 0 ? 0 : 578;
        if (!(moderate || u.sign > 0)) facts.floor = -1000;
        break;
      case O::expm1:
        facts.sign = u.sign, facts.odd = u.odd, facts.nonzero = u.nonzero, facts.low = std::min(u.low, 0.0) - 1, facts.high = u.sign < 0 ? 0 : 578;
        facts.floor = u.floor + 1;
        break;
      case O::log:
        guard_floor(instruction, 0, u);
        facts.sign = 0, facts.nonzero = false, facts.low = -54, facts.high = log_size + 1;
        break;
      case O::log1p:
        facts.sign = u.sign, facts.odd = u.odd, facts.nonzero = u.nonzero, facts.low = std::min(u.low, 0.0) - 2, facts.high = log_size + 6, facts.floor = u.floor + 1;
        break;
      case O::sqrt:
        guard_floor(instruction, 0, u);
        facts.nonzero = u.nonzero, facts.low = u.low / 2, facts.high = u.high / 2;
        break;
      case O::sigmoid:
        facts.low = u.sign > 0 ? -1 : -1022, facts.high = 0;
        if (!(moderate || u.sign > 0)) facts.floor = -1000;
        break;
      case O::softplus:
        facts.low = u.sign > 0 ? -1 : -1022, facts.high = std::max(u.high, 0.0) + 1;
        if (!(moderate || u.sign > 0)) facts.floor = -1000;
        break;
      case O::tanh:
      case O::erf:
      case O::arctan:
        facts.sign = u.sign, facts.odd = u.odd, facts.nonzero = u.nonzero, facts.low = std::min(u.low, 0.0) - 1, facts.high = 1, facts.floor = u.floor + 1;
        break;
      case O::normal_cdf:
      case O::erfc:
        facts.low = -1022, facts.high = 1;
        if (!(f == O::erfc ? u.sign < 0 : u.sign > 0)) facts.floor = -1000;
        break;
      case O::sin:
        facts.sign = 0, facts.nonzero = false, facts.low = std::min(u.low, 0.0) - 60, facts.high = 0, facts.floor = u.floor + 1;
        break;
      default:  // cos
        facts.sign = 0, facts.nonzero = false, facts.low = -60, facts.high = 0;
        break;
    }
    if (facts.high > 1000) instruction.ceiling = 0x1p1000, facts.high = 1000;
    return facts;
  }

  const std::vector<TermNode>& nodes_;
  bool narrow_;
  Program program_;
  std::vector<char> varying_, needed_;
  std::vector<size_t> last_use_;
  std::vector<int32_t> places_, free_;
  std::vector<Facts> facts_;
};

}  // namespace

Program Program::compile(const std::vector<TermNode>& nodes, bool narrow_input) { return Compiler(nodes, narrow_input).compile(); }

}  // namespace rectify::activation
