#include "rectify/activation/elementary.h"

#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "rectify/activation/inline.h"
#include "rectify/base/floating_environment.h"

namespace rectify::elementary {
namespace one_lane {

#include "rectify/activation/lanes_scalar.h"
#include "rectify/activation/pairs-inl.h"
#include "rectify/activation/blocks.h"
#include "rectify/activation/normal-inl.h"

using V = Lane<false>;

}  // namespace one_lane

using one_lane::V;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// x = quadrant * pi/2 + (high + low), |high| <= pi/4.
struct Reduced {
  double high, low;
  uint64_t quadrant;
};

/// Cody and Waite's reduction with pi/2 in three parts; each fma is the only rounding of its line but the last.
Reduced reduce(double x) {
  constexpr double part_1 = 0x1.921fb54442d18p0, part_2 = 0x1.1a62633145c07p-54, part_3 = -0x1.f1976b7ed8fbcp-110;
  const double n = std::nearbyint(x * 0x1.45f306dc9c883p-1);
  const double first = std::fma(-n, part_1, x);                  // exact: the operands agree in their leading bits
  const one_lane::Pair<V> product = one_lane::two_product<V>(n, part_2);
  const one_lane::Pair<V> difference = one_lane::two_sum<V>(first, -product.high);
  const double low = std::fma(-n, part_3, difference.low.raw - product.low.raw);
  const double high = difference.high.raw + low;
  return {high, (difference.high.raw - high) + low, static_cast<uint64_t>(static_cast<int64_t>(n)) & 3};
}

double sine_of_reduced(double high, double low) {
  constexpr double c[] = {-0x1.5555555555555p-3,  0x1.111111111101fp-7, -0x1.a01a019fe8decp-13, 0x1.71de3a10d8acdp-19,
                          -0x1.ae63f901c27d6p-26, 0x1.60e688531eb36p-33, -0x1.8db7ffbf69c4dp-41};
  const double square = high * high;
  const double cubic = high * square * one_lane::polynomial<V>(square, c).raw;
  return high + (cubic + std::fma(-0.5 * square, low, low));
}

double cosine_of_reduced(double high, double low) {
  constexpr double c[] = {0x1.5555555555555p-5,  -0x1.6c16c16c16a34p-10, 0x1.a01a019fb852fp-16, -0x1.27e4faefdabf1p-22,
                          0x1.1eecd782f50e5p-29, -0x1.92a8707a20c7fp-37, 0x1.35b95c85084d2p-45};
  const double square = high * high, half = 0.5 * square, leading = 1.0 - half;
  const double rest = std::fma(square * square, one_lane::polynomial<V>(square, c).raw, ((1.0 - leading) - half) - high * low);
  return leading + rest;
}

double sine_or_cosine(double x, uint64_t shift) {
  const FloatingEnvironment environment;
  if (!(std::fabs(x) <= 0x1p40)) return not_a_number;
  if (shift == 0 && std::fabs(x) < 0x1p-27) return x;
  const auto [high, low, quadrant] = reduce(x);
  const uint64_t turn = (quadrant + shift) & 3;
  const double result = turn % 2 == 0 ? sine_of_reduced(high, low) : cosine_of_reduced(high, low);
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
