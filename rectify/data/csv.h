// CSV (RFC 4180): comma-separated fields, quoted where they hold commas, quotes or line breaks; LF or CRLF; a byte order mark is skipped; blank lines too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/data/labels.h"
#include "rectify/tensor/tensor.h"

namespace rectify::data {

/// Reads records one at a time. Unquoted fields lose the spaces around them. Malformed text throws ArgumentError with file and line.
class CsvReader {
 public:
  /// `text` must outlive the reader; `name` is for messages. `header` says whether the first record names the columns; by default it does unless one of its
  /// fields is a number. Columns without a name (or a header) are called x1, x2, ... by their place. Throws for an empty file and for names that occur twice.
  CsvReader(std::string_view text, std::string name, std::optional<bool> header = std::nullopt);

  const std::vector<std::string>& columns() const { return columns_; }
  bool has_header() const { return has_header_; }

  /// The next record, or false at the end. The fields are valid until the next call; there are as many as columns, or it throws.
  bool next(std::vector<std::string_view>& fields);

  /// The line on which the last record began, counted from 1.
  int64_t line() const { return record_line_; }

 private:
  bool read_record(std::vector<std::string_view>& fields);
  std::string_view read_quoted();

  std::string_view text_;
  std::string name_;
  size_t position_ = 0;
  int64_t line_ = 1, record_line_ = 1;
  bool has_header_ = false;
  std::vector<std::string> columns_;
  std::vector<std::string> unquoted_;  // fields whose doubled quotes were undone
  size_t unquoted_count_ = 0;
};

/// The number that a field is, if it is one: decimal, with blanks around it allowed; also inf and nan in the usual spellings.
std::optional<double> parse_number(std::string_view field);

/// A file of features, and of labels if there is a label column.
struct Table {
  std::string name;                        ///< of the file, for messages
  std::vector<std::string> feature_names;  ///< in the order of `values`
  Tensor values;                           ///< float64 (n, features)
  std::vector<int64_t> lines;              ///< where each row stands in the file
  std::string label_name;
  int64_t label_index = -1;                ///< the label's place among the file's columns; -1 if there is none
  bool has_header = false;
  Labels labels;                           ///< empty if there is no label column
};

struct TableOptions {
  /// The label column's name; by default the column `label`, or else the last one.
  std::optional<std::string> label = std::nullopt;
  std::optional<bool> header = std::nullopt;
};

/// The table in `text`. Fails for anything a CsvReader refuses, fewer than two columns, no rows, a label column that is not there, and a feature that is not a
/// finite number: with file, line, column and value.
Result<Table> parse_table(std::string_view text, std::string_view name, const TableOptions& options = {});

/// What a table must look like to be fed to a network that was trained on another one.
struct TableLayout {
  std::vector<std::string> feature_names;
  std::string label_name;
  int64_t label_index = -1;
};

/// The table in `text` with the features of `layout` in its order: matched by name if the file has a header, else by place. The label column may be absent.
/// Fails for missing and for unknown columns, with suggestions.
Result<Table> parse_table_as(std::string_view text, std::string_view name, const TableLayout& layout, std::optional<bool> header = std::nullopt);

/// The same from a file; throws FileError if it cannot be read and ArgumentError for bad content.
Table read_table(const std::filesystem::path& path, const TableOptions& options = {});
Table read_table_as(const std::filesystem::path& path, const TableLayout& layout, std::optional<bool> header = std::nullopt);

}  // namespace rectify::data
