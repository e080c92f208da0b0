#include "rectify/base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace rectify {
namespace {

using Block = std::array<uint32_t, 4>;

// The known answers for philox4x32 with 10 rounds that are published with Random123 (file kat_vectors).
TEST(Random, bits_are_the_published_known_answers_of_philox_4x32_10) {
  EXPECT_EQ(random_bits({0, Purpose{0}, 0}, 0), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(random_bits({~uint64_t{0}, Purpose{0xff}, 0x00ffffffffffffff}, ~uint64_t{0}), (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(random_bits({0x299f31d0a4093822, Purpose{3}, 0x70734413198a2e}, 0x85a308d3243f6a88), (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, every_part_of_the_key_and_the_index_changes_the_bits) {
  std::set<Block> blocks;
  for (const uint64_t seed : {0ull, 1ull, 1ull << 32})
    for (const Purpose purpose : {Purpose::initialisation, Purpose::shuffle, Purpose::toy_data})
      for (const uint64_t ordinal : {0ull, 1ull, 1ull << 32})
        for (const uint64_t index : {0ull, 1ull, 1ull << 32}) blocks.insert(random_bits({seed, purpose, ordinal}, index));
  EXPECT_EQ(blocks.size(), 81u);
}

TEST(Random, uniform_numbers_are_multiples_of_2_to_the_minus_53_below_one) {
  const RandomKey key{42, Purpose::test, 1};
  double sum = 0, sum_of_squares = 0;
  const int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double u = random_uniform(key, static_cast<uint64_t>(i));
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    ASSERT_EQ(std::ldexp(u, 53), std::floor(std::ldexp(u, 53)));
    sum += u;
    sum_of_squares += u * u;
  }
  EXPECT_NEAR(sum / n, 0.5, 0.004);                  // more than four standard errors
  EXPECT_NEAR(sum_of_squares / n, 1.0 / 3, 0.004);
}

TEST(Random, below_stays_below_and_covers_every_value_evenly) {
  const RandomKey key{7, Purpose::test, 0};
  std::vector<int> counts(10);
  for (uint64_t i = 0; i < 100000; ++i) ++counts.at(random_below(key, i, 10));
  for (const int count : counts) EXPECT_NEAR(count, 10000, 450);
  for (uint64_t i = 0; i < 100; ++i) EXPECT_EQ(random_below(key, i, 1), 0u);
  EXPECT_GT(random_below(key, 0, ~uint64_t{0}) | random_below(key, 1, ~uint64_t{0}), uint64_t{1} << 60);
}

}  // namespace
}  // namespace rectify
