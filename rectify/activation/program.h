// A function compiled for the kernel: instructions on blocks of float64 numbers, with what is known beforehand about their errors.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "rectify/activation/exact.h"

namespace rectify::activation {

/// An operand of an instruction, and how wrong it may be: by `relative` times its size, or, if `dynamic`, by the amount in the error block of its register.
struct Operand {
  int32_t place = -1;
  bool dynamic = false;
  double relative = 0;
  double guard = -1;   ///< a size up to which the number may be the remains of underflow: then the instruction cannot vouch for its result, which becomes NaN
};

/// target = operation(operands). A difference is an add of a negate, a power is products. Of a where, operands 2 and 3 are the branches and operand 0 is a comparison's
/// result; or, if `comparison` is one, operands 0 and 1 are compared on the spot.
struct Instruction {
  Operation operation = Operation::add;
  Operation comparison = Operation::where;
  bool of_softplus = false;  ///< of a tanh: of softplus(u), in one step
  int32_t target = -1;
  std::array<Operand, 4> operands = {};
  bool dynamic = false;     ///< the target has an error block
  double relative = 0;      ///< what the operation itself may lose
  double slack = 0;         ///< an absolute error on top: remains of underflow that were added
  double ceiling = std::numeric_limits<double>::infinity();  ///< a result beyond it becomes NaN
  double least = 0;         ///< of a product or quotient: a smaller one becomes NaN, unless it is 0 because an operand is
  /// Nothing can go wrong here: no guard, no error block on either side.
  bool plain() const {
    for (const Operand& operand : operands) {
      if (operand.guard >= 0 || operand.dynamic) return false;
    }
    return !dynamic && ceiling == std::numeric_limits<double>::infinity() && least == 0;
  }
};

/// A register that holds one number of the program or of its parameters. Of the latter a call can do with 0 and with what is within [2^-60, 2^60].
struct Uniform {
  int32_t place = -1;
  Exact value;
  bool depends_on_parameters = false;
  int parameter = -1;  ///< the number is this parameter itself
  Nearest known = {};  ///< unless it depends on parameters

  Nearest at(std::span<const double> parameters) const {
    if (parameter >= 0) return {.value = parameters[static_cast<size_t>(parameter)], .exact = true};
    return depends_on_parameters ? value.nearest(0, parameters) : known;
  }
};

/// The program's input is in register 0; NaN in a result means: unknown.
struct Program {
  std::vector<Uniform> uniforms;
  std::vector<Instruction> instructions;
  int32_t registers = 1;
  Operand result;
  bool zeros_are_exact = false;  ///< a result 0 is no underflow
  bool never_zero = false;
  bool selects = false;          ///< nothing but selections among exact numbers: float32's own lanes do, if the uniforms are float32 numbers
  bool odd = false;              ///< a result 0 that is none of underflow has the sign of the input, otherwise it is +0

  /// For inputs that are float32 numbers, or any float64.
  static Program compile(const std::vector<TermNode>& nodes, bool narrow_input);
};

}  // namespace rectify::activation
