#include "rectify/format/safetensors.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>

#include "rectify/base/files.h"

namespace rectify::format {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string file_of(const std::string& header, const std::string& elements = "") {
  std::string bytes(8, '\0');
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> (8 * i) & 0xff);
  return bytes + header + elements;
}

std::string failure_of(const std::string& bytes) {
  const auto content = read_safetensors(bytes);
  return content ? "it was read" : content.error();
}

Safetensors example() {
  return {{{"0.weight", Tensor::from(std::vector<float>{1.0f, -2.5f, 0.0f, -0.0f, 1e-45f, INFINITY}, Shape{2, 3})},
           {"0.bias", Tensor::from(std::vector<double>{0.1, -1e300}, Shape{2})},
           {"steps", Tensor::from(std::vector<int64_t>{-7}, Shape{})},
           {"empty", Tensor::zeros(Shape{0, 4})},
           {"mask", Tensor::from(std::vector<uint8_t>{0, 255, 3}, Shape{3, 1})}},
          {{"network", "linear(2), relu"}, {"a \"quoted\" key", "\xC3\xA9\n"}}};
}

TEST(Safetensors, the_bytes_are_those_of_the_format) {
  const Safetensors content{{{"w", Tensor::from(std::vector<float>{1.0f, -2.0f}, Shape{1, 2})}, {"k", Tensor::from(std::vector<uint8_t>{9}, Shape{})}},
                            {{"net", "relu"}}};
  const std::string header =
      R"({"__metadata__":{"net":"relu"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"k":{"dtype":"U8","shape":[],"data_offsets":[8,9]}})";
  ASSERT_EQ(header.size() % 8, 1u);
  const std::string elements("\x00\x00\x80\x3f\x00\x00\x00\xc0\x09", 9);
  EXPECT_EQ(write_safetensors(content), file_of(header + "       ", elements));
}

TEST(Safetensors, the_elements_begin_at_a_multiple_of_eight_whatever_the_header) {
  for (size_t length = 0; length < 9; ++length) {
    const std::string bytes = write_safetensors({{{std::string(length, 'n'), Tensor(1.0)}}, {}});
    EXPECT_EQ((bytes.size() - 4) % 8, 0u);
    EXPECT_TRUE(read_safetensors(bytes));
  }
}

TEST(Safetensors, what_was_written_is_read_back_to_the_last_bit_and_in_order) {
  const Safetensors content = example();
  const std::string bytes = write_safetensors(content);
  const auto again = read_safetensors(bytes);
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(again->metadata, content.metadata);
  ASSERT_EQ(again->tensors.size(), content.tensors.size());
  for (size_t i = 0; i < content.tensors.size(); ++i) {
    const Tensor &expected = content.tensors[i].tensor, &actual = again->tensors[i].tensor;
    EXPECT_EQ(again->tensors[i].name, content.tensors[i].name);
    ASSERT_EQ(actual.dtype(), expected.dtype());
    ASSERT_EQ(actual.shape(), expected.shape());
    EXPECT_EQ(std::memcmp(actual.raw(), expected.raw(), static_cast<size_t>(expected.size()) * size_of(expected.dtype())), 0);
  }
  EXPECT_EQ(write_safetensors(*again), bytes);
}

TEST(Safetensors, nothing_but_metadata_is_a_file_too) {
  const auto content = read_safetensors(write_safetensors({}));
  ASSERT_TRUE(content);
  EXPECT_TRUE(content->tensors.empty());
  EXPECT_TRUE(read_safetensors(file_of("{}"))) << "without padding, as other writers do";
}

TEST(Safetensors, the_payload_of_NaN_is_not_stored) {
  const float payload = std::bit_cast<float>(0xffc12345u);
  const std::string bytes = write_safetensors({{{"x", Tensor::from(std::vector<float>{payload}, Shape{1})}}, {}});
  EXPECT_EQ(bytes.substr(bytes.size() - 4), std::string("\x00\x00\xc0\x7f", 4));
}

TEST(Safetensors, tensors_come_in_the_order_of_their_bytes_not_of_the_header) {
  const auto content = read_safetensors(
      file_of(R"({"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"a":{"data_offsets":[0,1],"shape":[1],"dtype":"U8"}})", "xy"));
  ASSERT_TRUE(content) << content.error();
  EXPECT_EQ(content->tensors[0].name, "a");
  EXPECT_EQ(content->tensors[0].tensor.at(0), 'x');
  EXPECT_EQ(content->tensors[1].tensor.at(0), 'y');
}

TEST(Safetensors, writing_refuses_what_the_format_cannot_hold) {
  const Tensor one(1.0);
  EXPECT_THROW(write_safetensors({{{"a", one}, {"a", one}}, {}}), ArgumentError);
  EXPECT_THROW(write_safetensors({{{"__metadata__", one}}, {}}), ArgumentError);
  EXPECT_THROW(write_safetensors({{{"\xff", one}}, {}}), ArgumentError);
  EXPECT_THROW(write_safetensors({{}, {{"key", "\xc3"}}}), ArgumentError);
  EXPECT_THROW(write_safetensors({{{"a", Tensor()}}, {}}), ArgumentError);
}

TEST(Safetensors, every_truncation_of_a_file_is_refused) {
  const std::string bytes = write_safetensors(example());
  for (size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(read_safetensors(std::string_view(bytes).substr(0, size))) << size;
}

TEST(Safetensors, a_header_length_beyond_the_file_is_refused_before_anything_is_allocated) {
  EXPECT_THAT(failure_of(std::string(8, '\xff') + "{}"), AllOf(HasSubstr("18446744073709551615"), HasSubstr("only 2 follow")));
  EXPECT_THAT(failure_of("abc"), HasSubstr("truncated"));
}

TEST(Safetensors, offsets_that_overlap_leave_holes_or_leave_the_file_are_refused) {
  const auto two = [](const char* first, const char* second, const char* elements) {
    return failure_of(file_of(std::string(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)") + first +
                                  R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)" + second + "}}", elements));
  };
  EXPECT_EQ(two("[0,2]", "[2,4]", "wxyz"), "it was read");
  EXPECT_THAT(two("[0,2]", "[1,3]", "wxy"), HasSubstr("overlap"));
  EXPECT_THAT(two("[0,2]", "[0,2]", "wx"), HasSubstr("overlap"));
  EXPECT_THAT(two("[0,2]", "[3,5]", "vwxyz"), HasSubstr("holes"));
  EXPECT_THAT(two("[1,3]", "[3,5]", "vwxyz"), HasSubstr("holes"));
  EXPECT_THAT(two("[0,2]", "[2,4]", "vwxyz"), HasSubstr("belong to none"));
  EXPECT_THAT(two("[0,2]", "[2,9]", "wxyz"), HasSubstr("leave the 4 bytes"));
  EXPECT_THAT(two("[0,2]", "[4,2]", "wxyz"), HasSubstr("leave the 4 bytes"));
  EXPECT_THAT(two("[0,2]", "[2,18446744073709551615]", "wxyz"), HasSubstr("leave the 4 bytes"));
  EXPECT_THAT(two("[0,2]", "[2,3]", "wxy"), AllOf(HasSubstr("\"b\""), HasSubstr("needs 2 bytes"), HasSubstr("span 1")));
}

TEST(Safetensors, shapes_whose_size_overflows_are_refused) {
  const auto shape = [](const char* sizes) {
    return failure_of(file_of(std::string(R"({"a":{"dtype":"F32","shape":)") + sizes + R"(,"data_offsets":[0,0]}})"));
  };
  EXPECT_EQ(shape("[0,5]"), "it was read");
  EXPECT_THAT(shape("[4294967296,4294967296]"), HasSubstr("2^60"));
  EXPECT_THAT(shape("[4611686018427387904,4]"), HasSubstr("2^60"));
  EXPECT_THAT(shape("[0,4294967296,4294967296]"), HasSubstr("2^60"));
  EXPECT_THAT(shape("[18446744073709551615]"), HasSubstr("2^60"));
  EXPECT_THAT(shape("[18446744073709551616]"), HasSubstr("not a whole number"));
  EXPECT_THAT(shape("[-1]"), HasSubstr("negative"));
  EXPECT_THAT(shape("[1.0]"), HasSubstr("not a whole number"));
  EXPECT_THAT(shape("[1,1,1,1,1,1,1]"), HasSubstr("7 axes"));
  EXPECT_THAT(shape("[[1]]"), HasSubstr("array is out of place"));
  EXPECT_THAT(shape("\"1\""), HasSubstr("text is out of place"));
  EXPECT_THAT(shape("null"), HasSubstr("null"));
}

TEST(Safetensors, headers_that_are_not_of_the_format_are_refused_with_the_reason) {
  const auto header = [](const std::string& text) { return failure_of(file_of(text)); };
  EXPECT_THAT(header(""), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(header(" {}"), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(header("{}x"), HasSubstr("not JSON at byte"));
  EXPECT_THAT(header("{\"\xff\":1}"), HasSubstr("not JSON at byte"));
  EXPECT_THAT(header(R"({"a":3})"), HasSubstr("number is out of place"));
  EXPECT_THAT(header(R"({"a":{}})"), HasSubstr("must all be there"));
  EXPECT_THAT(header(R"({"a":{"shape":[],"shape":[]}})"), HasSubstr("\"shape\" occurs twice"));
  EXPECT_THAT(header(R"({"a":{"size":1}})"), HasSubstr("no field \"size\""));
  EXPECT_THAT(header(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}})"), HasSubstr("two numbers"));
  EXPECT_THAT(header(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0,0]}})"), HasSubstr("two numbers"));
  EXPECT_THAT(header(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})"),
              HasSubstr("\"a\" occurs twice"));
  EXPECT_THAT(header(R"({"a":{"dtype":"F8_E4M3","shape":[0],"data_offsets":[0,0]}})"), HasSubstr("F8_E4M3 are not supported"));
  EXPECT_THAT(header(R"({"__metadata__":{"a":1}})"), HasSubstr("number is out of place"));
  EXPECT_THAT(header(R"({"__metadata__":{"a":{}}})"), HasSubstr("object is out of place"));
  EXPECT_THAT(header(R"({"__metadata__":{"a":"","a":""}})"), HasSubstr("metadata key \"a\" occurs twice"));
}

TEST(Safetensors, a_million_brackets_do_not_exhaust_the_stack) {
  EXPECT_THAT(failure_of(file_of("{\"a\":" + std::string(1'000'000, '['))), HasSubstr("array is out of place"));
  std::string objects;
  for (int i = 0; i < 200'000; ++i) objects += "{\"dtype\":";
  EXPECT_THAT(failure_of(file_of(objects)), HasSubstr("object is out of place"));
}

TEST(Safetensors, an_independent_reader_in_python_sees_the_same_content) {
  if (std::system("python3 -c 'import json, struct' > /dev/null 2>&1") != 0) GTEST_SKIP() << "there is no python3";
  const auto folder = std::filesystem::temp_directory_path() / ("rectify_safetensors_" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  write_file(folder / "model.safetensors", write_safetensors(example()));
  write_file(folder / "check.py", R"(
import json, struct, sys
data = open(sys.argv[1], 'rb').read()
(length,) = struct.unpack('<Q', data[:8])
assert (8 + length) % 8 == 0
header = json.loads(data[8:8 + length].decode('utf-8'))
body = data[8 + length:]
assert header.pop('__metadata__') == {'network': 'linear(2), relu', 'a "quoted" key': '\u00e9\n'}
assert list(header) == ['0.weight', '0.bias', 'steps', 'empty', 'mask']
def values(name, code):
    begin, end = header[name]['data_offsets']
    return struct.unpack('<%d%s' % ((end - begin) // struct.calcsize(code), code), body[begin:end])
weight = values('0.weight', 'f')
assert header['0.weight']['dtype'] == 'F32' and header['0.weight']['shape'] == [2, 3]
assert weight[:3] == (1.0, -2.5, 0.0) and str(weight[3]) == '-0.0' and weight[4] == 2.0 ** -149 and weight[5] == float('inf')
assert header['0.bias']['dtype'] == 'F64' and values('0.bias', 'd') == (0.1, -1e300)
assert header['steps'] == {'dtype': 'I64', 'shape': [], 'data_offsets': [40, 48]} and values('steps', 'q') == (-7,)
assert header['empty']['shape'] == [0, 4] and values('empty', 'f') == ()
assert header['mask']['dtype'] == 'U8' and values('mask', 'B') == (0, 255, 3)
assert header['mask']['data_offsets'][1] == len(body)
)");
  const std::string command = "python3 " + (folder / "check.py").string() + " " + (folder / "model.safetensors").string();
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace rectify::format
