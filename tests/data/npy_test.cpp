#include "rectify/data/npy.h"

#include <cmath>
#include <cstring>

#include "tests/data/support.h"

namespace rectify::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A file with this header text, version 1.
std::string npy(const std::string& header, std::string_view elements, char version = 1) {
  std::string out = std::string("\x93NUMPY") + version + '\0';
  out += static_cast<char>(header.size());
  out += static_cast<char>(header.size() >> 8);
  if (version > 1) out += std::string(2, '\0');
  return out + header + std::string(elements);
}

std::string typed(const std::string& type, const std::string& shape, std::string_view elements, const char* fortran = "False") {
  return npy("{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n", elements);
}

Tensor parsed(const std::string& bytes) { return parse_npy(bytes, "a.npy").or_throw(); }

std::string failure(const std::string& bytes) {
  const auto result = parse_npy(bytes, "a.npy");
  return result ? "no failure" : result.error();
}

TEST(Npy, every_type_is_read_in_both_byte_orders) {
  EXPECT_THAT(parsed(typed("<f4", "(1,)", std::string_view("\x00\x00\xc0\xbf", 4))).values<float>(), ElementsAre(-1.5f));
  EXPECT_THAT(parsed(typed(">f4", "(1,)", std::string_view("\xbf\xc0\x00\x00", 4))).values<float>(), ElementsAre(-1.5f));
  EXPECT_THAT(parsed(typed("<f8", "(1,)", std::string_view("\x00\x00\x00\x00\x00\x00\xe0\x3f", 8))).values<double>(), ElementsAre(0.5));
  EXPECT_THAT(parsed(typed(">f8", "(1,)", std::string_view("\x3f\xe0\x00\x00\x00\x00\x00\x00", 8))).values<double>(), ElementsAre(0.5));
  EXPECT_THAT(parsed(typed("<i2", "(2,)", std::string_view("\xfe\xff\x00\x01", 4))).values<int64_t>(), ElementsAre(-2, 256));
  EXPECT_THAT(parsed(typed(">i4", "(1,)", std::string_view("\xff\xff\xff\xfd", 4))).values<int64_t>(), ElementsAre(-3));
  EXPECT_THAT(parsed(typed("<i8", "(1,)", std::string_view("\x00\x00\x00\x00\x00\x00\x00\x80", 8))).values<int64_t>(), ElementsAre(INT64_MIN));
  EXPECT_THAT(parsed(typed("|i1", "(1,)", "\xff")).values<int64_t>(), ElementsAre(-1));
  EXPECT_THAT(parsed(typed("<u2", "(1,)", "\xff\xff")).values<int64_t>(), ElementsAre(65535));
  EXPECT_THAT(parsed(typed("|u1", "(2,)", "\xff\x01")).values<uint8_t>(), ElementsAre(255, 1));
  EXPECT_THAT(parsed(typed("|b1", "(2,)", std::string_view("\x01\x00", 2))).values<uint8_t>(), ElementsAre(1, 0));
}

TEST(Npy, half_precision_is_exact_from_subnormals_to_infinity) {
  const Tensor array = parsed(typed("<f2", "(6,)", std::string_view("\x00\x3c\x01\x00\xff\x03\x00\xfc\xff\x7b\x00\x80", 12)));
  ASSERT_EQ(array.dtype(), DType::float16);
  const Tensor single = array.to(DType::float32);
  EXPECT_THAT(single.values<float>(), ElementsAre(1.0f, 0x1p-24f, 1023 * 0x1p-24f, -INFINITY, 65504.0f, 0.0f));
  EXPECT_TRUE(std::signbit(single.values<float>()[5]));
}

TEST(Npy, fortran_order_is_turned_into_c_order) {
  // [[1, 2, 3], [4, 5, 6]] column by column, and the same idea with three axes.
  EXPECT_THAT(parsed(typed("|u1", "(2, 3)", "\x01\x04\x02\x05\x03\x06", "True")).values<uint8_t>(), ElementsAre(1, 2, 3, 4, 5, 6));
  const Tensor cube = parsed(typed("|u1", "(2, 2, 2)", "\x01\x05\x03\x07\x02\x06\x04\x08", "True"));
  EXPECT_THAT(cube.values<uint8_t>(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST(Npy, versions_1_to_3_and_other_spellings_of_the_header_are_read) {
  for (const char version : {1, 2, 3}) {
    EXPECT_EQ(parsed(npy("{\"shape\":(2L,),'fortran_order':False,'descr':'|u1'}   \n", "ab", version)).shape(), (Shape{2}));
  }
  EXPECT_EQ(parsed(typed("|u1", "()", "a")).rank(), 0);
  EXPECT_EQ(parsed(typed("|u1", "(0, 3)", "")).shape(), (Shape{0, 3}));
}

TEST(Npy, what_was_written_is_read_back_bit_for_bit) {
  const Tensor singles = Tensor::from(std::vector<float>{1.5f, -0.0f, INFINITY, 0x1p-149f, 3e38f, 0.1f}, Shape{2, 3});
  const Tensor doubles = Tensor::from(std::vector<double>{0.1, -1e308}, Shape{2});
  const Tensor whole = Tensor::from(std::vector<int64_t>{INT64_MIN, INT64_MAX, 0}, Shape{3, 1, 1});
  for (const Tensor& array : {singles, doubles, whole, Tensor(2.0), Tensor::from(std::vector<uint8_t>{1, 255}, Shape{2})}) {
    const std::string bytes = npy_bytes(array);
    const Tensor again = parsed(bytes);
    EXPECT_EQ(again.shape(), array.shape());
    ASSERT_EQ(again.dtype(), array.dtype());
    EXPECT_EQ(std::memcmp(again.raw(), array.raw(), static_cast<size_t>(array.size()) * size_of(array.dtype())), 0);
    EXPECT_EQ((bytes.size() - static_cast<size_t>(array.size()) * size_of(array.dtype())) % 64, 0u);
  }
}

// The bytes that NumPy 1.24's numpy.save gives for numpy.array([[1, 2], [3, 4]], dtype='<f4').
TEST(Npy, the_written_bytes_are_those_of_numpy) {
  std::string expected("\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", 69);
  expected.resize(127, ' ');
  expected += std::string("\n\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x40\x40\x00\x00\x80\x40", 17);
  EXPECT_EQ(npy_bytes(Tensor::from(std::vector<float>{1, 2, 3, 4}, Shape{2, 2})), expected);
}

TEST(Npy, truncated_and_longer_files_are_refused) {
  const std::string good = typed("<f4", "(2,)", std::string(8, '\0'));
  for (size_t length = 6; length < good.size(); ++length) EXPECT_THAT(failure(good.substr(0, length)), HasSubstr("truncated")) << length;
  EXPECT_THAT(failure(good.substr(0, 5)), HasSubstr("wrong magic number"));
  EXPECT_THAT(failure(good + "x"), HasSubstr("longer than its array: the header promises 8 bytes, but 9 follow it"));
}

TEST(Npy, sizes_that_overflow_are_refused) {
  EXPECT_THAT(failure(typed("<f8", "(4611686018427387904, 4611686018427387904)", "")), HasSubstr("more than 2^64 bytes"));
  EXPECT_THAT(failure(typed("<f8", "(99999999999999999999,)", "")), HasSubstr("malformed"));
  EXPECT_THAT(failure(typed("<f8", "(144115188075855872, 0)", "")), HasSubstr("too long"));
  EXPECT_THAT(failure(typed("<f8", "(1, 1, 1, 1, 1, 1, 1)", std::string(8, 'a'))), HasSubstr("more than 6 axes"));
}

TEST(Npy, malformed_headers_and_other_types_are_refused) {
  for (const char* header : {"", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': Maybe, 'shape': ()}", "{'descr': '<f4', 'fortran_order': True, 'shape': (-1,)}",
                             "{'descr': '<f4', 'fortran_order': True, 'shape': (1,)} x", "{'descr': '<f4', 'descr': '<f4'}", "{'descr': '<f4"}) {
    EXPECT_THAT(failure(npy(header, "abcd")), HasSubstr("the header is malformed")) << header;
  }
  for (const char* type : {"<c8", "|O", "<U4", "<f16", "<M8", "f4", "<i3", "", "<V4"}) EXPECT_THAT(failure(typed(type, "(1,)", "abcd")), HasSubstr("are not supported")) << type;
  EXPECT_THAT(failure(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "abcd")), HasSubstr("records"));
  EXPECT_THAT(failure(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "abcd", 4)), HasSubstr("version 4.0"));
  EXPECT_THAT(failure(typed("<u8", "(1,)", "\xff\xff\xff\xff\xff\xff\xff\xff")), HasSubstr("18446744073709551615, beyond int64"));
}

class NpyFiles : public WithFolder {};

TEST_F(NpyFiles, arrays_go_through_files) {
  write_npy(folder_ / "x.npy", Tensor::from(std::vector<double>{1, 2}, Shape{2}));
  EXPECT_THAT(read_npy(folder_ / "x.npy").values<double>(), ElementsAre(1, 2));
  EXPECT_THAT(message_of<FileError>([&] { read_npy(folder_ / "y.npy"); }), HasSubstr("y.npy: No such file"));
  EXPECT_THAT(message_of<ArgumentError>([&] { read_npy(file("z.npy", "text")); }), HasSubstr("z.npy: wrong magic number"));
}

}  // namespace
}  // namespace rectify::data
