// The rational unit y = P(x) / Q(x), P(x) = p_0 + ... + p_m x^m, Q(x) = 1 + |q_1 x| + ... + |q_n x^n|, and its gradients.
// Computed in float64 lanes (float64 in pairs), by powers of 1/x where |x| > 1, so that nothing overflows on the way, and rounded once; where P's terms cancel the
// error is relative to the largest of them. At +-infinity the limit, NaN for NaN.
#pragma once

#include <cstdint>

namespace rectify::kernel {

/// Degrees m and n are at most this.
inline constexpr int max_rational_degree = 7;

/// The coefficients as they are used: p[0 .. m], and |q_1| ... |q_n| in q[0 .. n).
struct RationalCoefficients {
  int m = 0, n = 0;
  double p[max_rational_degree + 1] = {};
  double q[max_rational_degree] = {};
};

template <class T>
void rational(const RationalCoefficients& c, const T* x, int64_t n, T* y) noexcept;

/// gx = g y'(x); the slope of |x| at 0 counts as 0.
template <class T>
void rational_backward(const RationalCoefficients& c, const T* x, const T* g, int64_t n, T* gx) noexcept;

/// Sums over all elements in the order of reduce.h, of terms in float64: by_p[j] = sum g x^j / Q, by_q[k] = -sum g y |x|^(k+1) / Q, to be given |q|'s sign.
template <class T>
void rational_parameter_gradients(const RationalCoefficients& c, const T* x, const T* g, int64_t n, double* by_p, double* by_q);

}  // namespace rectify::kernel
