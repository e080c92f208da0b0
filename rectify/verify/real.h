// A number of MPFR with the precision that was set for the thread. 
#pragma once

#include <mpfr.h>

#include <string>
#include <utility>

#include "rectify/activation/wide_number.h"

namespace rectify::verify {

/// Bits of every Real that is made by this thread from now on.
inline thread_local mpfr_prec_t real_precision = 128;

class Real {
 public:
  Real() {
    activation::free_mpfr_caches_at_thread_end();
    mpfr_init2(value_, real_precision);
  }
  Real(long double x) : Real() { mpfr_set_ld(value_, x, MPFR_RNDN); }
  explicit Real(const std::string& decimal) : Real() { mpfr_set_str(value_, decimal.c_str(), 10, MPFR_RNDN); }
  Real(const Real& other) : Real() { mpfr_set(value_, other.value_, MPFR_RNDN); }
  Real(Real&& other) noexcept : Real() { mpfr_swap(value_, other.value_); }
  Real& operator=(Real other) {
    mpfr_swap(value_, other.value_);
    return *this;
  }
  ~Real() { mpfr_clear(value_); }

  bool is_number() const { return mpfr_number_p(value_) != 0; }
  bool is_infinite() const { return mpfr_inf_p(value_) != 0; }
  mpfr_ptr raw() { return value_; }
  mpfr_srcptr raw() const { return value_; }

  friend Real operator+(const Real& a, const Real& b) { return apply(mpfr_add, a, b); }
  friend Real operator-(const Real& a, const Real& b) { return apply(mpfr_sub, a, b); }
  friend Real operator*(const Real& a, const Real& b) { return apply(mpfr_mul, a, b); }
  friend Real operator/(const Real& a, const Real& b) { return apply(mpfr_div, a, b); }
  friend Real operator-(const Real& a) { return apply(mpfr_neg, a); }
  friend bool operator<(const Real& a, const Real& b) { return mpfr_less_p(a.value_, b.value_) != 0; }

  template <class Function>
  static Real apply(Function function, const Real& a, const Real& b) {
    Real result;
    function(result.value_, a.value_, b.value_, MPFR_RNDN);
    return result;
  }
  template <class Function>
  static Real apply(Function function, const Real& a) {
    Real result;
    function(result.value_, a.value_, MPFR_RNDN);
    return result;
  }

 private:
  mpfr_t value_;
};

}  // namespace rectify::verify
