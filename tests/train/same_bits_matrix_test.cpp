// A small part of the matrix that scripts/same_bits walks whole.
#include "same_bits_matrix.h"

#include <set>

#include "support.h"

namespace rectify::train {
namespace {

class SameBitsMatrix : public testing::TestWithParam<MatrixNetwork> {};

TEST_P(SameBitsMatrix, has_one_hash_for_each_number_of_shards) {
  const KeepMachine machine;
  std::set<std::string> different;
  for (const int64_t shards : {1, 2, 4}) {
    const std::string expected = matrix_digest({.network = GetParam(), .shards = shards, .steps = 5});
    different.insert(expected);
    for (const std::string& target : kernel::available_targets()) {
      for (const int threads : {1, 3}) {
        const MatrixCell cell{.network = GetParam(), .target = target, .threads = threads, .offset = threads, .divides_quickly = threads == 1, .shards = shards, .steps = 5};
        EXPECT_EQ(matrix_digest(cell), expected) << target << ", " << threads << " threads, " << shards << " shards";
      }
    }
  }
  EXPECT_EQ(different.size(), 3u) << "the shards change nothing: are they used?";
  kernel::set_divides_quickly(std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Networks, SameBitsMatrix, testing::Values(MatrixNetwork::mlp, MatrixNetwork::cnn), [](const auto& instance) { return to_string(instance.param); });

}  // namespace
}  // namespace rectify::train
