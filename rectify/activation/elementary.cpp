#include "rectify/activation/elementary.h"

#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "rectify/activation/inline.h"
#include "rectify/activation/reduction.h"
#include "rectify/base/floating_environment.h"

namespace rectify::elementary {
namespace one_lane {

#include "rectify/activation/lanes_scalar.h"
#include "rectify/activation/pairs-inl.h"
#include "rectify/activation/blocks.h"
#include "rectify/activation/normal-inl.h"
#include "rectify/activation/jet.h"
#include "rectify/activation/periodic-inl.h"

using V = Lane<false>;

}  // namespace one_lane

using one_lane::V;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

double sine_of_reduced(one_lane::Pair<V> r) { return (r.high + one_lane::sine_excess(r)).raw; }

double cosine_of_reduced(one_lane::Pair<V> r) {
  const V square = r.high * r.high, half = 0.5 * square, leading = 1.0 - half;
  return (leading + fma(square * square, one_lane::cosine_polynomial(square), ((1.0 - leading) - half) - r.high * r.low)).raw;
}

double sine_or_cosine(double x, uint64_t shift) {
  const FloatingEnvironment environment;
  if (!(std::fabs(x) <= 0x1p40)) return not_a_number;
  if (shift == 0 && std::fabs(x) < 0x1p-27) return x;
  const auto [rest, quadrant] = one_lane::quickly_turned<V>({V(x), V(0.0)});
  const uint64_t turn = (static_cast<uint64_t>(static_cast<int64_t>(quadrant.raw)) + shift) & 3;
  const double result = turn % 2 == 0 ? sine_of_reduced(rest) : cosine_of_reduced(rest);
  return turn >= 2 ? -result : result;
}

}  // namespace

double exp(double x) {
  const FloatingEnvironment environment;
  return std::isnan(x) ? not_a_number : one_lane::exp(V(x)).raw;
}

double expm1(double x) {
  const FloatingEnvironment environment;
  return std::isnan(x) ? not_a_number : one_lane::expm1(V(x)).raw;
}

double log(double x) {
  const FloatingEnvironment environment;
  if (!(x >= 0)) return not_a_number;
  if (x == 0) return -infinity;
  return x == infinity ? infinity : one_lane::log(V(x)).raw;
}

double log1p(double x) {
  const FloatingEnvironment environment;
  if (!(x >= -1)) return not_a_number;
  if (x == -1) return -infinity;
  if (x == 0) return x;
  return x == infinity ? infinity : one_lane::log1p(V(x)).raw;
}

double tanh(double x) {
  const FloatingEnvironment environment;
  return std::isnan(x) ? not_a_number : one_lane::tanh(V(x)).raw;
}

double erf(double x) {
  const FloatingEnvironment environment;
  return std::isnan(x) ? not_a_number : one_lane::erf(V(x)).raw;
}

double erfc(double x) {
  const FloatingEnvironment environment;
  return std::isnan(x) ? not_a_number : one_lane::erfc(V(x)).raw;
}

double sin(double x) { return sine_or_cosine(x, 0); }
double cos(double x) { return sine_or_cosine(x, 1); }

double pow(double x, int64_t n) {
  const FloatingEnvironment environment;
  uint64_t rest = n < 0 ? 0 - static_cast<uint64_t>(n) : static_cast<uint64_t>(n);
  double result = 1, power = x;
  while (rest != 0) {
    if ((rest & 1) != 0) result *= power;
    rest >>= 1;
    if (rest != 0) power *= power;
  }
  return n < 0 ? 1 / result : result;
}

double random_normal(const RandomKey& key, uint64_t index) {
  // Two numbers share a pair of uniforms: elements 2k and 2k + 1 are the cosine's and the sine's.
  constexpr double two_pi = 0x1.921fb54442d18p2;
  const uint64_t pair = index / 2;
  const double radius_uniform = 1 - random_uniform(key, 2 * pair), angle = two_pi * random_uniform(key, 2 * pair + 1);
  const double radius = std::sqrt(-2 * log(radius_uniform));
  return radius * (index % 2 == 0 ? cos(angle) : sin(angle));
}

}  // namespace rectify::elementary
