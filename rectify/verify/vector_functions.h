// exp, log, erf ... of a block of float64 numbers, by the C library's vector functions where it has them. Fast and not the library's own: for the filter of the oracle.
#pragma once

#include <cstddef>

namespace rectify::verify {

enum class VectorFunction { exp, expm1, log, log1p, sin, cos, tanh, arctan, erf, erfc };

/// The largest relative error of a result that is a normal number. glibc states 4 units in the last place for its vector functions and at most
/// 1 or 2 for the scalar ones; this is 8. Results below 2^-1000 are right to 2^-1050 only.
inline constexpr double vector_function_error = 0x1p-50;

/// y[i] = f(x[i]) for a multiple of eight numbers. The arrays are aligned to 64 bytes. Any input is allowed.
void apply(VectorFunction f, const double* x, double* y, size_t count) noexcept;

}  // namespace rectify::verify
