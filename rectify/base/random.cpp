#include "rectify/base/random.h"

namespace rectify {
namespace {

__extension__ using uint128 = unsigned __int128;

// One multiplication of a round: the two halves of the 64-bit product.
struct Product {
  uint32_t high, low;
};

Product multiply(uint32_t a, uint32_t b) {
  const uint64_t product = uint64_t{a} * b;
  return {static_cast<uint32_t>(product >> 32), static_cast<uint32_t>(product)};
}

uint64_t random_word(const RandomKey& key, uint64_t index) {
  const auto bits = random_bits(key, index);
  return uint64_t{bits[1]} << 32 | bits[0];
}

}  // namespace

std::array<uint32_t, 4> random_bits(const RandomKey& key, uint64_t index) {
  // The counter is (index, ordinal, purpose): injective while ordinals are below 2^56 and purposes below 2^8.
  std::array<uint32_t, 4> counter{static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32), static_cast<uint32_t>(key.ordinal),
                                  static_cast<uint32_t>(key.ordinal >> 32) ^ static_cast<uint32_t>(key.purpose) << 24};
  uint32_t key0 = static_cast<uint32_t>(key.seed), key1 = static_cast<uint32_t>(key.seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const Product p = multiply(0xD2511F53u, counter[0]), q = multiply(0xCD9E8D57u, counter[2]);
    counter = {q.high ^ counter[1] ^ key0, q.low, p.high ^ counter[3] ^ key1, p.low};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

double random_uniform(const RandomKey& key, uint64_t index) { return static_cast<double>(random_word(key, index) >> 11) * 0x1p-53; }

uint64_t random_below(const RandomKey& key, uint64_t index, uint64_t n) {
  return static_cast<uint64_t>(uint128{random_word(key, index)} * n >> 64);
}

}  // namespace rectify
