#include "rectify/activation/catalogue.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "rectify/activation/limits.h"

namespace rectify::activation {
namespace {

constexpr Id ids[] = {
#define RECTIFY_ACTIVATION(family, name, Type) Id::name,
#include "rectify/activation/catalogue.inc"
#undef RECTIFY_ACTIVATION
};

std::string folded(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == ' ') continue;
    result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

/// What is wrong with a parameter's value, or "".
std::string complaint(const Spec& spec, const Parameter& parameter, double value) {
  if (!std::isfinite(value)) return fmt::format("{}: {} is {}, but has to be finite", spec.name, parameter.name, value);
  if (value < parameter.minimum || (!parameter.minimum_allowed && value == parameter.minimum)) {
    return fmt::format("{}: {} is {}, but has to be {} {}", spec.name, parameter.name, value, parameter.minimum_allowed ? "at least" : "above",
                       parameter.minimum);
  }
  return {};
}

/// What is wrong with the parameters, each and together, or "".
std::string complaint(const Function& function) {
  const Spec& s = spec(function.id);
  for (int i = 0; i < s.parameter_count(); ++i) {
    if (std::string text = complaint(s, s.parameters[i], function.parameters[static_cast<size_t>(i)]); !text.empty()) return text;
  }
  if (!s.requirement.empty() && evaluate_limit(s.requirement, s, function.parameters) != 1) {
    return fmt::format("{} needs {}", to_string(function), s.requirement);
  }
  return {};
}

}  // namespace

std::span<const Id> all() { return ids; }

std::optional<Id> find(std::string_view name) {
  const std::string wanted = folded(name);
  if (wanted.empty()) return std::nullopt;
  for (const Id id : ids) {
    if (folded(spec(id).name) == wanted) return id;
  }
  for (const Id id : ids) {
    std::string_view rest = spec(id).aliases;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(' '), rest.size());
      if (folded(rest.substr(0, end)) == wanted) return id;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return std::nullopt;
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Id id : ids) result.emplace_back(spec(id).name);
  return result;
}

Function make(Id id) {
  Function function{.id = id};
  for (int i = 0; i < spec(id).parameter_count(); ++i) function.parameters[static_cast<size_t>(i)] = spec(id).parameters[i].default_value;
  return function;
}

Function make(Id id, std::span<const double> values) {
  const Spec& s = spec(id);
  Function function = make(id);
  if (values.size() > static_cast<size_t>(s.parameter_count())) {
    throw ArgumentError(fmt::format("[activation] {} takes {} parameters, {} were given. Leave out the last {}.", s.name, s.parameter_count(), values.size(),
                                    values.size() - static_cast<size_t>(s.parameter_count())));
  }
  std::copy(values.begin(), values.end(), function.parameters.begin());
  if (const std::string text = complaint(function); !text.empty()) throw ArgumentError("[activation] " + text + ". Choose a value in its range.");
  return function;
}

Result<Function> from_specification(const Specification& specification) {
  const std::optional<Id> id = find(specification.name);
  if (!id || specification.quoted) {
    return Failure{fmt::format("[activation] there is no activation '{}'.{}", specification.name, did_you_mean(specification.name, names()))};
  }
  Function function = make(*id);
  const Spec& s = spec(*id);
  try {
    ArgumentReader reader(specification);
    for (int i = 0; i < s.parameter_count(); ++i) {
      function.parameters[static_cast<size_t>(i)] = reader.number(s.parameters[i].name, s.parameters[i].default_value);
    }
    reader.finish();
  } catch (const ArgumentError& error) {
    return Failure{error.what()};
  }
  if (const std::string text = complaint(function); !text.empty()) return Failure{"[activation] " + text + ". Choose a value in its range."};
  return function;
}

std::string to_string(const Function& function) {
  const Spec& s = spec(function.id);
  std::string result(s.name);
  for (int i = 0; i < s.parameter_count(); ++i) {
    result += fmt::format("{}{}={}", i == 0 ? "(" : ", ", s.parameters[i].name, function.parameters[static_cast<size_t>(i)]);
  }
  return s.parameter_count() > 0 ? result + ")" : result;
}

}  // namespace rectify::activation
