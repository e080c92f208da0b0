#include "cli/activation_name.h"

#include <algorithm>

#include "cli/options.h"
#include "rectify/activation/formula.h"
#include "rectify/base/specification.h"

namespace rectify::cli {
namespace {

using Parameters = std::vector<std::pair<std::string, double>>;

Parameters parameters_from(std::span<const std::string> texts) {
  Parameters parameters;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) throw ArgumentError("[--param] '" + text + "' is not NAME=VALUE, for example negative_slope=0.2.");
    const std::string name = text.substr(0, equals);
    if (std::ranges::any_of(parameters, [&](const auto& given) { return given.first == name; })) throw ArgumentError("[--param] " + name + " is given twice. Leave one of them out.");
    parameters.emplace_back(name, real_number("--param", text.substr(equals + 1)));
  }
  return parameters;
}

Result<activation::Function> by_name(const std::string& text, const Parameters& parameters) {
  Result<Specification> specification = parse_specification(text, "the activation");
  if (!specification) return Failure{specification.error()};
  for (const auto& [name, value] : parameters) {
    const bool twice = std::ranges::any_of(specification->arguments, [&](const Argument& argument) { return argument.name == name; });
    if (twice) throw ArgumentError("[--param] " + name + " is given twice. Leave one of them out.");
    specification->arguments.push_back({.name = name, .value = number(value)});
  }
  return activation::from_specification(*specification);
}

/// Whether somebody who writes this means a formula: it has an operator, or calls a function with the letter x in its argument.
bool looks_like_formula(const std::string& text) {
  if (text.find_first_of("+*/^<>") != std::string::npos) return true;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '='; };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == 'x' && (i == 0 || !letter(text[i - 1])) && (i + 1 == text.size() || !letter(text[i + 1]))) return true;
  }
  return false;
}

}  // namespace

activation::Function activation_named(const std::string& text, std::span<const std::string> parameters) {
  const Parameters given = parameters_from(parameters);
  Result<activation::Function> named = by_name(text, given);
  if (!named && looks_like_formula(text)) return activation::formula(text, given);
  return std::move(named).or_throw();
}

}  // namespace rectify::cli
