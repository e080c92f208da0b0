#include "rectify/data/csv.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <system_error>

#include "rectify/data/text.h"

namespace rectify::data {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

[[noreturn]] void fail(const std::string& name, int64_t line, const std::string& message) {
  throw ArgumentError("[csv] " + name + ", line " + std::to_string(line) + ": " + message);
}

}  // namespace

std::optional<double> parse_number(std::string_view field) {
  field = trimmed(field);
  if (field.size() > 1 && field[0] == '+' && field[1] != '-' && field[1] != '+') field.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (end != field.data() + field.size() || field.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Too large or too small: from_chars does not say which.
    const size_t exponent = field.find_first_of("eE");
    const bool small = exponent != std::string_view::npos ? field[exponent + 1] == '-' : field.find_first_of("123456789") > field.find('.');
    const double magnitude = small ? 0.0 : std::numeric_limits<double>::infinity();
    return field[0] == '-' ? -magnitude : magnitude;
  }
  if (error != std::errc()) return std::nullopt;
  return value;
}

CsvReader::CsvReader(std::string_view text, std::string name, std::optional<bool> header) : text_(text), name_(std::move(name)) {
  if (text_.starts_with("\xEF\xBB\xBF")) position_ = 3;
  const size_t first = position_;
  std::vector<std::string_view> fields;
  if (!read_record(fields)) throw ArgumentError("[csv] " + name_ + " is empty. A table needs a line for each sample.");
  has_header_ = header.value_or(std::none_of(fields.begin(), fields.end(), [](std::string_view field) { return parse_number(field).has_value(); }));
  std::set<std::string> seen;
  for (size_t i = 0; i < fields.size(); ++i) {
    std::string column = has_header_ ? std::string(fields[i]) : "";
    if (column.empty()) column = "x" + std::to_string(i + 1);
    if (!is_utf8(column)) fail(name_, record_line_, "the name of column " + std::to_string(i + 1) + " is not UTF-8. Convert the file, for example with iconv.");
    if (!seen.insert(column).second) fail(name_, record_line_, "two columns are called " + column + ". Rename one, or say header=false if this line has data.");
    columns_.push_back(std::move(column));
  }
  if (!has_header_) {
    position_ = first;
    line_ = 1;
  }
}

bool CsvReader::next(std::vector<std::string_view>& fields) {
  if (!read_record(fields)) return false;
  if (fields.size() != columns_.size()) {
    fail(name_, record_line_, "a ragged row: " + std::to_string(fields.size()) + (fields.size() == 1 ? " field" : " fields") + " where the first line has " +
                                  std::to_string(columns_.size()) + ". Is there a comma missing or too many?");
  }
  return true;
}

bool CsvReader::read_record(std::vector<std::string_view>& fields) {
  fields.clear();
  unquoted_count_ = 0;
  const auto at_line_end = [&] {
    return position_ >= text_.size() || text_[position_] == '\n' || (text_[position_] == '\r' && (position_ + 1 == text_.size() || text_[position_ + 1] == '\n'));
  };
  const auto pass_line_end = [&] {
    if (position_ < text_.size() && text_[position_] == '\r') ++position_;
    if (position_ < text_.size()) ++position_;
    ++line_;
  };
  for (;;) {  // blank lines
    size_t end = position_;
    while (end < text_.size() && is_blank(text_[end])) ++end;
    const size_t begin = position_;
    position_ = end;
    if (position_ >= text_.size()) return false;
    if (!at_line_end()) {
      position_ = begin;
      break;
    }
    pass_line_end();
  }
  record_line_ = line_;
  std::vector<std::pair<size_t, size_t>> rewritten;  // field, entry of unquoted_: views are taken when the vector no longer moves
  for (;;) {
    if (position_ < text_.size() && text_[position_] == '"') {
      const size_t before = unquoted_count_;
      const std::string_view field = read_quoted();
      if (unquoted_count_ > before) rewritten.emplace_back(fields.size(), before);
      fields.push_back(field);
      if (!at_line_end() && text_[position_] != ',') fail(name_, line_, "text follows a closing quote. Write a quote inside a quoted field twice.");
    } else {
      const size_t begin = position_;
      while (!at_line_end() && text_[position_] != ',') {
        if (text_[position_] == '"') fail(name_, line_, "a quote inside an unquoted field. Quote the whole field and write the quote twice.");
        if (text_[position_] == '\0') fail(name_, line_, "a zero byte. Is this a text file?");
        ++position_;
      }
      fields.push_back(trimmed(text_.substr(begin, position_ - begin)));
    }
    if (at_line_end()) break;
    ++position_;  // the comma
  }
  for (const auto& [field, entry] : rewritten) fields[field] = unquoted_[entry];
  pass_line_end();
  return true;
}

std::string_view CsvReader::read_quoted() {
  const int64_t opened = line_;
  const size_t begin = ++position_;
  bool doubled = false;
  for (;; ++position_) {
    if (position_ >= text_.size()) fail(name_, opened, "the quoted field that begins here is not closed.");
    if (text_[position_] == '\n') ++line_;
    if (text_[position_] != '"') continue;
    if (position_ + 1 >= text_.size() || text_[position_ + 1] != '"') break;
    doubled = true;
    ++position_;
  }
  const std::string_view field = text_.substr(begin, position_++ - begin);
  if (!doubled) return field;
  if (unquoted_count_ == unquoted_.size()) unquoted_.emplace_back();
  std::string& plain = unquoted_[unquoted_count_++];
  plain.clear();
  for (size_t i = 0; i < field.size(); ++i) {
    plain += field[i];
    if (field[i] == '"') ++i;
  }
  return plain;
}

}  // namespace rectify::data
