#include "rectify/activation/catalogue.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "rectify/activation/dialects.h"
#include "rectify/activation/limits.h"

namespace rectify::activation {
namespace {

constexpr Id ids[] = {
#define RECTIFY_ACTIVATION(family, name, Type) Id::name,
#include "rectify/activation/catalogue.inc"
#undef RECTIFY_ACTIVATION
};

constexpr std::string_view conventions[] = {"standard", "left", "right", "inner", "outer", "mean", "zero"};

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

std::string_view name(AtKinks convention) { return conventions[static_cast<size_t>(convention)]; }

std::optional<AtKinks> at_kinks_named(std::string_view name) {
  const auto found = std::ranges::find(conventions, name);
  if (found == std::end(conventions)) return std::nullopt;
  return static_cast<AtKinks>(found - std::begin(conventions));
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
  const Result<Specification> own = in_own_terms(specification);
  if (!own) return Failure{own.error()};
  Function function = make(*find(own->name));
  const Spec& s = spec(function.id);
  try {
    ArgumentReader reader(*own);
    for (int i = 0; i < s.parameter_count(); ++i) {
      function.parameters[static_cast<size_t>(i)] = reader.number(s.parameters[i].name, s.parameters[i].default_value);
    }
    if (reader.has("at_kinks")) {
      const std::string text = reader.text("at_kinks");
      const std::optional<AtKinks> convention = at_kinks_named(text);
      if (!convention) {
        return Failure{fmt::format("[activation] {}: at_kinks is '{}'; expected standard, left, right, inner, outer, mean or zero.", s.name, text)};
      }
      function.at_kinks = *convention;
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
  std::vector<std::string> arguments;
  for (int i = 0; i < s.parameter_count(); ++i) arguments.push_back(fmt::format("{}={}", s.parameters[i].name, function.parameters[static_cast<size_t>(i)]));
  if (function.at_kinks != AtKinks::standard) arguments.push_back(fmt::format("at_kinks={}", name(function.at_kinks)));
  return arguments.empty() ? std::string(s.name) : fmt::format("{}({})", s.name, fmt::join(arguments, ", "));
}

}  // namespace rectify::activation
