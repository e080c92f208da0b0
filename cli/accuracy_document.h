// Results of rectify verify as a page to read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/output.h"

namespace rectify::cli {

/// The lines of a file that `rectify verify --out` wrote. A last line that was cut off by the end of the program is left out; throws ArgumentError
/// naming `option` for any other that is not a result, and FileError if the file cannot be read.
std::vector<Json> read_results(std::string_view option, const std::string& file);

/// A page in Markdown: the note, and for each type and kind of inputs the command that makes the results, the totals, and a table with one row for each activation.
/// Of two results for the same, the later counts.
std::string accuracy_document(const std::vector<Json>& results, std::string_view note);

}  // namespace rectify::cli
