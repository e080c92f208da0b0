// A number together with a bound of its error: every operation adds what it may have lost. N is long double (fast) or Real (any precision).
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

#include "rectify/verify/real.h"

namespace rectify::verify {

// The few things a Ball asks of a number. Errors of the C library's long double functions are below 16 units in the last place.
inline long double magnitude(long double x) { return std::fabs(x); }
inline long double magnitude(const Real& x) {
  // Upwards, and inside long double's range: what lies outside is far outside every result that matters.
  return std::fmin(std::fmax(mpfr_get_ld(Real::apply(mpfr_abs, x).raw(), MPFR_RNDU), 0x1p-16300L), 0x1p16300L) * (mpfr_zero_p(x.raw()) ? 0 : 1);
}
inline long double roundoff(const long double&) { return 0x1p-63L; }
inline long double roundoff(const Real&) { return std::ldexp(1.0L, static_cast<int>(1 - real_precision)); }
inline long double function_error(const long double&) { return 0x1p-60L; }
inline long double function_error(const Real& x) { return roundoff(x); }

#define RECTIFY_BOTH(name, c_function, mpfr_function)                  \
  inline long double name(long double x) { return c_function(x); }     \
  inline Real name(const Real& x) { return Real::apply(mpfr_function, x); }
RECTIFY_BOTH(number_exp, expl, mpfr_exp)
RECTIFY_BOTH(number_expm1, expm1l, mpfr_expm1)
RECTIFY_BOTH(number_log, logl, mpfr_log)
RECTIFY_BOTH(number_log1p, log1pl, mpfr_log1p)
RECTIFY_BOTH(number_sqrt, sqrtl, mpfr_sqrt)
RECTIFY_BOTH(number_tanh, tanhl, mpfr_tanh)
RECTIFY_BOTH(number_erf, erfl, mpfr_erf)
RECTIFY_BOTH(number_erfc, erfcl, mpfr_erfc)
RECTIFY_BOTH(number_sin, sinl, mpfr_sin)
RECTIFY_BOTH(number_cos, cosl, mpfr_cos)
RECTIFY_BOTH(number_arctan, atanl, mpfr_atan)
#undef RECTIFY_BOTH

template <class N>
struct Ball {
  N value = 0.0L;
  long double error = 0;

  Ball() = default;
  Ball(long double exact) : value(exact) {}
  Ball(N v, long double e) : value(std::move(v)), error(e) {}

  long double size() const { return magnitude(value); }
};

/// pi with its error.
template <class N>
Ball<N> pi_ball() {
  if constexpr (std::is_same_v<N, Real>) {
    Real value;
    mpfr_const_pi(value.raw(), MPFR_RNDN);
    return {std::move(value), 4 * roundoff(value)};
  } else {
    return {3.14159265358979323846264338327950288L, 0x1p-62L};
  }
}

/// An error that is certain to be an upper bound although it was computed in floating point.
inline long double padded(long double error) { return error * (1 + 0x1p-40L); }
inline constexpr long double underflow = 0x1p-16000L;

/// A value beyond this is kept as an infinity: of the right sign, and so large that what a formula goes on to do with it does not matter.
inline constexpr long double beyond = 0x1p15000L;
template <class N>
bool is_beyond(const Ball<N>& a) {
  return a.size() > 0x1p14000L;
}

/// The result v of an operation with its error; infinite if it is beyond everything.
template <class N>
Ball<N> settled(N v, long double error) {
  if (magnitude(v) > beyond) {
    const bool negative = v < N(0.0L);
    return {N(negative ? -std::numeric_limits<long double>::infinity() : std::numeric_limits<long double>::infinity()), 0};
  }
  return {std::move(v), error};
}
template <class N>
Ball<N> unknown() {
  return {N(0.0L), std::numeric_limits<long double>::infinity()};
}

template <class N>
Ball<N> operator-(const Ball<N>& a) {
  return {-a.value, a.error};
}

template <class N>
Ball<N> operator+(const Ball<N>& a, const Ball<N>& b) {
  if (is_beyond(a) || is_beyond(b)) {
    if (is_beyond(a) && is_beyond(b) && (a.value < N(0.0L)) != (b.value < N(0.0L))) return unknown<N>();
    const Ball<N>&large = is_beyond(a) ? a : b, &other = is_beyond(a) ? b : a;
    return is_beyond(other) || other.size() + other.error < 0x1p10000L ? large : unknown<N>();
  }
  N v = a.value + b.value;
  const long double loss = roundoff(v) * magnitude(v);
  return settled(std::move(v), padded(a.error + b.error + loss));
}

template <class N>
Ball<N> operator-(const Ball<N>& a, const Ball<N>& b) {
  return a + -b;
}

template <class N>
Ball<N> operator*(const Ball<N>& a, const Ball<N>& b) {
  const long double x = a.size(), y = b.size();
  if ((x == 0 && a.error == 0) || (y == 0 && b.error == 0)) return {N(0.0L), 0};
  if (is_beyond(a) || is_beyond(b)) {
    const Ball<N>& other = is_beyond(a) ? b : a;
    return other.size() - other.error > 0x1p-10L ? settled(a.value * b.value, 0.0L) : unknown<N>();
  }
  N v = a.value * b.value;
  const long double loss = roundoff(v) * magnitude(v) + underflow;
  return settled(std::move(v), padded(x * b.error + y * a.error + a.error * b.error + loss));
}

template <class N>
Ball<N> operator/(const Ball<N>& a, const Ball<N>& b) {
  const long double y = b.size();
  if (!(y > b.error)) return unknown<N>();
  if (a.size() == 0 && a.error == 0) return {N(0.0L), 0};
  if (is_beyond(a)) return y + b.error < 0x1p10L ? settled(a.value / b.value, 0.0L) : unknown<N>();
  if (is_beyond(b)) return {N(0.0L), padded((a.size() + a.error) * 0x1p-13000L + underflow)};
  N v = a.value / b.value;
  const long double q = magnitude(v), loss = roundoff(v) * q + underflow;
  return settled(std::move(v), padded((a.error + q * b.error) / (y - b.error) + loss));
}

/// f at the ball, where `slope_bound` bounds f' on it.
template <class N, class F>
Ball<N> through(F f, const Ball<N>& a, long double slope_bound) {
  N v = f(a.value);
  const long double loss = function_error(v) * magnitude(v) + underflow, spread = a.error == 0 || slope_bound == 0 ? 0 : a.error * slope_bound;
  return settled(std::move(v), padded(spread + loss));
}

inline long double small_or_infinite(long double error) { return error < 0x1p-8L ? 1.01L : std::numeric_limits<long double>::infinity(); }

template <class N>
Ball<N> exp(const Ball<N>& a) {
  if (a.size() == 0 && a.error == 0) return 1.0L;
  if (a.size() - a.error > 11000) return a.value < N(0.0L) ? Ball<N>{N(0.0L), 0x1p-15000L} : Ball<N>(std::numeric_limits<long double>::infinity());
  const N v = number_exp(a.value);
  return through([&](const N&) { return v; }, a, a.error == 0 ? 0 : magnitude(v) * small_or_infinite(a.error));
}

template <class N>
Ball<N> expm1(const Ball<N>& a) {
  if (a.size() == 0 && a.error == 0) return a;
  if (a.size() - a.error > 11000) return a.value < N(0.0L) ? Ball<N>{N(-1.0L), 0x1p-15000L} : Ball<N>(std::numeric_limits<long double>::infinity());
  return through([](const N& x) { return number_expm1(x); }, a, a.error == 0 ? 0 : magnitude(number_exp(a.value)) * small_or_infinite(a.error));
}

/// log and log1p at an argument whose distance from the singularity is `room`.
inline long double inverse_room(long double room, long double error) {
  return error == 0 ? 0 : room > error ? 1 / (room - error) : std::numeric_limits<long double>::infinity();
}

template <class N>
Ball<N> log(const Ball<N>& a) {
  return through([](const N& x) { return number_log(x); }, a, inverse_room(a.size(), a.error));
}

template <class N>
Ball<N> log1p(const Ball<N>& a) {
  if (a.size() == 0 && a.error == 0) return a;
  return through([](const N& x) { return number_log1p(x); }, a, inverse_room(magnitude(a.value + N(1.0L)) * 0.999L, a.error));
}

template <class N>
Ball<N> sqrt(const Ball<N>& a) {
  const N v = number_sqrt(a.value);
  const long double room = a.size() - a.error;  // the slope is at most 1 / (2 sqrt(room))
  return through([&](const N&) { return v; }, a, a.error == 0 ? 0 : room > 0 ? 0.51L / sqrtl(room) : std::numeric_limits<long double>::infinity());
}

template <class N>
Ball<N> tanh(const Ball<N>& a) {
  if (a.size() == 0 && a.error == 0) return a;
  const long double inner = std::fmax(0.0L, a.size() - a.error);
  return through([](const N& x) { return number_tanh(x); }, a, std::fmin(1.0L, 4.1L * expl(-2 * inner)));
}

template <class N>
Ball<N> erf(const Ball<N>& a) {
  if (a.size() == 0 && a.error == 0) return a;
  return through([](const N& x) { return number_erf(x); }, a, 1.13L);
}

template <class N>
Ball<N> erfc(const Ball<N>& a) {
  const long double inner = std::fmax(0.0L, a.size() - a.error);
  return through([](const N& x) { return number_erfc(x); }, a, a.error == 0 ? 0 : 1.13L * expl(-inner * inner) * 1.01L);
}

template <class N>
Ball<N> sin(const Ball<N>& a) {
  if (a.size() == 0 && a.error == 0) return a;
  return through([](const N& x) { return number_sin(x); }, a, 1);
}

template <class N>
Ball<N> cos(const Ball<N>& a) {
  if (a.size() == 0 && a.error == 0) return 1.0L;
  return through([](const N& x) { return number_cos(x); }, a, 1);
}

template <class N>
Ball<N> arctan(const Ball<N>& a) {
  if (a.size() == 0 && a.error == 0) return a;
  const long double inner = std::fmax(0.0L, a.size() - a.error);
  return through([](const N& x) { return number_arctan(x); }, a, 1.01L / (1 + inner * inner));
}

}  // namespace rectify::verify
