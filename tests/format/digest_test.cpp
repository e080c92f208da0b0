#include "rectify/format/digest.h"

#include <gtest/gtest.h>

#include <bit>

#include "rectify/base/error.h"

namespace rectify::format {
namespace {

TEST(Sha256, the_examples_of_the_standard_come_out) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, pieces_give_the_digest_of_the_whole) {
  Sha256 hash;
  hash.update("a").update("").update("bc");
  EXPECT_EQ(hash.finish(), sha256("abc"));
}

TEST(WeightsSha256, it_is_the_digest_of_the_documented_bytes) {
  const Tensor weight = Tensor::from(std::vector<float>{1.0f, -2.0f}, Shape{1, 2});
  const Tensor count = Tensor::from(std::vector<int64_t>{258}, Shape{});
  const auto number = [](char value) { return std::string(1, value) + std::string(7, '\0'); };
  const std::string bytes = number(8) + "0.weight" + number(7) + "float32" + number(2) + number(1) + number(2) +
                            std::string("\x00\x00\x80\x3f\x00\x00\x00\xc0", 8) +
                            number(1) + "n" + number(5) + "int64" + number(0) + std::string("\x02\x01\0\0\0\0\0\0", 8);
  EXPECT_EQ(weights_sha256(std::vector<NamedTensor>{{"0.weight", weight}, {"n", count}}), sha256(bytes));
  EXPECT_EQ(weights_sha256({}), sha256(""));
}

TEST(WeightsSha256, everything_that_tells_weights_apart_changes_it) {
  const auto digest = [](const std::string& name, const std::vector<float>& values, const Shape& shape) {
    return weights_sha256(std::vector<NamedTensor>{{name, Tensor::from(values, shape)}});
  };
  const std::string reference = digest("w", {1, 0}, Shape{2});
  EXPECT_EQ(reference, digest("w", {1, 0}, Shape{2}));
  EXPECT_NE(reference, digest("v", {1, 0}, Shape{2}));
  EXPECT_NE(reference, digest("w", {1, -0.0f}, Shape{2}));
  EXPECT_NE(reference, digest("w", {1, 0}, Shape{2, 1}));
  EXPECT_NE(reference, weights_sha256(std::vector<NamedTensor>{{"w", Tensor::from(std::vector<double>{1, 0}, Shape{2})}}));
  const Tensor a(1.0), b(2.0);
  EXPECT_NE(weights_sha256(std::vector<NamedTensor>{{"a", a}, {"b", b}}), weights_sha256(std::vector<NamedTensor>{{"b", b}, {"a", a}}));
}

TEST(WeightsSha256, the_payload_of_NaN_does_not_count) {
  const auto digest = [](auto bits_of_nan) {
    using Float = std::conditional_t<sizeof(bits_of_nan) == 4, float, double>;
    return weights_sha256(std::vector<NamedTensor>{{"w", Tensor::from(std::vector<Float>{std::bit_cast<Float>(bits_of_nan)}, Shape{1})}});
  };
  EXPECT_EQ(digest(uint32_t{0x7fc00000}), digest(uint32_t{0xffc12345}));
  EXPECT_EQ(digest(uint64_t{0x7ff8000000000000}), digest(uint64_t{0xfff8000000000abc}));
}

TEST(WeightsSha256, an_undefined_tensor_is_refused) {
  EXPECT_THROW(weights_sha256(std::vector<NamedTensor>{{"w", Tensor()}}), ArgumentError);
}

}  // namespace
}  // namespace rectify::format
