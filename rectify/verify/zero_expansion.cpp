#include "rectify/verify/zero_expansion.h"

#include <algorithm>
#include <cmath>

#include "rectify/verify/evaluator.h"
#include "rectify/verify/number_format.h"

namespace rectify::verify {
namespace {

constexpr mpfr_prec_t precision = 1024;  // far more than the 400 bits between a subnormal float32 and the terms that matter

}  // namespace

ZeroExpansion::ZeroExpansion(const activation::Expression& expression, std::span<const double> parameters, int derivative)
    : negative_(expand(expression, parameters, derivative, -1)), positive_(expand(expression, parameters, derivative, 1)) {}

ZeroExpansion::Side ZeroExpansion::expand(const activation::Expression& expression, std::span<const double> parameters, int derivative, int sign) {
  constexpr int order = terms + 2;
  const mpfr_prec_t before = real_precision;
  Side side;
  real_precision = precision;
  const Series<Real, order + 1> at_zero = Evaluator<Real, order + 1>(Ball<Real>(0.0L), parameters, sign).evaluate(expression);
  const auto factor = [&](int k) {  // of the derivative's term x^k
    long double product = 1;
    for (int i = 1; i <= derivative; ++i) product *= static_cast<long double>(k + i);
    return product;
  };
  bool useful = true, leading = true;
  for (int k = 0; k < terms; ++k) {
    const Ball<Real> c = Ball<Real>(factor(k)) * at_zero[static_cast<size_t>(k + derivative)];
    useful = useful && c.value.is_number() && c.error < 0x1p-500L;
    if (!useful) break;
    const long double upper = mpfr_get_ld(c.value.raw(), MPFR_RNDN);
    long double rest = upper;
    if (leading && std::fabs(upper) > 0x1p-400L) {
      leading = false;
      side.first = k;
      side.leading = upper;
      side.leading_is_short = static_cast<long double>(static_cast<float>(upper)) == upper;
      rest = mpfr_get_ld((c.value - Real(upper)).raw(), MPFR_RNDN);
    }
    side.coefficient[k] = rest;
    side.error[k] = c.error + std::fabs(rest) * 0x1p-62L;
  }
  if (useful) {
    // Lagrange's remainder: the coefficient after the last one, for every x between 0 and the radius at once.
    for (const double radius : {0x1p-6, 0x1p-10, 0x1p-14, 0x1p-20, 0x1p-30}) {
      const Ball<Real> x(Real(static_cast<long double>(sign) * radius / 2), static_cast<long double>(radius) / 2 * (1 + 0x1p-60L));
      const Series<Real, order + 1> beside = Evaluator<Real, order + 1>(x, parameters, sign).evaluate(expression);
      const Ball<Real>& last = beside[static_cast<size_t>(terms + derivative)];
      const long double bound = (last.size() + last.error) * factor(terms);
      if (!last.value.is_number() || !(bound < 0x1p200L) || !(bound * std::pow(static_cast<long double>(radius), terms / 2) < 1)) continue;
      side.radius = radius;
      side.error[terms] = bound;
      break;
    }
  }
  real_precision = before;
  return side;
}

bool ZeroExpansion::evaluate(double x, long double& low, long double& high) const noexcept {
  const Side& side = x < 0 ? negative_ : positive_;
  const long double t = x, size = std::fabs(t);
  if (x == 0 || !(size <= side.radius)) return false;
  long double rest = 0, error = 0, bound = 0;
  for (int k = terms; k >= 0; --k) {  // Horner; `bound` is the sum of the terms' sizes, of which each rounding loses at most 2^-63
    rest = rest * t + side.coefficient[k];
    error = error * size + side.error[k];
    bound = bound * size + std::fabs(side.coefficient[k]);
  }
  error += bound * 0x1p-58L;
  // The leading term: each product loses at most 2^-64 of itself, the first one nothing if it fits 64 bits.
  long double leading = side.leading;
  for (int k = 0; k < side.first; ++k) leading *= t;
  const bool short_factors = side.leading_is_short && x == static_cast<double>(static_cast<float>(x));
  error += std::fabs(leading) * 0x1p-63L * static_cast<long double>(std::max(side.first - (short_factors ? 1 : 0), 0));
  error *= 1.01L;
  low = add_to_odd(leading, rest - error);
  high = add_to_odd(leading, rest + error);
  return true;
}

}  // namespace rectify::verify
