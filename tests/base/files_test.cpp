#include "rectify/base/files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "rectify/base/error.h"

namespace rectify {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("rectify_files_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string message(const std::function<void()>& action) {
    try {
      action();
    } catch (const FileError& error) {
      return error.what();
    }
    return "no FileError";
  }
  size_t entries() const { return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator())); }

  fs::path folder_;
};

TEST_F(Files, what_was_written_is_read_back_with_all_its_bytes) {
  std::string content(3'000'001, 'x');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31);
  for (const std::string& text : {content, std::string(), std::string("\0a\r\n", 4)}) {
    write_file(folder_ / "a", text);
    EXPECT_EQ(read_file(folder_ / "a"), text);
  }
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, missing_parent_folders_are_created) {
  write_file(folder_ / "b" / "c" / "d.txt", "1");
  EXPECT_EQ(read_file(folder_ / "b" / "c" / "d.txt"), "1");
}

TEST_F(Files, a_missing_file_is_an_error_with_its_path_and_the_reason) {
  const std::string text = message([&] { read_file(folder_ / "nothing.txt"); });
  EXPECT_THAT(text, HasSubstr("[read_file] cannot open"));
  EXPECT_THAT(text, HasSubstr("nothing.txt: No such file or directory."));
}

TEST_F(Files, a_folder_is_neither_read_nor_replaced) {
  EXPECT_THAT(message([&] { read_file(folder_); }), HasSubstr("Is a directory"));
  EXPECT_THAT(message([&] { write_file(folder_, "x"); }), HasSubstr("Is a directory"));
  EXPECT_TRUE(fs::is_directory(folder_));
}

TEST_F(Files, a_failed_write_leaves_nothing_behind) {
  write_file(folder_ / "plain", "x");
  EXPECT_THAT(message([&] { write_file(folder_ / "plain" / "below" / "y", "y"); }), HasSubstr("[write_file] cannot"));
  // A name too long for the file system shows up after the parent folders were created.
  EXPECT_EQ(message([&] { write_file(folder_ / "new" / "deep" / std::string(255, 'n'), "y"); }), "no FileError");
  fs::remove_all(folder_ / "new");
  EXPECT_THAT(message([&] { write_file(folder_ / "new" / "deep" / std::string(256, 'n'), "y"); }), HasSubstr("File name too long"));
  EXPECT_FALSE(fs::exists(folder_ / "new"));
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, the_target_keeps_its_content_until_the_new_one_is_complete_and_its_mode_after_that) {
  const fs::path path = folder_ / "kept";
  write_file(path, "old");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  struct stat before {}, after {};
  ASSERT_EQ(::stat(path.c_str(), &before), 0);
  write_file(path, "new");
  ASSERT_EQ(::stat(path.c_str(), &after), 0);
  EXPECT_NE(before.st_ino, after.st_ino) << "the file was overwritten in place";
  EXPECT_EQ(after.st_mode & 0777, 0600u);
  EXPECT_EQ(read_file(path), "new");
}

TEST_F(Files, a_link_stays_a_link_and_its_target_gets_the_content) {
  write_file(folder_ / "target", "old");
  fs::create_symlink(folder_ / "target", folder_ / "link");
  write_file(folder_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(read_file(folder_ / "target"), "new");
}

TEST_F(Files, a_device_is_written_to_and_not_replaced) {
  if (fs::is_character_file("/dev/full")) {
    EXPECT_THAT(message([&] { write_file("/dev/full", "x"); }), HasSubstr("/dev/full: No space left on device."));
    EXPECT_TRUE(fs::is_character_file("/dev/full"));
  }
  EXPECT_EQ(message([&] { write_file("/dev/null", "x"); }), "no FileError");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace rectify
