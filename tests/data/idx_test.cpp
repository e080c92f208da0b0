#include "rectify/data/idx.h"

#include "tests/data/support.h"

namespace rectify::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string failure(std::string_view bytes) {
  const auto result = parse_idx(bytes, "a.idx");
  return result ? "no failure" : result.error();
}

const std::string six_bytes = idx_head(8, {2, 3}) + std::string("\x01\x02\x03\x04\x05\xff", 6);

TEST(Idx, bytes_become_an_array_of_the_shape_in_the_header) {
  for (const std::string& bytes : {six_bytes, compressed(six_bytes)}) {
    const Tensor array = parse_idx(bytes, "a").or_throw();
    EXPECT_EQ(array.shape(), (Shape{2, 3}));
    EXPECT_THAT(array.values<uint8_t>(), ElementsAre(1, 2, 3, 4, 5, 255));
  }
}

TEST(Idx, every_element_type_is_read_big_endian_with_its_sign) {
  EXPECT_THAT(parse_idx(idx_head(9, {2}) + std::string("\xff\x7f", 2), "a").or_throw().values<int64_t>(), ElementsAre(-1, 127));
  EXPECT_THAT(parse_idx(idx_head(0x0B, {2}) + std::string("\xff\xfe\x01\x00", 4), "a").or_throw().values<int64_t>(), ElementsAre(-2, 256));
  EXPECT_THAT(parse_idx(idx_head(0x0C, {1}) + std::string("\x80\x00\x00\x00", 4), "a").or_throw().values<int64_t>(), ElementsAre(-2147483648LL));
  EXPECT_THAT(parse_idx(idx_head(0x0D, {1}) + std::string("\xbf\xc0\x00\x00", 4), "a").or_throw().values<float>(), ElementsAre(-1.5f));
  EXPECT_THAT(parse_idx(idx_head(0x0E, {1}) + std::string("\x3f\xe0\x00\x00\x00\x00\x00\x00", 8), "a").or_throw().values<double>(), ElementsAre(0.5));
}

TEST(Idx, a_truncated_file_is_refused_at_every_length) {
  for (size_t length = 0; length < six_bytes.size(); ++length) EXPECT_THAT(failure(six_bytes.substr(0, length)), HasSubstr("truncated")) << length;
  const std::string gzip = compressed(six_bytes);
  for (size_t length = 2; length < gzip.size(); ++length) EXPECT_THAT(failure(gzip.substr(0, length)), HasSubstr("truncated")) << length;
  EXPECT_EQ(failure(six_bytes.substr(0, 15)),
            "[idx] a.idx: the file is truncated or its header is wrong: the header promises 2 x 3 elements of 1 bytes, but at most 3 bytes follow it. Fetch the file again.");
}

TEST(Idx, trailing_bytes_are_refused_plain_and_compressed) {
  EXPECT_THAT(failure(six_bytes + "x"), HasSubstr("bytes follow after the 18 that the header promises"));
  EXPECT_THAT(failure(compressed(six_bytes + "x")), HasSubstr("bytes follow after the 18 that the header promises"));
  EXPECT_THAT(failure(compressed(six_bytes) + "xyz"), HasSubstr("3 bytes follow the compressed data"));
}

TEST(Idx, a_file_of_several_gzip_members_is_one_file) {
  EXPECT_EQ(failure(compressed(six_bytes.substr(0, 5)) + compressed(six_bytes.substr(5))), "no failure");
}

TEST(Idx, a_wrong_magic_number_type_or_number_of_axes_is_refused) {
  EXPECT_THAT(failure("PNG and so on"), HasSubstr("wrong magic number: the first two bytes are 80 and 78"));
  EXPECT_THAT(failure(idx_head(7, {1}) + "a"), HasSubstr("element type 7 is not one of IDX's"));
  EXPECT_THAT(failure(idx_head(8, {}) + "a"), HasSubstr("0 axes"));
  EXPECT_THAT(failure(idx_head(8, {1, 1, 1, 1, 1, 1, 1}) + "a"), HasSubstr("7 axes; 1 to 6 are supported"));
  EXPECT_THAT(failure(idx_head(8, {0, 28, 28})), HasSubstr("one of its sizes is 0"));
}

TEST(Idx, sizes_that_the_file_cannot_hold_are_refused_before_memory_is_asked_for) {
  EXPECT_THAT(failure(idx_head(8, {0xffffffff, 0xffffffff})), HasSubstr("the header promises 4294967295 x 4294967295 elements"));
  EXPECT_THAT(failure(idx_head(14, {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff})), HasSubstr("the header promises"));
  EXPECT_THAT(failure(compressed(idx_head(8, {0xffffffff, 1000}) + "abc")), HasSubstr("the header promises 4294967295 x 1000 elements"));
}

TEST(Idx, a_damaged_gzip_stream_is_refused) {
  std::string gzip = compressed(idx_head(8, {1000}) + std::string(1000, 'a'));
  gzip[gzip.size() - 6] ^= 1;  // in the check sum
  EXPECT_THAT(failure(gzip), HasSubstr("the compressed data are damaged"));
}

TEST(Idx, more_than_the_header_promises_is_not_decompressed) {
  // A bomb: 64 MiB of zeros behind a header that says one byte. Refused at the second byte.
  EXPECT_THAT(failure(compressed(idx_head(8, {1}) + std::string(64 << 20, '\0'))), HasSubstr("bytes follow after the 9"));
}

TEST(Idx, a_missing_file_is_a_file_error) {
  EXPECT_THAT(message_of<FileError>([] { read_idx("/nowhere/images.gz"); }), HasSubstr("cannot open /nowhere/images.gz: No such file"));
}

}  // namespace
}  // namespace rectify::data
