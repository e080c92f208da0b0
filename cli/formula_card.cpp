#include "cli/formula_card.h"

#include <fmt/format.h>

#include <limits>

#include "rectify/activation/formula.h"

namespace rectify::cli {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Line {
  const char* name;
  activation::Derivative derivative;
};
constexpr Line lines[] = {{"value", activation::value_itself}, {"slope", activation::slope}, {"curvature", activation::curvature}};

}  // namespace

Json described_formula(const activation::Function& function) {
  const activation::Spec& spec = activation::spec(function);
  Json json{{"name", spec.name}, {"formula", spec.formula}, {"description", spec.description}};
  json["parameters"] = Json::array();
  for (int i = 0; i < spec.parameter_count(); ++i) {
    json["parameters"].push_back({{"name", spec.parameters[i].name}, {"default", function.parameters[static_cast<size_t>(i)]}, {"learned", true}});
  }
  for (const Line& line : lines) {
    json["computed_as"][line.name] = function.formula->compiled(line.derivative).text;
    json["limits"][line.name] = {{"minus_infinity", json_number(activation::evaluate(function, -infinity, line.derivative))},
                                 {"plus_infinity", json_number(activation::evaluate(function, infinity, line.derivative))}};
  }
  return json;
}

std::string formula_card(const activation::Function& function) {
  std::string text = fmt::format("{:<13}{}\n", "formula", to_string(function));
  for (const Line& line : lines) text += fmt::format("{:<13}{}\n", line.name, function.formula->compiled(line.derivative).text);
  std::string limits;
  for (const Line& line : lines) {
    limits += fmt::format("{}{} {} at -inf, {} at +inf", limits.empty() ? "" : "; ", line.name, activation::evaluate(function, -infinity, line.derivative),
                          activation::evaluate(function, infinity, line.derivative));
  }
  return text + fmt::format("{:<13}{}\n", "limits", limits);
}

}  // namespace rectify::cli
