// Functions that were written as text, over memory: compiled instructions on blocks, a rounding test, and exact evaluation of the few numbers that fail it.
#pragma once

#include "rectify/kernel/pointwise_call.h"

namespace rectify::kernel {

/// y[i] = f(x[i]), or g[i] * f(x[i]) rounded once where g is not null, for the derivative of the call's formula. float32 results are correctly rounded; float64
/// results are within 2^-48 of the true value, relative to it, and mostly within a few 2^-53. The same bits on every target.
void run_formula(const PointwiseCall& call) noexcept;

}  // namespace rectify::kernel
