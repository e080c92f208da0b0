// From the records of a CSV file to numbers and labels.
#include <algorithm>
#include <cmath>

#include "rectify/base/files.h"
#include "rectify/base/specification.h"
#include "rectify/data/csv.h"
#include "rectify/data/text.h"

namespace rectify::data {
namespace {

// Which column of the file goes where.
struct Plan {
  std::vector<size_t> features;  // in the order of the result
  std::optional<size_t> label;
};

[[noreturn]] void fail(const Table& table, int64_t line, const std::string& column, const std::string& message) {
  throw ArgumentError("[csv] " + table.name + ", line " + std::to_string(line) + ", column " + column + ": " + message);
}

double feature(const Table& table, const CsvReader& reader, const std::string& column, std::string_view field) {
  const auto value = parse_number(field);
  if (!value) {
    if (field.empty()) fail(table, reader.line(), column, "the value is missing. Fill it in or remove the row.");
    std::string advice = "Remove the column or write it as numbers.";
    if (!reader.has_header()) advice += " If line 1 has the names of the columns, say header=true.";
    fail(table, reader.line(), column, in_quotes(field) + " is not a number. " + advice);
  }
  if (!std::isfinite(*value)) fail(table, reader.line(), column, in_quotes(field) + " is not a finite number. Fill it in or remove the row.");
  return *value;
}

void read_rows(CsvReader& reader, const Plan& plan, Table& table) {
  const std::vector<std::string>& columns = reader.columns();
  std::vector<double> values;
  std::vector<std::string_view> fields;
  while (reader.next(fields)) {
    for (const size_t column : plan.features) values.push_back(feature(table, reader, columns[column], fields[column]));
    if (plan.label) {
      const std::string_view label = fields[*plan.label];
      if (label.empty()) fail(table, reader.line(), columns[*plan.label], "the label is missing. Fill it in or remove the row.");
      if (!is_utf8(label)) fail(table, reader.line(), columns[*plan.label], "the label is not UTF-8. Convert the file, for example with iconv.");
      table.labels.add_text(label);
    }
    table.lines.push_back(reader.line());
  }
  if (table.lines.empty()) throw ArgumentError("[csv] " + table.name + " has the names of columns but no rows. A table needs a line for each sample.");
  table.values = Tensor::from(values, Shape{static_cast<int64_t>(table.lines.size()), static_cast<int64_t>(plan.features.size())});
}

template <class Make>
Result<Table> attempt(Make make) {
  try {
    return make();
  } catch (const ArgumentError& error) {
    return Failure{error.what()};
  }
}

std::optional<size_t> find(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::nullopt : std::optional<size_t>(found - names.begin());
}

Plan plan_for(const CsvReader& reader, const Table& table, const TableLayout& layout) {
  const std::vector<std::string>& columns = reader.columns();
  Plan plan;
  if (!reader.has_header()) {
    const size_t features = layout.feature_names.size(), label = static_cast<size_t>(std::max<int64_t>(layout.label_index, 0));
    const bool has_label = layout.label_index >= 0 && columns.size() == features + 1 && label <= features;
    if (columns.size() != features && !has_label) {
      throw ArgumentError("[csv] " + table.name + " has " + std::to_string(columns.size()) + " columns without names; expected the " + std::to_string(features) + " features " +
                          listed(layout.feature_names) + (layout.label_index >= 0 ? ", with or without the label " + layout.label_name : "") + ".");
    }
    for (size_t i = 0; i < columns.size(); ++i) {
      if (has_label && i == label) {
        plan.label = i;
      } else {
        plan.features.push_back(i);
      }
    }
    return plan;
  }
  for (const std::string& name : layout.feature_names) {
    const auto column = find(columns, name);
    if (!column) {
      throw ArgumentError("[csv] " + table.name + ": the column " + name + " is missing." + did_you_mean(name, columns) + " The file has " + listed(columns) + ".");
    }
    plan.features.push_back(*column);
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (find(layout.feature_names, columns[i])) continue;
    if (columns[i] != layout.label_name) {
      throw ArgumentError("[csv] " + table.name + ": the column " + columns[i] + " is not one the network was trained on: " + listed(layout.feature_names) +
                          ", label " + layout.label_name + ". Remove it.");
    }
    plan.label = i;
  }
  return plan;
}

}  // namespace

Result<Table> parse_table(std::string_view text, std::string_view name, const TableOptions& options) {
  return attempt([&] {
    CsvReader reader(text, std::string(name), options.header);
    const std::vector<std::string>& columns = reader.columns();
    Table table;
    table.name = name;
    table.has_header = reader.has_header();
    if (columns.size() < 2) {
      throw ArgumentError("[csv] " + table.name + " has a single column, " + in_quotes(columns[0]) + "; a label and at least one feature are needed. Are its fields separated by commas?");
    }
    size_t label = find(columns, "label").value_or(columns.size() - 1);
    if (options.label) {
      const auto found = find(columns, *options.label);
      if (!found) {
        throw ArgumentError("[csv] " + table.name + ": there is no label column " + *options.label + "." + did_you_mean(*options.label, columns) + " The columns are " +
                            listed(columns) + ".");
      }
      label = *found;
    }
    Plan plan{.features = {}, .label = label};
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i == label) continue;
      plan.features.push_back(i);
      table.feature_names.push_back(columns[i]);
    }
    table.label_name = columns[label];
    table.label_index = static_cast<int64_t>(label);
    read_rows(reader, plan, table);
    return table;
  });
}

Result<Table> parse_table_as(std::string_view text, std::string_view name, const TableLayout& layout, std::optional<bool> header) {
  return attempt([&] {
    CsvReader reader(text, std::string(name), header);
    Table table;
    table.name = name;
    table.has_header = reader.has_header();
    table.feature_names = layout.feature_names;
    const Plan plan = plan_for(reader, table, layout);
    table.label_name = layout.label_name;
    if (plan.label) table.label_index = static_cast<int64_t>(*plan.label);
    read_rows(reader, plan, table);
    return table;
  });
}

Table read_table(const std::filesystem::path& path, const TableOptions& options) {
  const std::string text = read_file(path);
  return parse_table(text, path.string(), options).or_throw();
}

Table read_table_as(const std::filesystem::path& path, const TableLayout& layout, std::optional<bool> header) {
  const std::string text = read_file(path);
  return parse_table_as(text, path.string(), layout, header).or_throw();
}

}  // namespace rectify::data
