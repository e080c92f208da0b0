#include "rectify/data/loader.h"

#include <algorithm>
#include <map>
#include <set>

#include "rectify/base/thread_pool.h"
#include "tests/data/support.h"

namespace rectify::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Row i is (i, i + 0.5), its target i.
Part numbered(int64_t n) {
  Part part{Tensor::empty(Shape{n, 2}), Tensor::empty(Shape{n}, DType::int64)};
  for (int64_t i = 0; i < n; ++i) {
    part.input.data<float>()[2 * i] = static_cast<float>(i);
    part.input.data<float>()[2 * i + 1] = static_cast<float>(i) + 0.5f;
    part.target.data<int64_t>()[i] = i;
  }
  return part;
}

std::vector<int64_t> epoch(Loader& loader) {
  std::vector<int64_t> order;
  for (const Batch& batch : loader) {
    EXPECT_EQ(batch.input.size(0), batch.size());
    for (int64_t i = 0; i < batch.size(); ++i) {
      const int64_t target = batch.target.data<int64_t>()[i];
      EXPECT_EQ(batch.rows[static_cast<size_t>(i)], target);
      EXPECT_EQ(batch.input.at(2 * i), static_cast<double>(target));
      EXPECT_EQ(batch.input.at(2 * i + 1), static_cast<double>(target) + 0.5);
      order.push_back(target);
    }
  }
  return order;
}

TEST(Loader, every_sample_comes_once_per_epoch_with_its_target) {
  Loader loader{numbered(103), {.batch = 10, .seed = 7}};
  EXPECT_EQ(loader.num_batches(), 11);
  const auto order = epoch(loader);
  EXPECT_EQ(order.size(), 103u);
  EXPECT_EQ(std::set<int64_t>(order.begin(), order.end()).size(), 103u);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
}

TEST(Loader, the_order_is_a_function_of_seed_and_epoch) {
  Loader a{numbered(50), {.batch = 8, .seed = 7}}, b{numbered(50), {.batch = 8, .seed = 7}}, c{numbered(50), {.batch = 8, .seed = 8}};
  const auto first = epoch(a), second = epoch(a);
  EXPECT_NE(first, second);
  EXPECT_NE(first, epoch(c));
  b.set_epoch(1);
  EXPECT_EQ(epoch(b), second);
  b.set_epoch(0);
  EXPECT_EQ(epoch(b), first);
  EXPECT_EQ(b.epoch(), 1u);
}

TEST(Loader, the_order_does_not_depend_on_the_batch_size_nor_on_leaving_an_epoch_early) {
  Loader a{numbered(50), {.batch = 8, .seed = 7}}, b{numbered(50), {.batch = 50, .seed = 7}};
  for (const Batch& batch : a) {
    if (batch.rows[0] >= 0) break;
  }
  epoch(b);
  EXPECT_EQ(epoch(a), epoch(b));
}

// Written out by hand from the definition: Fisher and Yates's shuffle with random_below at index i - 1.
TEST(Loader, the_shuffle_is_the_documented_one) {
  const RandomKey key{7, Purpose::shuffle, 2};
  std::vector<int64_t> expected{0, 1, 2, 3, 4}, rows = expected;
  std::swap(expected[4], expected[random_below(key, 4, 5)]);
  std::swap(expected[3], expected[random_below(key, 3, 4)]);
  std::swap(expected[2], expected[random_below(key, 2, 3)]);
  std::swap(expected[1], expected[random_below(key, 1, 2)]);
  shuffle(rows, key);
  EXPECT_EQ(rows, expected);
}

TEST(Loader, every_permutation_is_equally_likely) {
  std::map<std::vector<int64_t>, int> counts;
  for (uint64_t epoch = 0; epoch < 6000; ++epoch) {
    std::vector<int64_t> rows{0, 1, 2};
    shuffle(rows, {1, Purpose::shuffle, epoch});
    ++counts[rows];
  }
  EXPECT_EQ(counts.size(), 6u);
  for (const auto& [rows, count] : counts) EXPECT_NEAR(count, 1000, 130);
}

TEST(Loader, the_last_partial_batch_is_kept_unless_it_is_to_be_dropped) {
  Loader kept{numbered(10), {.batch = 4}}, dropped{numbered(10), {.batch = 4, .drop_last = true}};
  std::vector<int64_t> sizes;
  for (const Batch& batch : kept) sizes.push_back(batch.size());
  EXPECT_THAT(sizes, ElementsAre(4, 4, 2));
  EXPECT_EQ(dropped.num_batches(), 2);
  EXPECT_EQ(epoch(dropped).size(), 8u);
}

TEST(Loader, without_shuffling_batches_share_the_parts_storage_in_order) {
  Loader loader{numbered(10), {.batch = 4, .shuffle = false}};
  EXPECT_THAT(epoch(loader), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  for (const Batch& batch : loader) EXPECT_TRUE(batch.input.shares_storage_with(loader.part().input));
}

TEST(Loader, a_batch_that_somebody_holds_is_not_written_over) {
  Loader loader{numbered(12), {.batch = 4, .seed = 3}};
  std::vector<Tensor> held;
  std::vector<std::vector<int64_t>> rows;
  for (const Batch& batch : loader) {
    held.push_back(batch.input);
    rows.emplace_back(batch.rows.begin(), batch.rows.end());
  }
  for (size_t b = 0; b < held.size(); ++b) {
    for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(held[b].at(2 * i), static_cast<double>(rows[b][static_cast<size_t>(i)]));
  }
}

TEST(Loader, a_batch_that_nobody_holds_gives_its_memory_to_the_next) {
  Loader loader{Part{numbered(12).input, Tensor()}, {.batch = 4, .seed = 3}};  // no targets: of the same size, they would trade places
  std::set<const void*> addresses;
  for (int round = 0; round < 3; ++round) {
    for (const Batch& batch : loader) addresses.insert(batch.input.raw());
  }
  EXPECT_EQ(addresses.size(), 1u);
}

TEST(Loader, threads_do_not_change_a_batch) {
  const Part part{Tensor::from(std::vector<float>(300 * 1000, 1.0f), Shape{300, 1000}), Tensor()};
  for (int64_t i = 0; i < 300; ++i) const_cast<Tensor&>(part.input).data<float>()[i * 1000 + 999] = static_cast<float>(i);
  const int before = thread_count();
  for (const int threads : {1, 2, 5}) {
    set_thread_count(threads);
    Loader loader{part, {.batch = 128, .seed = 3}};
    for (const Batch& batch : loader) {
      EXPECT_FALSE(batch.target.defined());
      for (int64_t i = 0; i < batch.size(); ++i) ASSERT_EQ(batch.input.at(i * 1000 + 999), static_cast<double>(batch.rows[static_cast<size_t>(i)]));
    }
  }
  set_thread_count(before);
}

TEST(Loader, an_empty_part_has_no_batches_and_misuse_is_refused) {
  Loader nothing{Part{Tensor::zeros(Shape{0, 2}), Tensor::zeros(Shape{0}, DType::int64)}};
  EXPECT_EQ(nothing.num_batches(), 0);
  EXPECT_TRUE(epoch(nothing).empty());
  EXPECT_THAT(message_of<ArgumentError>([] { Loader{numbered(3), {.batch = 0}}; }), HasSubstr("[Loader] batch is 0"));
  EXPECT_THAT(message_of<ShapeError>([] { Loader{Part{Tensor::zeros(Shape{3, 2}), Tensor::zeros(Shape{2})}}; }), HasSubstr("3 inputs and 2 targets"));
}

}  // namespace
}  // namespace rectify::data
