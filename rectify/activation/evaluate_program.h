// A compiled formula for one number in sums of two float64 numbers: what the kernel tries where float64 leaves doubt, before it asks MPFR.
#pragma once

#include <optional>
#include <span>

#include "rectify/activation/program.h"

namespace rectify::activation {

/// factor * f(x) rounded once to T (float or double), or nothing where about 90 bits do not decide the rounding. `uniforms` are the values of program.uniforms,
/// in their order; x is finite.
template <class T>
std::optional<T> evaluate_program(const Program& program, std::span<const Nearest> uniforms, double x, double factor) noexcept;

}  // namespace rectify::activation
