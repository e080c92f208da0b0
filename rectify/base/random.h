// Random numbers from a counter-based generator (Philox 4x32-10, Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"):
// a number is a pure function of (seed, purpose, ordinal, index), so neither threads, nor resuming, nor the order of calls can change it.
#pragma once

#include <array>
#include <cstdint>

namespace rectify {

/// What a number is drawn for. The values are part of the contract: changing one changes every result.
enum class Purpose : uint32_t { initialisation = 1, shuffle = 2, dropout = 3, toy_data = 4, split = 5, test = 6 };

/// The key of an independent sequence of random numbers.
struct RandomKey {
  uint64_t seed = 0;
  Purpose purpose = Purpose::test;
  uint64_t ordinal = 0;  ///< which of several consumers with the same purpose: the layer, the epoch, ...; below 2^56
};

/// 128 random bits: block `index` of the sequence.
std::array<uint32_t, 4> random_bits(const RandomKey& key, uint64_t index);

/// Uniform on [0, 1) with 53 random bits, a multiple of 2^-53: element `index` of the sequence.
double random_uniform(const RandomKey& key, uint64_t index);

/// Uniform on {0, ..., n - 1} without modulo bias to within 2^-64; n >= 1.
uint64_t random_below(const RandomKey& key, uint64_t index, uint64_t n);

}  // namespace rectify
