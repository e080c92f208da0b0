// What the tests of the data layer share.
#pragma once

#include <gmock/gmock.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "rectify/base/files.h"
#include "tests/support/message_of.h"

namespace rectify::data {

using test::message_of;

/// A folder that is removed with its content after each test.
class WithFolder : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / ("rectify_data_" + std::to_string(::getpid()) + "_" + test->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Writes a file and gives its path.
  std::string file(const std::string& name, std::string_view content) const {
    write_file(folder_ / name, content);
    return (folder_ / name).string();
  }

  std::filesystem::path folder_;
};

/// `content` as gzip.
inline std::string compressed(std::string_view content) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

/// An IDX file's head: the type's code and the sizes.
inline std::string idx_head(unsigned char type, std::initializer_list<uint32_t> sizes) {
  std::string head{'\0', '\0', static_cast<char>(type), static_cast<char>(sizes.size())};
  for (const uint32_t size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) head += static_cast<char>(size >> shift & 0xff);
  }
  return head;
}

}  // namespace rectify::data
