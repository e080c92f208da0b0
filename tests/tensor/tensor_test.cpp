#include "rectify/tensor/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "rectify/base/error.h"
#include "rectify/tensor/storage.h"

namespace rectify {
namespace {

TEST(Tensor, copies_share_storage_and_clones_do_not) {
  Tensor a = Tensor::from({1, 2, 3});
  Tensor b = a, c = a.clone();
  b.data<float>()[0] = 9;
  EXPECT_EQ(a.at(0), 9);
  EXPECT_EQ(c.at(0), 1);
  EXPECT_TRUE(a.shares_storage_with(a.rows(1, 2)));
  EXPECT_EQ(a.rows(1, 3).at(0), 2);
}

TEST(Tensor, refuses_the_wrong_type_shape_or_index_with_the_numbers) {
  const Tensor a = Tensor::from({1, 2, 3});
  EXPECT_THROW(a.data<double>(), DTypeError);
  EXPECT_THROW(a.view({2, 2}), ShapeError);
  EXPECT_THROW(a.rows(2, 5), ShapeError);
  EXPECT_THROW(a.item(), ShapeError);
  EXPECT_THROW(a.at(3), ShapeError);
  EXPECT_THROW(Tensor::from(std::vector<float>{1, 2}, {3}), ShapeError);
  EXPECT_THROW(Tensor().shape(), ArgumentError);
  EXPECT_THROW(Tensor::zeros({2}, DType::int64).set_requires_grad(true), DTypeError);
}

TEST(Tensor, converts_between_types_by_rounding_to_nearest) {
  const Tensor a = Tensor::from(std::vector<double>{0.1, 1e300}, {2}).to(DType::float32);
  EXPECT_EQ(a.data<float>()[0], 0.1f);
  EXPECT_TRUE(std::isinf(a.data<float>()[1]));
}

TEST(Shape, refuses_more_elements_than_memory_can_have) {
  EXPECT_THROW((Shape{int64_t{1} << 40, int64_t{1} << 40}), ShapeError);
  EXPECT_THROW((Shape{-1}), ShapeError);
  EXPECT_THROW((Shape{1, 1, 1, 1, 1, 1, 1}), ShapeError);
}

TEST(Shape, broadcasts_from_the_last_axis) {
  EXPECT_EQ(broadcast({3, 1}, {4}, "add"), (Shape{3, 4}));
  EXPECT_THROW(broadcast({3}, {4}, "add"), ShapeError);
}

TEST(Storage, is_reused_once_it_is_free) {
  const void* first;
  {
    const Tensor a = Tensor::empty({1000});
    first = a.raw();
    EXPECT_GE(detail::system_bytes(), size_t{4000});
  }
  const size_t before = detail::system_bytes();
  EXPECT_EQ(Tensor::empty({1000}).raw(), first);
  EXPECT_EQ(Tensor::empty({990}).raw(), first) << "a size of the same class";
  EXPECT_EQ(detail::system_bytes(), before);
}

TEST(Storage, may_be_freed_by_another_thread) {
  Tensor a = Tensor::empty({1000});
  std::thread([moved = std::move(a)]() mutable { moved = Tensor(); }).join();
  EXPECT_EQ(Tensor::zeros({1000}).at(999), 0);
}

}  // namespace
}  // namespace rectify
