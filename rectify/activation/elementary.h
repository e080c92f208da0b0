// exp, log, sin and their kind for one number, from the same blocks as the kernels: the same bits on every machine, unlike the C library's.
// Everything from which a result can reach a weight (Adam's powers, cosine schedules, normal sampling, toy data) uses these.
#pragma once

#include <cstdint>

#include "rectify/base/random.h"

namespace rectify::elementary {

/// Errors are below 1 ulp, of erf below 2, of erfc below 3; limits at infinities, signed zeros and NaN are those of the C library.
double exp(double x);
double expm1(double x);
double log(double x);
double log1p(double x);
double tanh(double x);
double erf(double x);
double erfc(double x);

/// For |x| <= 2^20; larger arguments lose accuracy, and beyond 2^40 the result is NaN.
double sin(double x);
double cos(double x);

/// x^n by repeated squaring in a fixed order; n may be negative.
double pow(double x, int64_t n);

/// Element `index` of a sequence of independent N(0, 1) numbers (Box and Muller's method on two uniforms).
double random_normal(const RandomKey& key, uint64_t index);

}  // namespace rectify::elementary
