#include "cli/unit_text.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "rectify/base/words.h"

namespace rectify::cli {
namespace {

using activation::UnitId;
using activation::UnitParameter;
using activation::UnitSpec;
using activation::UnitWidth;

std::string_view widths(UnitWidth width) {
  switch (width) {
    case UnitWidth::same: return "n to n";
    case UnitWidth::half: return "2n to n";
    case UnitWidth::divided: return "k*n to n";
    case UnitWidth::doubled: return "n to 2n";
  }
  return "";
}

}  // namespace

Rows unit_rows(UnitId id) {
  const UnitSpec& spec = activation::spec(id);
  Rows rows;
  const auto row = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) rows.emplace_back(std::string(key), std::string(value));
  };
  row("name", spec.name);
  row("formula", spec.formula);
  row("what it is", spec.description);
  row("last axis", widths(spec.width));
  for (int i = 0; i < spec.parameter_count(); ++i) {
    const UnitParameter& parameter = spec.parameters[i];
    std::string text = fmt::format("{} = {}", parameter.name, parameter.default_value);
    if (!parameter.choices.empty()) text += fmt::format(", one of {}", fmt::join(words(parameter.choices), ", "));
    row(i == 0 ? "parameters" : "", fmt::format("{} ({})", text, parameter.meaning));
  }
  row("aliases", spec.aliases);
  row("PyTorch", spec.torch);
  row("ONNX", spec.onnx);
  row("source", spec.source);
  return rows;
}

Json unit_json(UnitId id) {
  const UnitSpec& spec = activation::spec(id);
  Json parameters = Json::array();
  for (int i = 0; i < spec.parameter_count(); ++i) {
    const UnitParameter& parameter = spec.parameters[i];
    parameters.push_back({{"name", parameter.name}, {"default", parameter.default_value}, {"choices", words(parameter.choices)}, {"meaning", parameter.meaning}});
  }
  return {{"name", spec.name},       {"formula", spec.formula},       {"description", spec.description}, {"last_axis", widths(spec.width)},
          {"parameters", parameters}, {"aliases", words(spec.aliases)}, {"torch", spec.torch},             {"onnx", spec.onnx},
          {"source", spec.source}};
}

std::string unit_list() {
  std::string text = "row-wise and gated units, on the last axis (a is the value, b the gate):\n";
  size_t width = 0;
  for (const UnitId id : activation::all_units()) width = std::max(width, activation::spec(id).name.size());
  for (const UnitId id : activation::all_units()) text += fmt::format("{:<{}}  {}\n", activation::spec(id).name, width, activation::spec(id).formula);
  return text;
}

}  // namespace rectify::cli
