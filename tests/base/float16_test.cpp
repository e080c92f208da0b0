#include "rectify/base/float16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace rectify {
namespace {

template <class T>
class Sixteens : public testing::Test {};
using Types = testing::Types<Float16, BFloat16>;
TYPED_TEST_SUITE(Sixteens, Types);

template <class T>
T from_bits(uint16_t bits) {
  T x;
  x.bits = bits;
  return x;
}

template <class T>
constexpr uint16_t infinity_bits = std::is_same_v<T, Float16> ? 0x7c00 : 0x7f80;
template <class T>
constexpr uint16_t nan_bits = std::is_same_v<T, Float16> ? 0x7e00 : 0x7fc0;

/// By the definition: sign, exponent and fraction.
template <class T>
double decoded(uint16_t bits) {
  constexpr int fraction_bits = std::is_same_v<T, Float16> ? 10 : 7, bias = std::is_same_v<T, Float16> ? 15 : 127;
  const int exponent = (bits & 0x7fff) >> fraction_bits, fraction = bits & ((1 << fraction_bits) - 1);
  const double magnitude = exponent == 0 ? std::ldexp(fraction, 1 - bias - fraction_bits) : std::ldexp(fraction + (1 << fraction_bits), exponent - bias - fraction_bits);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

TYPED_TEST(Sixteens, all_65536_are_their_definition_and_come_back) {
  using T = TypeParam;
  for (int i = 0; i < 0x10000; ++i) {
    const auto bits = static_cast<uint16_t>(i);
    const T x = from_bits<T>(bits);
    if (std::isnan(static_cast<double>(x))) {
      EXPECT_TRUE(std::isnan(static_cast<double>(x)) && std::isnan(static_cast<float>(x)));
      EXPECT_EQ(T(static_cast<double>(x)).bits, nan_bits<T>);
    } else if ((bits & 0x7fff) == infinity_bits<T>) {
      EXPECT_EQ(static_cast<double>(x), bits & 0x8000 ? -INFINITY : INFINITY);
      EXPECT_EQ(T(static_cast<double>(x)).bits, bits);
    } else {
      ASSERT_EQ(static_cast<double>(x), decoded<T>(bits)) << bits;
      ASSERT_EQ(std::signbit(static_cast<float>(x)), (bits & 0x8000) != 0);
      ASSERT_EQ(T(static_cast<double>(x)).bits, bits);
      ASSERT_EQ(T(static_cast<double>(static_cast<float>(x))).bits, bits);
    }
  }
}

TYPED_TEST(Sixteens, round_once_to_nearest_and_ties_to_even) {
  using T = TypeParam;
  for (int i = 0; i < infinity_bits<T>; ++i) {
    const auto low = static_cast<uint16_t>(i), high = static_cast<uint16_t>(i + 1), even = static_cast<uint16_t>(i % 2 == 0 ? i : i + 1);
    // The successor of the largest number counts as if the exponents went on.
    const double below = decoded<T>(low), above = decoded<T>(high), middle = below + (above - below) / 2;
    ASSERT_EQ(T(middle).bits, even) << i;
    ASSERT_EQ(T(-middle).bits, even | 0x8000) << i;
    ASSERT_EQ(T(std::nextafter(middle, 0.0)).bits, low) << i;
    ASSERT_EQ(T(std::nextafter(middle, INFINITY)).bits, high) << i;
    // By way of float32 this would be the tie.
    ASSERT_EQ(T(middle * (1 + 0x1p-40)).bits, high) << i;
  }
  EXPECT_EQ(T(std::numeric_limits<double>::denorm_min()).bits, 0);
  EXPECT_EQ(T(-0.0).bits, 0x8000);
  for (int k = 128; k < 1024; ++k) EXPECT_EQ(T(-std::ldexp(1.7, k)).bits, infinity_bits<T> | 0x8000) << k;
  EXPECT_EQ(T(std::numeric_limits<double>::max()).bits, infinity_bits<T>);
}

}  // namespace
}  // namespace rectify
