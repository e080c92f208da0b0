#include "rectify/base/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rectify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Words, are_what_stands_between_spaces) {
  EXPECT_THAT(words("relu  leaky_relu elu"), ElementsAre("relu", "leaky_relu", "elu"));
  EXPECT_THAT(words(" one "), ElementsAre("one"));
  EXPECT_THAT(words("   "), IsEmpty());
  EXPECT_THAT(words(""), IsEmpty());
}

TEST(Words, folded_names_ignore_case_and_separators) {
  EXPECT_EQ(folded("Leaky-ReLU"), "leakyrelu");
  EXPECT_EQ(folded("hard_tanh 2"), "hardtanh2");
  EXPECT_EQ(folded("_- "), "");
}

}  // namespace
}  // namespace rectify
