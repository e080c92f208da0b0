#include "rectify/kernel/selecting.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace rectify::kernel {
namespace {

template <class T>
class Selecting : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Selecting, Types);

TYPED_TEST(Selecting, maxout_takes_the_largest_of_each_group_and_its_gradient_goes_to_the_first) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN(), infinity = std::numeric_limits<T>::infinity();
  const std::vector<T> x = {1, 3, 2, /**/ 5, 5, 5, /**/ -infinity, -4, -infinity, /**/ 1, nan, nan, /**/ -1, -1, -2}, g = {10, 20, 30, 40, 50};
  std::vector<T> y(5), gx(15);
  maxout(x.data(), 5, 3, y.data());
  maxout_backward(x.data(), g.data(), 5, 3, gx.data());
  EXPECT_EQ(y[0], 3);
  EXPECT_EQ(y[1], 5);
  EXPECT_EQ(y[2], -4);
  EXPECT_TRUE(std::isnan(y[3]));
  EXPECT_EQ(y[4], -1);
  EXPECT_EQ(gx, (std::vector<T>{0, 10, 0, /**/ 20, 0, 0, /**/ 0, 30, 0, /**/ 0, 40, 0, /**/ 50, 0, 0}));
}

TYPED_TEST(Selecting, crelu_keeps_both_signs_and_nan) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN(), infinity = std::numeric_limits<T>::infinity();
  const std::vector<T> x = {2, -3, T(-0.0), /**/ -infinity, infinity, nan};
  std::vector<T> y(12), gx(6);
  crelu(x.data(), 2, 3, y.data());
  EXPECT_EQ((std::vector<T>(y.begin(), y.begin() + 8)), (std::vector<T>{2, 0, 0, 0, 3, 0, 0, infinity}));
  for (size_t i = 0; i < 6; ++i) EXPECT_FALSE(std::signbit(y[i])) << i;
  EXPECT_TRUE(std::isnan(y[8]) && std::isnan(y[11]));
  EXPECT_EQ(y[9], infinity);
  const std::vector<T> g = {1, 2, 3, 4, 5, 6, /**/ 7, 8, 9, 10, 11, 12};
  crelu_backward(x.data(), g.data(), 2, 3, gx.data());
  EXPECT_EQ((std::vector<T>(gx.begin(), gx.begin() + 5)), (std::vector<T>{1, -5, 0, -10, 8}));
  EXPECT_TRUE(std::isnan(gx[5]));
}

}  // namespace
}  // namespace rectify::kernel
