#include "rectify/verify/oracle.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "rectify/verify/evaluator.h"

namespace rectify::verify {
namespace {

using activation::Expression;

constexpr mpfr_prec_t largest_precision = 1 << 14;
// A value this small is zero in every format, whatever its sign.
constexpr long double nothing = 0x1p-1100L;

template <class N, int K>
Ball<N> term(const Expression& e, double x, std::span<const double> parameters) {
  return Evaluator<N, K>(Ball<N>(static_cast<long double>(x)), parameters).evaluate(e)[K - 1];
}

template <class N>
Ball<N> evaluate(const Expression& e, double x, std::span<const double> parameters, int derivative) {
  if (derivative == 0) return term<N, 1>(e, x, parameters);
  if (derivative == 1) return term<N, 2>(e, x, parameters);
  return Ball<N>(2.0L) * term<N, 3>(e, x, parameters);
}

/// Sets the precision of this thread's numbers for as long as it lives.
class Precision {
 public:
  explicit Precision(mpfr_prec_t bits) : before_(real_precision) { real_precision = bits; }
  ~Precision() { real_precision = before_; }
  Precision(const Precision&) = delete;
  Precision& operator=(const Precision&) = delete;

 private:
  mpfr_prec_t before_;
};

/// MPFR's ball to a relative error below 2^-`bits`, or as far as it goes.
Ball<Real> evaluate_well(const Expression& e, double x, std::span<const double> parameters, int derivative, int bits) {
  for (mpfr_prec_t precision = 160;; precision *= 2) {
    const Precision set(precision);
    Ball<Real> ball = evaluate<Real>(e, x, parameters, derivative);
    if (ball.error <= std::ldexp(ball.size(), -bits) || ball.size() + ball.error < 0x1p-2000L || precision >= largest_precision) return ball;
  }
}

bool same(double a, double b) { return a == b && std::signbit(a) == std::signbit(b); }

/// Both ends of an interval that does not consist of one number, if they round to the same.
std::optional<Rounded> agreed(const NumberFormat& format, long double low, long double high) {
  if (!std::isfinite(low) || !std::isfinite(high)) return std::nullopt;
  const double a = round_to(format, low), b = round_to(format, high);
  if (same(a, b)) return Rounded{.value = a};
  if (a == 0 && b == 0 && std::fabs(low) + std::fabs(high) < nothing) return Rounded{.value = 0, .zero = ZeroSign::underflow};
  return std::nullopt;
}

std::optional<Rounded> by_long_double(const Ball<long double>& ball, const NumberFormat& format) {
  if (std::isinf(ball.value) && ball.error == 0) return Rounded{.value = static_cast<double>(ball.value)};
  if (!std::isfinite(ball.value) || !std::isfinite(ball.error)) return std::nullopt;
  if (ball.error == 0) return Rounded{.value = round_to(format, ball.value), .zero = ball.value == 0 ? ZeroSign::open : ZeroSign::certain};
  // The ends are rounded once more here, so they are moved outwards.
  const long double margin = ball.error * 1.01L + std::fabs(ball.value) * 0x1p-62L;
  return agreed(format, ball.value - margin, ball.value + margin);
}

std::optional<Rounded> by_mpfr(const Expression& e, double x, std::span<const double> parameters, int derivative, const NumberFormat& format, mpfr_prec_t precision) {
  mpfr_clear_inexflag();
  const Ball<Real> ball = [&] {
    const Precision set(precision);
    return evaluate<Real>(e, x, parameters, derivative);
  }();
  if (ball.value.is_infinite() && ball.error == 0) return Rounded{.value = mpfr_get_d(ball.value.raw(), MPFR_RNDN)};
  if (!ball.value.is_number()) return std::nullopt;
  if (mpfr_inexflag_p() == 0) {
    // Nothing was rounded on the way: no comparison was in doubt either, whatever the bounds of the errors say.
    const bool zero = mpfr_zero_p(ball.value.raw()) != 0;
    return Rounded{.value = round_to(format, ball.value), .zero = zero ? ZeroSign::open : ZeroSign::certain};
  }
  if (!std::isfinite(ball.error)) return std::nullopt;
  const Precision wider(precision + 80);  // so that the ends of the interval are not rounded inwards
  const double a = round_to(format, ball.value - Real(ball.error * 1.01L)), b = round_to(format, ball.value + Real(ball.error * 1.01L));
  if (same(a, b)) return Rounded{.value = a};
  if (a == 0 && b == 0 && ball.error < nothing && ball.size() < nothing) return Rounded{.value = 0, .zero = ZeroSign::underflow};
  return std::nullopt;
}

}  // namespace

Oracle::Chosen Oracle::choose(const activation::Function& function, int derivative) {
  const activation::Spec& spec = activation::spec(function);
  std::vector<std::string> names;
  Chosen chosen{.expression = nullptr, .parameters = {}, .derivative = derivative};
  for (int i = 0; i < spec.parameter_count(); ++i) {
    names.emplace_back(spec.parameters[i].name);
    chosen.parameters.push_back(function.parameters[static_cast<size_t>(i)]);
  }
  std::string_view text = spec.formula;
  if (derivative >= 1 && !spec.slope_formula.empty()) {
    text = spec.slope_formula;
    chosen.derivative = derivative - 1;
  }
  if (derivative == 2 && !spec.curvature_formula.empty()) {
    text = spec.curvature_formula;
    chosen.derivative = 0;
  }
  chosen.expression = activation::parse_expression(text, names).or_throw();
  return chosen;
}

Oracle::Oracle(const activation::Function& function, int derivative) : Oracle(choose(function, derivative)) {}

Oracle::Oracle(activation::ExpressionPointer formula, std::vector<double> parameters, int derivative)
    : Oracle(Chosen{.expression = std::move(formula), .parameters = std::move(parameters), .derivative = derivative}) {}

Oracle::Oracle(Chosen chosen)
    : expression_(std::move(chosen.expression)), parameters_(std::move(chosen.parameters)), derivative_(chosen.derivative),
      filter_(*expression_, parameters_, derivative_), expansion_(*expression_, parameters_, derivative_) {}

Rounded Oracle::rounded(double x, const NumberFormat& format) const {
  long double low = 0, high = 0;
  if (expansion_.evaluate(x, low, high) && !(low == 0 && high == 0)) {  // an exact zero has no sign
    if (const auto result = agreed(format, low, high); result && result->zero == ZeroSign::certain) return *result;
  }
  if (const auto result = by_long_double(evaluate<long double>(*expression_, x, parameters_, derivative_), format)) return *result;
  // Inputs in doubt are alike: what settled one probably settles the next.
  thread_local mpfr_prec_t sufficient = 128;
  for (mpfr_prec_t precision = std::max<mpfr_prec_t>(128, sufficient); precision <= largest_precision; precision *= 2) {
    if (auto result = by_mpfr(*expression_, x, parameters_, derivative_, format, precision)) {
      sufficient = std::min<mpfr_prec_t>(precision, 512);
      result->asked_mpfr = true;
      return *result;
    }
  }
  char place[64];
  std::snprintf(place, sizeof place, "%a", x);
  throw ArgumentError(std::string("[oracle] ") + std::to_string(largest_precision) + " bits do not settle the value at x = " + place +
                      ". Write the formula so that fewer terms cancel there.");
}

double Oracle::error_in_ulps(double x, double y, const NumberFormat& format) const {
  // The expansion or long double, where their own error hardly counts.
  long double low = 0, high = 0;
  const bool expanded = expansion_.evaluate(x, low, high);
  const Ball<long double> fast = expanded ? Ball<long double>{low, high - low + std::fabs(low) * 0x1p-62L} : evaluate<long double>(*expression_, x, parameters_, derivative_);
  if (std::isinf(fast.value) && fast.error == 0) return y == static_cast<double>(fast.value) ? 0 : std::numeric_limits<double>::infinity();
  if (std::isfinite(fast.value) && std::fabs(fast.value) + fast.error < nothing) return std::ldexp(std::fabs(y), format.precision - 1 - format.smallest_exponent);
  if (fast.value != 0 && std::isfinite(fast.value) && std::isfinite(y)) {
    const int exponent = std::max(std::ilogb(fast.value), format.smallest_exponent);
    const long double unit = std::ldexp(1.0L, exponent - (format.precision - 1));
    const long double error = (std::fabs(static_cast<long double>(y) - fast.value) + fast.error) / unit;
    // For float64 the bound is good enough to see that an error is harmless.
    if (exponent < format.largest_exponent && fast.error < unit * (format.precision > 24 && error < 1.75L ? 0x1p-3L : 0x1p-30L)) return static_cast<double>(error);
  }
  const Ball<Real> ball = evaluate_well(*expression_, x, parameters_, derivative_, 100);
  const Precision set(400);
  double nearest = std::fabs(round_to(format, ball.value));
  if (std::isinf(nearest)) nearest = std::fabs(rounded(x, format).value);  // beside the largest number it is decided by more bits than these
  if (!std::isfinite(nearest) || !std::isfinite(y)) return std::fabs(y) == nearest && std::signbit(y) == (ball.value < Real(0.0L)) ? 0 : std::numeric_limits<double>::infinity();
  const int exponent = nearest == 0 ? format.smallest_exponent : std::max(std::ilogb(nearest), format.smallest_exponent);
  const Real difference = Real(static_cast<long double>(y)) - ball.value;
  return static_cast<double>(std::ldexp(magnitude(difference), format.precision - 1 - exponent));
}

double Oracle::distance_from_tie(double x, const NumberFormat& format) const {
  const Ball<Real> ball = evaluate_well(*expression_, x, parameters_, derivative_, 200);
  const Precision set(400);
  if (!ball.value.is_number() || mpfr_zero_p(ball.value.raw()) != 0) return 1;
  // Ties are the numbers of one more bit that the format does not have.
  const NumberFormat finer{format.precision + 1, format.smallest_exponent, format.largest_exponent};
  const double near = round_to(finer, ball.value);
  if (!std::isfinite(near) || near == round_to(format, Real(static_cast<long double>(near)))) return 1;
  return static_cast<double>(magnitude(Real(static_cast<long double>(near)) - ball.value) / ball.size());
}

long double Oracle::value(double x) const { return mpfr_get_ld(evaluate_well(*expression_, x, parameters_, derivative_, 100).value.raw(), MPFR_RNDN); }

}  // namespace rectify::verify
