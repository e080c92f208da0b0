#include "rectify/activation/formula.h"

#include <cmath>

#include <fmt/format.h>

#include "rectify/activation/derivative.h"

namespace rectify::activation {
namespace {

bool is_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (text.empty() || !letter(text[0])) return false;
  for (const char c : text) {
    if (!letter(c) && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

}  // namespace

Result<std::shared_ptr<const Formula>> Formula::parse(std::string_view text, std::span<const std::pair<std::string, double>> parameters) {
  const std::shared_ptr<Formula> formula(new Formula());
  if (parameters.size() > max_parameters) {
    return Failure{fmt::format("[formula] {} parameters were given, at most {} are supported. Write the others as numbers.", parameters.size(), max_parameters)};
  }
  for (const auto& [name, value] : parameters) {
    if (!is_name(name)) return Failure{fmt::format("[formula] '{}' is not a name for a parameter. Use letters, digits and '_', a letter first.", name)};
    if (!std::isfinite(value)) return Failure{fmt::format("[formula] the parameter {} is {}, but has to be finite. Choose a number.", name, value)};
    for (const std::string& other : formula->names_) {
      if (other == name) return Failure{fmt::format("[formula] the parameter {} is given twice. Leave one of them out.", name)};
    }
    formula->names_.push_back(name);
  }
  const Result<ExpressionPointer> parsed = parse_expression(text, formula->names_);
  if (!parsed) return Failure{parsed.error()};
  formula->text_ = text;
  formula->root_ = formula->terms_.from(**parsed);
  formula->spec_ = Spec{.name = "formula", .formula = formula->text_, .description = "An activation written as text."};
  for (size_t i = 0; i < parameters.size(); ++i) {
    formula->spec_.parameters[i] = {.name = formula->names_[i], .default_value = parameters[i].second, .learned = true, .meaning = "a parameter of the formula"};
  }
  return std::shared_ptr<const Formula>(formula);
}

const CompiledFormula& Formula::compiled(Derivative derivative) const {
  const int first = derivative.parameter == 0 ? -1 : derivative.which, second = derivative.parameter < 2 ? -1 : derivative.other < 0 ? first : derivative.other;
  const std::array<int, 3> key{derivative.x, first, second};
  const std::lock_guard lock(mutex_);
  if (const auto found = compiled_.find(key); found != compiled_.end()) return found->second;
  Term term = root_;
  for (const int parameter : {first, second}) {
    if (parameter >= 0) term = activation::derivative(terms_, term, {parameter});
  }
  for (int i = 0; i < derivative.x; ++i) term = activation::derivative(terms_, term, {});
  const std::vector<TermNode> nodes = terms_.extract(term);
  CompiledFormula compiled{.exact = Exact(nodes), .narrow = Program::compile(nodes, true), .wide = Program::compile(nodes, false), .text = activation::to_string(terms_, term, names_)};
  if (compiled.wide.zeros_are_exact && !compiled.wide.never_zero) {
    std::array<double, max_parameters> values{};
    for (int i = 0; i < spec_.parameter_count(); ++i) values[static_cast<size_t>(i)] = spec_.parameters[i].default_value;
    const bool odd = compiled.exact.seems_odd(values);
    compiled.exact.set_odd(odd);
    compiled.narrow.odd = compiled.wide.odd = odd;
  }
  return compiled_.emplace(key, std::move(compiled)).first->second;
}

Function formula(std::string_view text, std::span<const std::pair<std::string, double>> parameters) {
  Function function{.id = Id::formula};
  function.formula = Formula::parse(text, parameters).or_throw();
  for (size_t i = 0; i < parameters.size(); ++i) function.parameters[i] = parameters[i].second;
  return function;
}

bool operator==(const Function& a, const Function& b) {
  if (a.id != b.id || a.parameters != b.parameters || a.at_kinks != b.at_kinks) return false;
  return a.formula == b.formula || (a.formula && b.formula && a.formula->same_as(*b.formula));
}

}  // namespace rectify::activation
