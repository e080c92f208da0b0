// Numbers of MPFR whose exponent has no bound that a formula could reach, and intervals of them: what a formula is evaluated in where float64 leaves doubt.
#pragma once

#include <mpfr.h>

#include <cstdint>
#include <memory>
#include <string>

#include "rectify/activation/expression.h"

namespace rectify::activation {

/// Lets the calling thread give back what MPFR keeps for it (constants, small blocks) when it ends: MPFR does not, and threads of the pool come and go.
void free_mpfr_caches_at_thread_end();

/// While it lives, the calling thread's MPFR has its widest range of exponents, and results have `bits` bits.
class WidePrecision {
 public:
  explicit WidePrecision(mpfr_prec_t bits);
  ~WidePrecision();
  WidePrecision(const WidePrecision&) = delete;
  WidePrecision& operator=(const WidePrecision&) = delete;

 private:
  mpfr_prec_t before_bits_;
  mpfr_exp_t before_low_, before_high_;
};

/// A real number m 2^s; s is a whole number that is there only where m's own exponent does not suffice: exp(3e38) is one of these numbers. Results are rounded in
/// the given direction, upwards or downwards; what lies beyond even this range becomes an infinity (upwards) or the largest number.
class WideNumber {
 public:
  WideNumber(double value = 0);
  /// The decimal `digits`.
  WideNumber(const std::string& digits, mpfr_rnd_t direction);
  static WideNumber pi(mpfr_rnd_t direction);
  static WideNumber infinity(int sign);

  WideNumber(const WideNumber& other);
  WideNumber(WideNumber&& other) noexcept;
  WideNumber& operator=(WideNumber other) noexcept;
  ~WideNumber();

  bool is_zero() const { return mpfr_zero_p(value_) != 0; }
  bool is_infinite() const { return mpfr_inf_p(value_) != 0; }
  bool is_nan() const { return mpfr_nan_p(value_) != 0; }
  /// -1, 0 or 1.
  int sign() const { return is_nan() ? 0 : mpfr_sgn(value_); }
  bool is_whole_even() const;

  static WideNumber add(const WideNumber& a, const WideNumber& b, mpfr_rnd_t direction);
  static WideNumber multiply(const WideNumber& a, const WideNumber& b, mpfr_rnd_t direction);
  static WideNumber divide(const WideNumber& a, const WideNumber& b, mpfr_rnd_t direction);
  static WideNumber power(const WideNumber& a, int exponent, mpfr_rnd_t direction);
  static WideNumber sqrt(const WideNumber& a, mpfr_rnd_t direction);
  static WideNumber exp(const WideNumber& a, mpfr_rnd_t direction);
  static WideNumber log(const WideNumber& a, mpfr_rnd_t direction);
  /// An increasing or decreasing function of MPFR that runs through 0 with the slope `at_zero`, or (slope 0) does not, and has limits at the infinities.
  using Function = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
  static WideNumber apply(Function function, const WideNumber& a, mpfr_rnd_t direction);
  WideNumber operator-() const;
  friend bool operator<(const WideNumber& a, const WideNumber& b);
  friend bool operator==(const WideNumber& a, const WideNumber& b);

  /// Rounded once to the nearest float32 or float64.
  float to_float() const;
  double to_double() const;

 private:
  struct Scale;
  void normalise(mpfr_rnd_t direction);
  void nudge(mpfr_rnd_t direction);

  mpfr_t value_;
  std::unique_ptr<Scale> scale_;
};

}  // namespace rectify::activation
