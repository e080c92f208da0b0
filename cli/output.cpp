#include "cli/output.h"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <memory>
#include <set>
#include <system_error>

#include <unistd.h>

#include "rectify/base/error.h"
#include "rectify/base/files.h"
#include "rectify/base/warning.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;

/// Removes a probe file and the folders that were made for it, innermost first.
struct Cleaner {
  fs::path file;
  std::vector<fs::path> folders;
  ~Cleaner() {
    std::error_code ignored;
    fs::remove(file, ignored);
    for (const fs::path& folder : folders) fs::remove(folder, ignored);
  }
};

}  // namespace

void print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) throw FileError("[print] cannot write to standard output: " + std::generic_category().message(errno) + ".");
}

void print_json(const Json& json) { print(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"); }

void complain(std::string_view message) { say("rectify: " + std::string(message)); }

void say(std::string_view line) {
  // One write, so that lines of several processes do not mix; nothing can be done if standard error is gone.
  const std::string text = std::string(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void show_warnings() {
  set_warning_sink([shown = std::make_shared<std::set<std::string, std::less<>>>()](std::string_view message) {
    if (shown->emplace(message).second) complain("warning: " + std::string(message));
  });
}

Json json_number(std::optional<double> number) { return number && std::isfinite(*number) ? Json(*number) : Json(nullptr); }

void require_other_folder(const fs::path& read, const fs::path& out) {
  std::error_code missing;
  if (fs::equivalent(read, out, missing)) throw ArgumentError("[--out] " + out.string() + " is the run itself. Choose another folder.");
}

void require_writable_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
    throw FileError("[--out] " + folder.string() + " is a file, not a folder. Choose another name.");
  }
  Cleaner cleaner;
  const fs::path absolute = fs::absolute(folder, error);
  for (fs::path parent = absolute; !fs::exists(parent, error); parent = parent.parent_path()) {
    cleaner.folders.push_back(parent);
    if (parent == parent.parent_path()) break;
  }
  cleaner.file = absolute / (".probe." + std::to_string(::getpid()));
  try {
    write_file(cleaner.file, "");
  } catch (const FileError&) {
    const std::string reason = std::generic_category().message(errno);
    throw FileError("[--out] files cannot be written in " + folder.string() + ": " + reason + ". Choose another folder or change its permissions.");
  }
}

void require_writable_file(const fs::path& file) {
  std::error_code error;
  if (file.filename().empty() || fs::is_directory(file, error)) throw FileError("[--out] " + file.string() + " is a folder. Name a file in it.");
  if (fs::exists(file, error) && !fs::is_regular_file(file, error)) return;  // a pipe or a device: found out by writing
  const fs::path parent = file.parent_path();
  require_writable_folder(parent.empty() ? fs::path(".") : parent);
}

}  // namespace rectify::cli
