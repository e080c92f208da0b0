#include "rectify/activation/wide_number.h"

#include <cmath>
#include <utility>

namespace rectify::activation {
namespace {

/// Exponents within +-2^40 stay MPFR's own.
constexpr mpfr_exp_t plain_exponent = mpfr_exp_t{1} << 40;
/// Beyond 2^(2^5000) is infinity.
constexpr mpfr_exp_t most_scale_bits = 5000;
constexpr mpfr_prec_t scale_bits = 5200;

bool upwards(mpfr_rnd_t direction) { return direction == MPFR_RNDU; }

}  // namespace

void free_mpfr_caches_at_thread_end() {
  struct Caches {
    ~Caches() { mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE); }
  };
  thread_local const Caches caches;
  (void)caches;
}

WidePrecision::WidePrecision(mpfr_prec_t bits) : before_bits_(mpfr_get_default_prec()), before_low_(mpfr_get_emin()), before_high_(mpfr_get_emax()) {
  free_mpfr_caches_at_thread_end();
  mpfr_set_default_prec(bits);
  mpfr_set_emin(mpfr_get_emin_min());
  mpfr_set_emax(mpfr_get_emax_max());
}

WidePrecision::~WidePrecision() {
  mpfr_set_default_prec(before_bits_);
  mpfr_set_emin(before_low_);
  mpfr_set_emax(before_high_);
}

/// A whole number, exactly.
struct WideNumber::Scale {
  Scale() {
    mpfr_init2(whole, scale_bits);
    mpfr_set_zero(whole, 1);
  }
  Scale(const Scale& other) : Scale() { mpfr_set(whole, other.whole, MPFR_RNDN); }
  Scale& operator=(const Scale&) = delete;
  ~Scale() { mpfr_clear(whole); }
  mpfr_t whole;
};

WideNumber::WideNumber(double value) {
  mpfr_init(value_);
  if (mpfr_get_prec(value_) < 53) mpfr_set_prec(value_, 53);
  mpfr_set_d(value_, value, MPFR_RNDN);
}

WideNumber::WideNumber(const std::string& digits, mpfr_rnd_t direction) {
  mpfr_init(value_);
  mpfr_set_str(value_, digits.c_str(), 10, direction);
}

WideNumber WideNumber::pi(mpfr_rnd_t direction) {
  WideNumber result;
  mpfr_const_pi(result.value_, direction);
  return result;
}

WideNumber WideNumber::infinity(int sign) {
  WideNumber result;
  mpfr_set_inf(result.value_, sign);
  return result;
}

WideNumber::WideNumber(const WideNumber& other) : scale_(other.scale_ ? std::make_unique<Scale>(*other.scale_) : nullptr) {
  mpfr_init2(value_, mpfr_get_prec(other.value_));
  mpfr_set(value_, other.value_, MPFR_RNDN);
}

WideNumber::WideNumber(WideNumber&& other) noexcept : scale_(std::move(other.scale_)) {
  mpfr_init2(value_, MPFR_PREC_MIN);
  mpfr_set_zero(value_, 1);
  mpfr_swap(value_, other.value_);
}

WideNumber& WideNumber::operator=(WideNumber other) noexcept {
  mpfr_swap(value_, other.value_);
  std::swap(scale_, other.scale_);
  return *this;
}

WideNumber::~WideNumber() { mpfr_clear(value_); }

/// One unit in the direction: what was rounded to nearest becomes a bound.
void WideNumber::nudge(mpfr_rnd_t direction) { upwards(direction) ? mpfr_nextabove(value_) : mpfr_nextbelow(value_); }

/// Moves the exponent between the number and its scale, and leaves for infinity or zero where the scale ends.
void WideNumber::normalise(mpfr_rnd_t direction) {
  if (!mpfr_regular_p(value_)) {
    scale_.reset();
    return;
  }
  const mpfr_exp_t exponent = mpfr_get_exp(value_);
  if (!scale_ && std::abs(exponent) <= plain_exponent) return;
  if (!scale_) scale_ = std::make_unique<Scale>();
  mpfr_add_si(scale_->whole, scale_->whole, exponent, MPFR_RNDN);
  mpfr_set_exp(value_, 0);
  const bool zero = mpfr_zero_p(scale_->whole) != 0;
  const mpfr_exp_t size = zero ? 0 : mpfr_get_exp(scale_->whole);
  if (size <= 40) {
    mpfr_set_exp(value_, mpfr_get_si(scale_->whole, MPFR_RNDN));
    scale_.reset();
  } else if (size > most_scale_bits) {
    const bool away = upwards(direction) == (mpfr_sgn(value_) > 0), large = mpfr_sgn(scale_->whole) > 0;
    if (large && away) {
      mpfr_set_inf(value_, mpfr_sgn(value_));
      scale_.reset();
    } else if (!large && !away) {
      mpfr_set_zero(value_, mpfr_sgn(value_));
      scale_.reset();
    } else {
      mpfr_set_si_2exp(scale_->whole, large ? 1 : -1, most_scale_bits - 1, MPFR_RNDN);
    }
  }
}

bool WideNumber::is_whole_even() const {
  if (scale_ || !mpfr_integer_p(value_)) return scale_ != nullptr;
  return mpfr_zero_p(value_) != 0 || mpfr_get_exp(value_) > mpfr_get_prec(value_) || (mpfr_get_si(value_, MPFR_RNDZ) & 1) == 0;
}

WideNumber WideNumber::add(const WideNumber& a, const WideNumber& b, mpfr_rnd_t direction) {
  WideNumber result;
  if ((!a.scale_ && !b.scale_) || !mpfr_regular_p(a.value_) || !mpfr_regular_p(b.value_)) {
    if (a.is_zero()) return b;
    if (b.is_zero()) return a;
    mpfr_add(result.value_, a.value_, b.value_, direction);
    result.normalise(direction);
    return result;
  }
  // The smaller one on the scale of the larger; what lies too far below it is only a direction.
  const Scale none;
  const Scale& of_a = a.scale_ ? *a.scale_ : none;
  const Scale& of_b = b.scale_ ? *b.scale_ : none;
  Scale distance;
  mpfr_sub(distance.whole, of_b.whole, of_a.whole, MPFR_RNDN);
  if (mpfr_sgn(distance.whole) > 0) return add(b, a, direction);
  WideNumber small(b);
  if (mpfr_cmp_si(distance.whole, -4 * plain_exponent) < 0) {
    mpfr_set_exp(small.value_, -4 * plain_exponent);
  } else {
    mpfr_mul_2si(small.value_, small.value_, mpfr_get_si(distance.whole, MPFR_RNDN), MPFR_RNDN);
  }
  mpfr_add(result.value_, a.value_, small.value_, direction);
  result.scale_ = std::make_unique<Scale>(of_a);
  result.normalise(direction);
  return result;
}

WideNumber WideNumber::multiply(const WideNumber& a, const WideNumber& b, mpfr_rnd_t direction) {
  WideNumber result;
  // An infinite end of an interval is a number that was too large: 0 times it is 0.
  if (a.is_zero() || b.is_zero()) return a.is_nan() || b.is_nan() ? WideNumber(std::nan("")) : result;
  mpfr_mul(result.value_, a.value_, b.value_, direction);
  if (a.scale_ || b.scale_) {
    result.scale_ = std::make_unique<Scale>(a.scale_ ? *a.scale_ : *b.scale_);
    if (a.scale_ && b.scale_) mpfr_add(result.scale_->whole, a.scale_->whole, b.scale_->whole, MPFR_RNDN);
  }
  result.normalise(direction);
  return result;
}

WideNumber WideNumber::divide(const WideNumber& a, const WideNumber& b, mpfr_rnd_t direction) {
  WideNumber result;
  if (a.is_infinite() && b.is_infinite()) return WideNumber(std::nan(""));
  mpfr_div(result.value_, a.value_, b.value_, direction);
  if (a.scale_ || b.scale_) {
    result.scale_ = std::make_unique<Scale>();
    if (a.scale_) mpfr_add(result.scale_->whole, result.scale_->whole, a.scale_->whole, MPFR_RNDN);
    if (b.scale_) mpfr_sub(result.scale_->whole, result.scale_->whole, b.scale_->whole, MPFR_RNDN);
  }
  result.normalise(direction);
  return result;
}

WideNumber WideNumber::power(const WideNumber& a, int exponent, mpfr_rnd_t direction) {
  WideNumber result;
  mpfr_pow_si(result.value_, a.value_, exponent, direction);
  if (a.scale_) {
    result.scale_ = std::make_unique<Scale>(*a.scale_);
    mpfr_mul_si(result.scale_->whole, result.scale_->whole, exponent, MPFR_RNDN);
  }
  result.normalise(direction);
  return result;
}

WideNumber WideNumber::sqrt(const WideNumber& a, mpfr_rnd_t direction) {
  WideNumber result, even(a);
  if (a.scale_) {
    mpfr_t half;
    mpfr_init2(half, scale_bits);
    mpfr_div_2ui(half, a.scale_->whole, 1, MPFR_RNDN);
    if (mpfr_integer_p(half) == 0) {
      mpfr_mul_2ui(even.value_, even.value_, 1, MPFR_RNDN);
      mpfr_floor(half, half);
    }
    result.scale_ = std::make_unique<Scale>();
    mpfr_swap(result.scale_->whole, half);
    mpfr_clear(half);
  }
  mpfr_sqrt(result.value_, even.value_, direction);
  result.normalise(direction);
  return result;
}

WideNumber WideNumber::exp(const WideNumber& a, mpfr_rnd_t direction) {
  WideNumber result;
  if (a.is_zero() || a.is_nan() || a.is_infinite() || (!a.scale_ && mpfr_get_exp(a.value_) < 39)) {
    mpfr_exp(result.value_, a.value_, direction);
    result.normalise(direction);
    return result;
  }
  if (a.scale_ && mpfr_sgn(a.scale_->whole) < 0) {
    result = WideNumber(1.0);
    if (upwards(direction) == (a.sign() > 0)) result.nudge(direction);
    return result;
  }
  if (a.scale_ || mpfr_get_exp(a.value_) > most_scale_bits) {  // infinity or nothing, by the scale's own rule
    result = WideNumber(1.0);
    result.scale_ = std::make_unique<Scale>();
    mpfr_set_si_2exp(result.scale_->whole, a.sign(), most_scale_bits + 2, MPFR_RNDN);
    result.normalise(direction);
    return result;
  }
  // exp(a) = 2^k exp(a - k log 2)
  const mpfr_prec_t bits = mpfr_get_default_prec() + mpfr_get_exp(a.value_) + 32;
  mpfr_t log_2, rest;
  mpfr_inits2(bits, log_2, rest, static_cast<mpfr_ptr>(nullptr));
  result.scale_ = std::make_unique<Scale>();
  mpfr_const_log2(log_2, MPFR_RNDN);
  mpfr_div(rest, a.value_, log_2, MPFR_RNDN);
  mpfr_rint(result.scale_->whole, rest, MPFR_RNDN);
  mpfr_mul(log_2, log_2, result.scale_->whole, MPFR_RNDN);
  mpfr_sub(rest, a.value_, log_2, MPFR_RNDN);
  mpfr_exp(result.value_, rest, direction);
  result.nudge(direction);
  mpfr_clears(log_2, rest, static_cast<mpfr_ptr>(nullptr));
  result.normalise(direction);
  return result;
}

WideNumber WideNumber::log(const WideNumber& a, mpfr_rnd_t direction) {
  WideNumber result;
  mpfr_log(result.value_, a.value_, direction);
  if (a.scale_ && a.sign() > 0) {
    mpfr_t log_2;
    mpfr_init2(log_2, mpfr_get_default_prec() + 64);
    mpfr_const_log2(log_2, MPFR_RNDN);
    mpfr_mul(log_2, log_2, a.scale_->whole, MPFR_RNDN);
    mpfr_add(result.value_, result.value_, log_2, direction);
    mpfr_clear(log_2);
    result.nudge(direction), result.nudge(direction);
  }
  result.normalise(direction);
  return result;
}

WideNumber WideNumber::apply(Function function, const WideNumber& a, mpfr_rnd_t direction) {
  WideNumber result, inside(a);
  if (a.scale_) {
    // Far out every such function is at its limit, and near 0 it is its tangent; an argument at the edge of MPFR's own range says as much.
    const bool far = mpfr_sgn(a.scale_->whole) > 0;
    inside.scale_.reset();
    mpfr_set_exp(inside.value_, far ? plain_exponent / 2 : -2 * plain_exponent);
    WideNumber image;
    function(image.value_, inside.value_, direction);
    if (far || mpfr_get_exp(image.value_) > -plain_exponent) {
      image.nudge(direction);
      image.normalise(direction);
      return image;
    }
    // The tangent's slope, from the ratio, with a's own scale.
    result = divide(image, inside, direction);
    result = multiply(result, a, direction);
    result.nudge(direction), result.nudge(direction);
    return result;
  }
  function(result.value_, inside.value_, direction);
  result.normalise(direction);
  return result;
}

WideNumber WideNumber::operator-() const {
  WideNumber result(*this);
  mpfr_neg(result.value_, result.value_, MPFR_RNDN);
  return result;
}

bool operator<(const WideNumber& a, const WideNumber& b) {
  if (!a.scale_ && !b.scale_) return mpfr_less_p(a.value_, b.value_) != 0;
  return WideNumber::add(b, -a, MPFR_RNDD).sign() > 0;
}

bool operator==(const WideNumber& a, const WideNumber& b) {
  if (!a.scale_ && !b.scale_) return mpfr_equal_p(a.value_, b.value_) != 0;
  return !(a < b) && !(b < a);
}

float WideNumber::to_float() const {
  if (!scale_) return mpfr_get_flt(value_, MPFR_RNDN);
  return std::copysign(mpfr_sgn(scale_->whole) > 0 ? HUGE_VALF : 0.0f, static_cast<float>(mpfr_sgn(value_)));
}

double WideNumber::to_double() const {
  if (!scale_) return mpfr_get_d(value_, MPFR_RNDN);
  return std::copysign(mpfr_sgn(scale_->whole) > 0 ? HUGE_VAL : 0.0, static_cast<double>(mpfr_sgn(value_)));
}

}  // namespace rectify::activation
