#include "rectify/activation/catalogue.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "rectify/activation/dialects.h"
#include "rectify/activation/formula.h"
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

/// formula("x*sigmoid(beta*x)", beta=1)
Result<Function> formula_from(const Specification& specification) {
  const std::vector<Argument>& arguments = specification.arguments;
  const Specification* text = arguments.empty() || !arguments[0].name.empty() ? nullptr : std::get_if<Specification>(&arguments[0].value);
  if (text == nullptr || !text->quoted) return Failure{"[formula] the text is missing. Write it in quotes and then its parameters: formula(\"x*sigmoid(beta*x)\", beta=1)."};
  std::vector<std::pair<std::string, double>> parameters;
  for (const Argument& argument : std::span(arguments).subspan(1)) {
    const Number* value = std::get_if<Number>(&argument.value);
    if (argument.name.empty() || value == nullptr) return Failure{"[formula] a parameter is a name and a number. Write for example beta=1."};
    parameters.emplace_back(argument.name, value->value);
  }
  Result<std::shared_ptr<const Formula>> parsed = Formula::parse(text->name, parameters);
  if (!parsed) return Failure{parsed.error()};
  Function function{.id = Id::formula, .formula = *std::move(parsed)};
  for (size_t i = 0; i < parameters.size(); ++i) function.parameters[i] = parameters[i].second;
  return function;
}

Result<Function> from_specification(const Specification& specification) {
  if (specification.name == "formula" && !specification.quoted) return formula_from(specification);
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
  const Spec& s = spec(function);
  std::vector<std::string> arguments;
  if (function.formula) arguments.push_back(rectify::to_string(Specification{.name = function.formula->text(), .arguments = {}, .quoted = true}));
  for (int i = 0; i < s.parameter_count(); ++i) arguments.push_back(fmt::format("{}={}", s.parameters[i].name, function.parameters[static_cast<size_t>(i)]));
  if (function.at_kinks != AtKinks::standard) arguments.push_back(fmt::format("at_kinks={}", name(function.at_kinks)));
  return arguments.empty() ? std::string(s.name) : fmt::format("{}({})", s.name, fmt::join(arguments, ", "));
}

}  // namespace rectify::activation
