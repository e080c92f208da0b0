#include "rectify/data/labels.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "rectify/data/csv.h"

namespace rectify::data {
namespace {

std::string shortest(double value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, end);
  // 100000 reads better than 1e+05, and every whole number up to 2^53 has its digits.
  if (value == std::floor(value) && std::abs(value) < 0x1p53) text = std::to_string(static_cast<int64_t>(value));
  return text;
}

// The values of names that are all finite numbers.
std::optional<std::vector<double>> values_of(const std::vector<std::string>& names) {
  std::vector<double> values;
  for (const std::string& name : names) {
    const auto value = parse_number(name);
    if (!value || !std::isfinite(*value)) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

}  // namespace

void Labels::add_text(std::string_view text) {
  auto found = by_text_.find(text);
  if (found == by_text_.end()) {
    found = by_text_.emplace(std::string(text), static_cast<int32_t>(distinct_.size())).first;
    const auto value = parse_number(text);
    numeric_ = numeric_ && value.has_value();
    distinct_.push_back({std::string(text), value.value_or(std::numeric_limits<double>::quiet_NaN())});
  }
  ids_.push_back(found->second);
}

void Labels::add_number(double value) {
  const auto [found, added] = by_bits_.emplace(std::bit_cast<uint64_t>(value), static_cast<int32_t>(distinct_.size()));
  if (added) distinct_.push_back({shortest(value), value});
  ids_.push_back(found->second);
}

bool Labels::whole() const {
  return numeric_ && std::all_of(distinct_.begin(), distinct_.end(), [](const Distinct& label) { return label.value == std::floor(label.value) && std::isfinite(label.value); });
}

std::optional<int64_t> Labels::first_not_finite() const {
  for (int64_t row = 0; row < size(); ++row) {
    if (!std::isfinite(value(row))) return row;
  }
  return std::nullopt;
}

std::vector<std::string> Labels::class_names() const {
  std::vector<std::string> names;
  if (numeric_) {
    std::vector<double> values;
    for (const Distinct& label : distinct_) values.push_back(label.value == 0 ? 0.0 : label.value);  // no -0
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (const double value : values) names.push_back(shortest(value));
  } else {
    for (const Distinct& label : distinct_) names.push_back(label.text);
    std::sort(names.begin(), names.end());
  }
  return names;
}

std::vector<int64_t> Labels::classes(const std::vector<std::string>& class_names, bool as_indices) const {
  std::map<std::string, int64_t, std::less<>> by_name;
  std::map<double, int64_t> by_value;
  const auto values = values_of(class_names);
  for (size_t k = 0; k < class_names.size(); ++k) {
    by_name.emplace(class_names[k], static_cast<int64_t>(k));
    if (values) by_value.emplace((*values)[k], static_cast<int64_t>(k));
  }
  std::vector<int64_t> of_distinct;
  for (const Distinct& label : distinct_) {
    int64_t k = -1;
    if (const auto found = by_name.find(label.text); found != by_name.end()) {
      k = found->second;
    } else if (values && std::isfinite(label.value)) {
      if (const auto match = by_value.find(label.value); match != by_value.end()) k = match->second;
    } else if (!values && as_indices && label.value >= 0 && label.value < static_cast<double>(class_names.size()) && label.value == std::floor(label.value)) {
      k = static_cast<int64_t>(label.value);
    }
    of_distinct.push_back(k);
  }
  std::vector<int64_t> result;
  result.reserve(ids_.size());
  for (const int32_t id : ids_) result.push_back(of_distinct[static_cast<size_t>(id)]);
  return result;
}

Labels labels_of(const Tensor& array, std::string_view name) {
  if (!(array.rank() == 1 || (array.rank() == 2 && array.size(1) == 1))) {
    throw ArgumentError(std::string(name) + ": labels have shape (n) or (n, 1), found " + to_string(array.shape()) + ".");
  }
  Labels labels;
  for (int64_t i = 0; i < array.size(); ++i) labels.add_number(array.at(i));
  return labels;
}

}  // namespace rectify::data
