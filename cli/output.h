// What the program says: results on standard output, everything else on standard error. A closed or full output is an error like any other.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace rectify::cli {

using Json = nlohmann::ordered_json;

/// Writes to standard output; throws FileError if it cannot.
void print(std::string_view text);
/// One document and a line break. Text that is not UTF-8 has the offending bytes replaced.
void print_json(const Json& json);

/// `rectify: MESSAGE` on standard error.
void complain(std::string_view message);
/// A plain line on standard error.
void say(std::string_view line);

/// From now on the library's warnings appear on standard error as `rectify: warning: ...`, each once.
void show_warnings();

/// The number, or null where there is none: JSON has no NaN and no infinities.
Json json_number(std::optional<double> number);

/// Throws FileError if files cannot be written in the folder; whatever was made to find out is removed again.
void require_writable_folder(const std::filesystem::path& folder);
/// Throws ArgumentError if `out` is the folder that is read, which would be lost.
void require_other_folder(const std::filesystem::path& read, const std::filesystem::path& out);
/// Throws FileError if files cannot be written in the folder of a file, which itself must not be a folder.
void require_writable_file(const std::filesystem::path& file);

}  // namespace rectify::cli
