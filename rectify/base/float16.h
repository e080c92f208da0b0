// The two 16-bit number formats: storage, and conversion that rounds once.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace rectify {

/// A binary floating-point number in 16 bits with `exponent_bits` of exponent. float16 is IEEE 754's binary16; bfloat16 is float32's upper half.
template <int exponent_bits>
struct Sixteen {
  static constexpr int mantissa_bits = 15 - exponent_bits, bias = (1 << (exponent_bits - 1)) - 1;
  uint16_t bits = 0;

  Sixteen() = default;

  /// The nearest number of the format, ties to even; infinity from half a unit beyond the largest number on; the canonical NaN for NaN.
  explicit Sixteen(double value) noexcept {
    constexpr int first_normal = 1 - bias;
    constexpr uint16_t infinity = ((1 << exponent_bits) - 1) << mantissa_bits;
    const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    const double magnitude = std::fabs(value);
    if (!(magnitude < std::bit_cast<double>(uint64_t{2046} << 52))) {
      bits = magnitude == magnitude ? static_cast<uint16_t>(sign | infinity) : static_cast<uint16_t>(infinity | (1 << (mantissa_bits - 1)));
      return;
    }
    const int exponent = static_cast<int>(std::bit_cast<uint64_t>(magnitude) >> 52) - 1023;
    const int unit = (exponent > first_normal ? exponent : first_normal) - mantissa_bits;
    const double magic = std::bit_cast<double>((static_cast<uint64_t>(unit + 52 + 1023) << 52) | (uint64_t{1} << 51));
    const double rounded = (magnitude + magic) - magic;  // to a multiple of 2^unit, since that is the unit of a sum of this size
    if (rounded < power(first_normal)) {
      bits = static_cast<uint16_t>(sign | static_cast<uint16_t>(rounded * power(mantissa_bits - first_normal)));
    } else {
      const uint64_t shifted = std::bit_cast<uint64_t>(rounded) >> (52 - mantissa_bits);
      const uint64_t encoded = shifted - (static_cast<uint64_t>(1023 - bias) << mantissa_bits);
      bits = static_cast<uint16_t>(sign | (encoded < infinity ? encoded : infinity));
    }
  }

  /// Exact.
  explicit operator double() const noexcept {
    const int exponent = (bits & 0x7FFF) >> mantissa_bits;
    const uint16_t mantissa = bits & ((1 << mantissa_bits) - 1);
    double magnitude = 0;
    if (exponent == (1 << exponent_bits) - 1) {
      if (mantissa != 0) return std::numeric_limits<double>::quiet_NaN();
      magnitude = std::numeric_limits<double>::infinity();
    } else if (exponent == 0) {
      magnitude = mantissa * power(1 - bias - mantissa_bits);
    } else {
      magnitude = (mantissa + (1 << mantissa_bits)) * power(exponent - bias - mantissa_bits);
    }
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
  }
  explicit operator float() const noexcept { return static_cast<float>(static_cast<double>(*this)); }

 private:
  static double power(int k) { return std::bit_cast<double>(static_cast<uint64_t>(k + 1023) << 52); }
};

using Float16 = Sixteen<5>;
using BFloat16 = Sixteen<8>;

}  // namespace rectify
