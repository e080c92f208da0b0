// Bit patterns of float32 spread evenly over all 2^32: a fixed step from a fixed start, plus the patterns where things go wrong.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace rectify::test {

/// `count` patterns (a power of two), one from each of `count` equal strata, finite numbers only; `seed` moves all of them within their strata.
inline std::vector<float> stratified_floats(int count, uint32_t seed) {
  std::vector<float> result;
  const uint32_t stride = static_cast<uint32_t>((uint64_t{1} << 32) / static_cast<uint64_t>(count));
  for (uint32_t i = 0; i < static_cast<uint32_t>(count); ++i) {
    // A multiplicative hash of the stratum picks the place inside: no arithmetic progression can hide from it.
    const uint32_t place = static_cast<uint32_t>(((uint64_t{i} + seed) * 0x9E3779B97F4A7C15ull) >> 32) & (stride - 1);
    const uint32_t bits = i * stride + place;
    if ((bits & 0x7F800000u) != 0x7F800000u) result.push_back(std::bit_cast<float>(bits));
  }
  return result;
}

/// Zeros, subnormals, powers of two and their neighbours with few bits set: where ties and underflow live.
inline std::vector<float> special_floats() {
  std::vector<float> result;
  for (uint32_t sign : {0u, 0x80000000u}) {
    for (uint32_t bits = 0; bits < 64; ++bits) result.push_back(std::bit_cast<float>(sign | bits));
    for (uint32_t exponent = 0; exponent < 255; ++exponent) {
      const uint32_t base = exponent << 23;
      for (uint32_t low : {0u, 1u, 2u, 3u, 0x400000u, 0x200000u, 0x600000u, 0x7FFFFFu, 0x7FFFFEu, 0x2AAAAAu, 0x555555u}) {
        result.push_back(std::bit_cast<float>(sign | base | low));
      }
      for (int bit = 0; bit < 23; ++bit) result.push_back(std::bit_cast<float>(sign | base | (1u << bit)));
    }
  }
  return result;
}

}  // namespace rectify::test
