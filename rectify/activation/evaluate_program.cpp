#include "rectify/activation/evaluate_program.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "rectify/activation/inline.h"
#include "rectify/activation/reduction.h"

namespace rectify::activation {
namespace twofold_steps {

#include "rectify/activation/twofold-inl.h"
#include "rectify/activation/twofold_tables-inl.h"
#include "rectify/activation/pairs-inl.h"
#include "rectify/activation/twofold_blocks-inl.h"
#include "rectify/activation/twofold_circle-inl.h"
#include "rectify/activation/formula_steps-inl.h"

// Twofold promises 2^-104 for an operation and 2^-95 for a function.
constexpr double operation_error = 0x1p-101, function_error = 0x1p-92;

/// A number and how wrong it may be.
struct Step {
  Twofold value = 0.0, error = 0.0;
};

class Interpreter {
 public:
  Interpreter(const Program& program, std::span<const Nearest> uniforms, double x) : program_(program), registers_(static_cast<size_t>(program.registers)) {
    registers_[0].value = x;
    for (size_t i = 0; i < uniforms.size(); ++i) {
      const Nearest& known = uniforms[i];
      registers_[static_cast<size_t>(program.uniforms[i].place)] = {{known.value, known.low}, known.exact ? 0.0 : std::fabs(known.value) * operation_error};
    }
  }

  Step run() {
    for (const Instruction& instruction : program_.instructions) registers_[static_cast<size_t>(instruction.target)] = step(instruction);
    return registers_[static_cast<size_t>(program_.result.place)];
  }

 private:
  const Step& operand(const Instruction& instruction, size_t k) const { return registers_[static_cast<size_t>(instruction.operands[k].place)]; }

  static bool is_float64(Twofold v, Twofold error) { return v.low == 0 && error.high == 0; }

  template <class F>
  Step arithmetic(const Instruction& instruction) const {
    const auto &[a, ea] = operand(instruction, 0);
    const auto &[b, eb] = operand(instruction, 1);
    const Twofold v = F::value(a, b);
    // Sums and products of two float64 numbers are exact, some quotients are, and so are the ties that they make.
    const bool float64 = is_float64(a, ea) && is_float64(b, eb);
    if (std::is_same_v<F, Divide> && float64 && std::fma(-v.high, b.high, a.high) == 0) return {vouched(instruction, Twofold(v.high), a, b), instruction.slack};
    const bool exact = !std::is_same_v<F, Divide> && !std::is_same_v<F, Minimum> && !std::is_same_v<F, Maximum> && float64;
    return {vouched(instruction, v, a, b), F::error(v, a, b, ea, eb, exact ? 0.0 : operation_error) + instruction.slack};
  }

  Step step(const Instruction& instruction) const {
    switch (instruction.operation) {
      case Op::add: return arithmetic<Add>(instruction);
      case Op::multiply: return arithmetic<Multiply>(instruction);
      case Op::divide: return arithmetic<Divide>(instruction);
      case Op::minimum: return arithmetic<Minimum>(instruction);
      case Op::maximum: return arithmetic<Maximum>(instruction);
      case Op::less:
      case Op::less_equal:
      case Op::equal: return {compared(instruction, instruction.operation), 0.0};
      case Op::where: {
        const Twofold truth = instruction.comparison == Op::where ? operand(instruction, 0).value : compared(instruction, instruction.comparison);
        if ((truth == 1.0).raw) return operand(instruction, 2);
        return (truth == 0.0).raw ? operand(instruction, 3) : Step{unknown, 0.0};
      }
      default: break;
    }
    Step result;
    with_function(instruction, [&]<class F>() {
      const auto &[u, e] = operand(instruction, 0);
      const Twofold v = F::value(u), through = F::error(v, u, e);
      result = {vouched(instruction, v, u, Twofold(0.0)), IsExact<F> ? through : through + abs(v) * function_error};
    });
    return result;
  }

  Twofold compared(const Instruction& instruction, Op comparison) const {
    const auto &[a, ea] = operand(instruction, 0);
    const auto &[b, eb] = operand(instruction, 1);
    return truth(comparison, a, b, ea + eb + instruction.slack);
  }

  const Program& program_;
  std::vector<Step> registers_;
};

template <class T>
T rounded_to(Twofold v) {
  if constexpr (std::is_same_v<T, double>) {
    return v.high;
  } else {
    // To odd first, so that the second rounding rounds the sum.
    if (v.low == 0 || v.high == 0) return static_cast<float>(v.high);
    const uint64_t towards_zero = (v.high < 0) != (v.low < 0) ? 1 : 0;
    return static_cast<float>(std::bit_cast<double>((std::bit_cast<uint64_t>(v.high) - towards_zero) | 1));
  }
}

}  // namespace twofold_steps

template <class T>
std::optional<T> evaluate_program(const Program& program, std::span<const Nearest> uniforms, double x, double factor) noexcept {
  using namespace twofold_steps;
  const auto [value, error] = Interpreter(program, uniforms, x).run();
  const Twofold product = value * factor, rounding = value.low == 0 && error.high == 0 ? Twofold(0.0) : abs(product) * operation_error,
                margin = error * std::fabs(factor) + rounding;
  const double size = std::fabs(product.high);
  // Below 2^-900 a Twofold is no better than a float64; a zero's sign is the limit's.
  if (!(size > 0x1p-800 && size < 0x1p1000 && margin.high < size)) return std::nullopt;
  const T low = rounded_to<T>(product - margin), high = rounded_to<T>(product + margin);
  if (low != high) return std::nullopt;
  return low;
}

template std::optional<float> evaluate_program(const Program&, std::span<const Nearest>, double, double) noexcept;
template std::optional<double> evaluate_program(const Program&, std::span<const Nearest>, double, double) noexcept;

}  // namespace rectify::activation
