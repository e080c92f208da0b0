// ArgumentReader and the suggestion of names: what turns the strings of a specification into types.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "rectify/base/specification.h"

namespace rectify {
namespace {

std::string shown(const Argument& argument) {
  if (const Number* value = std::get_if<Number>(&argument.value)) return value->text.empty() ? number(value->value).text : value->text;
  return to_string(std::get<Specification>(argument.value));
}

[[noreturn]] void refuse(const Specification& specification, std::string_view name, const Argument& argument, const char* expected) {
  throw ArgumentError("[" + specification.name + "] " + std::string(name) + " is " + shown(argument) + "; expected " + expected + ".");
}

[[noreturn]] void missing(const Specification& specification, std::string_view name) {
  throw ArgumentError("[" + specification.name + "] " + std::string(name) + " is missing. Write " + specification.name + "(" + std::string(name) + "=...).");
}

std::string joined(const std::vector<std::string>& names, const char* last) {
  std::string out;
  for (size_t i = 0; i < names.size(); ++i) out += (i == 0 ? "" : i + 1 == names.size() ? last : ", ") + names[i];
  return out;
}

// Names are compared without regard to case and with '-' as '_'.
std::string folded(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '-' ? '_' : c;
  return out;
}

// Edit distance in which exchanging two neighbours counts as one edit.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

}  // namespace

ArgumentReader::ArgumentReader(const Specification& specification) : specification_(&specification), used_(specification.arguments.size(), false) {}

std::optional<size_t> ArgumentReader::find(std::string_view name) const {
  const auto& arguments = specification_->arguments;
  for (const bool named : {true, false}) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (!used_[i] && (named ? arguments[i].name == name : arguments[i].name.empty())) return i;
    }
  }
  return std::nullopt;
}

const Argument* ArgumentReader::take(std::string_view name) {
  known_.emplace_back(name);
  const std::optional<size_t> found = find(name);
  if (!found) return nullptr;
  used_[*found] = true;
  return &specification_->arguments[*found];
}

bool ArgumentReader::is_number(std::string_view name) const {
  const std::optional<size_t> found = find(name);
  return found && std::holds_alternative<Number>(specification_->arguments[*found].value);
}

double ArgumentReader::number(std::string_view name, std::optional<double> fallback) {
  const Argument* argument = take(name);
  if (argument == nullptr) return fallback ? *fallback : (missing(*specification_, name), 0.0);
  const Number* value = std::get_if<Number>(&argument->value);
  if (value == nullptr) refuse(*specification_, name, *argument, "a number");
  return value->value;
}

int64_t ArgumentReader::integer(std::string_view name, std::optional<int64_t> fallback) {
  const Argument* argument = take(name);
  if (argument == nullptr) return fallback ? *fallback : (missing(*specification_, name), 0);
  const Number* value = std::get_if<Number>(&argument->value);
  if (value == nullptr) refuse(*specification_, name, *argument, "a whole number");
  // The digits rather than the double, so that 63-bit seeds are exact; 1e6 is a whole number too.
  int64_t exact = 0;
  const char* first = value->text.data() + (value->text.starts_with('+') ? 1 : 0);
  const char* last = value->text.data() + value->text.size();
  const auto [end, error] = std::from_chars(first, last, exact);
  if (first != last && error == std::errc() && end == last) return exact;
  if (value->value != std::floor(value->value) || std::abs(value->value) >= 0x1p63) refuse(*specification_, name, *argument, "a whole number of at most 63 bits");
  return static_cast<int64_t>(value->value);
}

bool ArgumentReader::boolean(std::string_view name, std::optional<bool> fallback) {
  const Argument* argument = take(name);
  if (argument == nullptr) return fallback ? *fallback : (missing(*specification_, name), false);
  const Specification* value = std::get_if<Specification>(&argument->value);
  if (value != nullptr && !value->quoted && value->arguments.empty()) {
    if (value->name == "true") return true;
    if (value->name == "false") return false;
  }
  refuse(*specification_, name, *argument, "true or false");
}

std::string ArgumentReader::text(std::string_view name, std::optional<std::string> fallback) {
  const Argument* argument = take(name);
  if (argument == nullptr) return fallback ? *std::move(fallback) : (missing(*specification_, name), std::string());
  const Specification* value = std::get_if<Specification>(&argument->value);
  if (value == nullptr || !value->arguments.empty()) refuse(*specification_, name, *argument, "a name or a quoted text");
  return value->name;
}

std::optional<Specification> ArgumentReader::specification(std::string_view name) {
  const Argument* argument = take(name);
  if (argument == nullptr) return std::nullopt;
  const Specification* value = std::get_if<Specification>(&argument->value);
  if (value == nullptr) refuse(*specification_, name, *argument, "a name, with arguments in parentheses if it has any");
  return *value;
}

bool ArgumentReader::has(std::string_view name) const {
  return std::any_of(specification_->arguments.begin(), specification_->arguments.end(), [&](const Argument& argument) { return argument.name == name; });
}

size_t ArgumentReader::remaining() const { return static_cast<size_t>(std::count(used_.begin(), used_.end(), false)); }

void ArgumentReader::finish() const {
  for (size_t i = 0; i < used_.size(); ++i) {
    if (used_[i]) continue;
    const Argument& argument = specification_->arguments[i];
    const std::string known = known_.empty() ? "It takes no arguments." : "Known: " + joined(known_, ", ") + ".";
    if (argument.name.empty()) {
      throw ArgumentError("[" + specification_->name + "] " + shown(argument) + " is one value too many. " + known);
    }
    throw ArgumentError("[" + specification_->name + "] there is no argument " + argument.name + "." + did_you_mean(argument.name, known_) + " " + known);
  }
}

std::vector<std::string> nearest_names(std::string_view name, const std::vector<std::string>& candidates) {
  constexpr size_t longest = 64;  // nobody mistypes longer names, and the distance is quadratic
  if (name.empty() || name.size() > longest) return {};
  const std::string wanted = folded(name);
  std::vector<std::pair<size_t, std::string>> near;
  for (const std::string& candidate : candidates) {
    if (candidate.empty() || candidate.size() > longest) continue;
    const std::string other = folded(candidate);
    const size_t edits = distance(wanted, other), allowed = std::max(wanted.size(), other.size()) / 3;
    const bool part = wanted.size() >= 3 && other.size() >= 3 && (other.starts_with(wanted) || wanted.starts_with(other));
    if (edits <= std::max<size_t>(allowed, wanted.size() > 1 ? 1 : 0) || part) near.emplace_back(edits, candidate);
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (near.size() > 3) near.resize(3);
  std::vector<std::string> names;
  for (auto& entry : near) names.push_back(std::move(entry.second));
  return names;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const auto names = nearest_names(name, candidates);
  return names.empty() ? "" : " Did you mean " + joined(names, " or ") + "?";
}

}  // namespace rectify
