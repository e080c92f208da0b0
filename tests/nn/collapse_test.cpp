#include "rectify/nn/collapse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/nn/initialise.h"
#include "rectify/nn/network.h"
#include "tests/support/gradient_cases.h"

namespace rectify {
namespace {

nn::Sequential network(const char* text) {
  nn::Sequential result = nn::build(parse_specification_list(text).or_throw(), {6});
  nn::initialise(result, {.seed = 3});
  result.evaluate();
  return result;
}

TEST(Collapse, a_network_with_linear_activations_is_one_affine_map) {
  nn::Sequential deep = network("linear(20, bias=normal(1)), identity, linear(30, bias=0.5), affine(2, 0.25), dropout(0.5), linear(4, bias=normal(1))");
  const auto map = nn::collapse(deep);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->weight.shape(), (Shape{4, 6}));
  const Tensor x = test::spread({50, 6}, -2, 2, 1);
  const Tensor together = (*map)(x), apart = deep(x.to(DType::float32));
  for (int64_t i = 0; i < together.size(); ++i) EXPECT_NEAR(together.at(i), apart.at(i), 1e-5 * std::max(1.0, std::abs(together.at(i))));
}

TEST(Collapse, a_network_that_bends_is_none) {
  for (const char* text : {"linear(20), relu, linear(4)", "linear(20), tanh, linear(4)", "linear(20), hardtanh, linear(4)", "linear(4), log_softmax"}) {
    nn::Sequential bent = network(text);
    EXPECT_FALSE(nn::collapse(bent)) << text;
  }
}

}  // namespace
}  // namespace rectify
