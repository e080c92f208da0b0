// Reading whole files and writing them safely: every output is written beside its target and renamed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rectify {

/// The bytes of a file. Throws FileError with the path and the system's reason.
std::string read_file(const std::filesystem::path& path);

/// Writes `content` to a temporary file in the target's folder, flushes it and renames it over `path`. Creates missing parent folders.
/// Throws FileError and leaves nothing behind on failure.
void write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace rectify
