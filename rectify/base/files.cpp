#include "rectify/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "rectify/base/error.h"

namespace rectify {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* function, const char* what, const fs::path& path, int error) {
  throw FileError(std::string("[") + function + "] cannot " + what + " " + path.string() + ": " + std::generic_category().message(error) + ".");
}

// Closes on every way out; close() itself is checked where a late write error may show up there.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }
  bool close() {
    const int value = value_;
    value_ = -1;
    return ::close(value) == 0;
  }

 private:
  int value_;
};

void write_all(int descriptor, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write_file", "write", path, errno);
    content.remove_prefix(static_cast<size_t>(written));
  }
}

// Removes what was made so far unless the whole write succeeded.
struct Undo {
  fs::path temporary;
  std::vector<fs::path> folders;  // outermost first
  bool armed = true;

  ~Undo() {
    if (!armed) return;
    std::error_code ignored;
    if (!temporary.empty()) fs::remove(temporary, ignored);
    for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) fs::remove(*folder, ignored);
  }
};

void create_folders(const fs::path& folder, Undo& undo) {
  if (folder.empty()) return;
  struct stat status {};
  if (::stat(folder.c_str(), &status) == 0) return;
  create_folders(folder.parent_path() == folder ? fs::path() : folder.parent_path(), undo);
  if (::mkdir(folder.c_str(), 0777) == 0) {
    undo.folders.push_back(folder);
  } else if (errno != EEXIST) {
    fail("write_file", "create the folder", folder, errno);
  }
}

}  // namespace

std::string read_file(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail("read_file", "open", path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail("read_file", "read", path, errno);
  if (S_ISDIR(status.st_mode)) fail("read_file", "read", path, EISDIR);

  // The size is only a hint: pipes and files in /proc say 0, and a file can grow while it is read.
  std::string content;
  size_t size = 0;
  content.resize(static_cast<size_t>(status.st_size) + 1);
  for (;;) {
    if (size == content.size()) content.resize(content.size() + content.size() / 2 + 65536);
    const ssize_t got = ::read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read_file", "read", path, errno);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  content.resize(size);
  return content;
}

void write_file(const fs::path& path, std::string_view content) {
  if (path.empty()) throw FileError("[write_file] the path is empty. Give the file a name.");
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) fail("write_file", "write", path, EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {  // a device or a pipe takes the bytes but must not be replaced by a file
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (file.get() < 0) fail("write_file", "open", path, errno);
    write_all(file.get(), content, path);
    if (!file.close()) fail("write_file", "write", path, errno);
    return;
  }

  // A link is followed, so that it stays a link and its target gets the content.
  std::error_code error;
  const fs::path target = exists ? fs::canonical(path, error) : path;
  if (error) fail("write_file", "write", path, error.value());

  Undo undo;
  create_folders(target.parent_path(), undo);
  static std::atomic<unsigned> counter{0};
  const fs::path temporary = target.parent_path() / ("." + target.filename().string().substr(0, 128) + "." + std::to_string(::getpid()) + "." +
                                                     std::to_string(counter++) + ".partial");
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.get() < 0) fail("write_file", "create", path, errno);
  undo.temporary = temporary;
  if (exists && ::fchmod(file.get(), status.st_mode & 07777) != 0) fail("write_file", "write", path, errno);
  write_all(file.get(), content, path);
  if (::fsync(file.get()) != 0) fail("write_file", "write", path, errno);
  if (!file.close()) fail("write_file", "write", path, errno);
  if (::rename(temporary.c_str(), target.c_str()) != 0) fail("write_file", "write", path, errno);
  undo.armed = false;
}

}  // namespace rectify
