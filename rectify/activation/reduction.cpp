#include "rectify/activation/reduction.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace rectify::activation {
namespace {

__extension__ using Wide = unsigned __int128;

/// The bits of 2/pi behind the point (series.py). The largest product is below 2^2048; 192 bits behind what it asks for, and 128 for its own digits, remain.
constexpr uint64_t two_over_pi[] = {
    0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
    0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484,
    0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d,
    0xa9e391615ee61b08, 0x6599855f14a06840, 0x8dffd8804d732731, 0x06061556ca73a8c9,
    0x60e27bc08c6b47c4, 0x19c367cddce8092a, 0x8359c4768b961ca6, 0xddaf44d15719053e,
    0xa5ff07053f7e33e8, 0x32c2de4f98327dbb, 0xc33d26ef6b1e5ef8, 0x9f3a1f35caf27f1d,
    0x87f121907c7c246a, 0xfa6ed5772d30433b, 0x15c614b59d19c3c2, 0xc4ad414d2c5d000c,
    0x467d862d71e39ac6, 0x9b0062337cd2b497,
};
constexpr int word_count = static_cast<int>(std::size(two_over_pi));

/// The 64 bits of 2/pi from `position` on; position 0 is the bit of weight 1/2. Before the first and behind the last bit there are zeros.
uint64_t bits_from(int position) {
  const auto word = [](int i) { return i >= 0 && i < word_count ? two_over_pi[i] : uint64_t{0}; };
  const int index = position >> 6, shift = position & 63;  // rounds down, for positions before the first as well
  return shift == 0 ? word(index) : (word(index) << shift) | (word(index + 1) >> (64 - shift));
}

/// |x| = mantissa * 2^exponent.
struct Split {
  uint64_t mantissa;
  int exponent;
};

Split split(double x) {
  const uint64_t bits = std::bit_cast<uint64_t>(x), fraction = bits & 0xFFFFFFFFFFFFFull;
  const int biased = static_cast<int>(bits >> 52) & 0x7FF;
  return biased == 0 ? Split{fraction, -1074} : Split{fraction | (uint64_t{1} << 52), biased - 1075};
}

constexpr int limbs = 6;
using Number = std::array<uint64_t, limbs>;  // the least significant word first

void negate(Number& number) {
  uint64_t carry = 1;
  for (uint64_t& limb : number) {
    limb = ~limb + carry;
    carry = carry != 0 && limb == 0 ? 1 : 0;
  }
}

/// The 53 bits of the number from `top` down, as a whole number.
double leading(const Number& number, int top) {
  uint64_t result = 0;
  for (int bit = top; bit > top - 53; --bit) {
    result = (result << 1) | (bit >= 0 ? (number[static_cast<size_t>(bit / 64)] >> (bit % 64)) & 1 : 0);
  }
  return static_cast<double>(result);
}

}  // namespace

ReducedAngle reduced_angle(double a, double x) noexcept {
  const Split left = split(a), right = split(x);
  const Wide mantissa = static_cast<Wide>(left.mantissa) * right.mantissa;
  const int exponent = left.exponent + right.exponent;

  // mantissa * 2^exponent * 2/pi modulo 4, as a number of 384 bits of which the last has weight 2^-382: what lies before the window is a multiple of 4.
  const int first = exponent - 2;
  const uint64_t factor[] = {static_cast<uint64_t>(mantissa), static_cast<uint64_t>(mantissa >> 64)};
  Number turn{};
  for (int i = 0; i < limbs; ++i) {
    const uint64_t window = bits_from(first + 64 * (limbs - 1 - i));
    uint64_t carry = 0;
    for (int j = 0; j < 2 && i + j < limbs; ++j) {
      const Wide sum = static_cast<Wide>(window) * factor[j] + turn[static_cast<size_t>(i + j)] + carry;
      turn[static_cast<size_t>(i + j)] = static_cast<uint64_t>(sum);
      carry = static_cast<uint64_t>(sum >> 64);
    }
    for (int j = i + 2; j < limbs; ++j) {
      turn[static_cast<size_t>(j)] += carry;
      carry = turn[static_cast<size_t>(j)] < carry ? 1 : 0;
    }
  }

  // The quadrant is the nearest whole number, the rest a fraction in [-1/2, 1/2].
  uint64_t& last = turn[limbs - 1];
  int quadrant = static_cast<int>(last >> 62);
  last &= ~(uint64_t{3} << 62);
  const bool above = (last >> 61) != 0;
  if (above) {
    quadrant = (quadrant + 1) & 3;
    last |= uint64_t{3} << 62;
    negate(turn);
  }
  int top = 64 * limbs - 1;
  while (top > 0 && ((turn[static_cast<size_t>(top / 64)] >> (top % 64)) & 1) == 0) --top;
  const double unit = std::ldexp(1.0, top - 382 - 52), f1 = leading(turn, top) * unit, f2 = leading(turn, top - 53) * (unit * 0x1p-53);

  // times pi/2
  constexpr double high = 0x1.921fb54442d18p0, low = 0x1.1a62633145c07p-54;
  const double product = f1 * high, rest = std::fma(f1, high, -product) + (f1 * low + f2 * high);
  const double sum = product + rest, remainder = rest - (sum - product);
  const bool negative = above != (std::signbit(a) != std::signbit(x));
  if (std::signbit(a) != std::signbit(x)) quadrant = (4 - quadrant) & 3;
  return {negative ? -sum : sum, negative ? -remainder : remainder, quadrant == 3 ? -1.0 : static_cast<double>(quadrant)};
}

}  // namespace rectify::activation
