// rectify activations: the catalogue, or everything about one activation.
#include <fmt/format.h>

#include <algorithm>

#include "cli/activation_name.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "rectify/activation/catalogue.h"

namespace rectify::cli {
namespace {

using activation::Id;
using activation::Spec;

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (end > 0) result.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

Json described(Id id) {
  const Spec& spec = activation::spec(id);
  Json parameters = Json::array();
  for (int i = 0; i < spec.parameter_count(); ++i) {
    const activation::Parameter& parameter = spec.parameters[i];
    parameters.push_back({{"name", parameter.name},
                          {"default", parameter.default_value},
                          {"learned", parameter.learned},
                          {"minimum", json_number(parameter.minimum)},
                          {"meaning", parameter.meaning}});
  }
  const auto limits = [](std::string_view minus, std::string_view plus) { return Json{{"minus_infinity", minus}, {"plus_infinity", plus}}; };
  return {{"name", spec.name},
          {"formula", spec.formula},
          {"description", spec.description},
          {"parameters", parameters},
          {"requirement", spec.requirement},
          {"limits",
           {{"value", limits(spec.at_minus_infinity, spec.at_plus_infinity)},
            {"slope", limits(spec.slope_at_minus_infinity, spec.slope_at_plus_infinity)},
            {"curvature", limits(spec.curvature_at_minus_infinity, spec.curvature_at_plus_infinity)}}},
          {"kinks", spec.kinks},
          {"piecewise_linear", spec.piecewise_linear},
          {"odd", spec.odd},
          {"aliases", words(spec.aliases)},
          {"torch", spec.torch},
          {"onnx", spec.onnx},
          {"source", spec.source}};
}

std::string card(Id id) {
  const Spec& spec = activation::spec(id);
  std::string text;
  const auto row = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) text += fmt::format("{:<13}{}\n", key, value);
  };
  row("name", spec.name);
  row("formula", spec.formula);
  row("what it is", spec.description);
  for (int i = 0; i < spec.parameter_count(); ++i) {
    const activation::Parameter& parameter = spec.parameters[i];
    std::string value = fmt::format("{} = {}", parameter.name, parameter.default_value);
    if (parameter.learned) value += ", learned";
    if (!parameter.meaning.empty()) value += fmt::format(" ({})", parameter.meaning);
    row(i == 0 ? "parameters" : "", value);
  }
  row("needs", spec.requirement);
  row("limits", fmt::format("value {} at -inf, {} at +inf; slope {} and {}; curvature {} and {}", spec.at_minus_infinity, spec.at_plus_infinity, spec.slope_at_minus_infinity,
                            spec.slope_at_plus_infinity, spec.curvature_at_minus_infinity, spec.curvature_at_plus_infinity));
  row("kinks at", spec.kinks);
  row("aliases", spec.aliases);
  row("PyTorch", spec.torch);
  row("ONNX", spec.onnx);
  row("source", spec.source);
  return text;
}

class Activations : public Command {
 public:
  std::string name() const override { return "activations"; }
  std::string description() const override { return "list the activations, or describe one: formula, parameters, limits, other names, source"; }
  std::string examples() const override { return "  rectify activations\n  rectify activations mish\n  rectify activations swish --json"; }

  void declare(Options& options) override {
    options.positional("activation", activation_, "the one to describe; all are listed without", false);
    options.flag("--json", json_, "one JSON document on standard output");
  }

  int run() override {
    if (activation_) {
      const Id id = activation_named(*activation_).id;
      json_ ? print_json(described(id)) : print(card(id));
      return 0;
    }
    Json list = Json::array();
    std::string text;
    size_t width = 0;
    for (const Id id : activation::all()) width = std::max(width, activation::spec(id).name.size());
    for (const Id id : activation::all()) {
      list.push_back(described(id));
      text += fmt::format("{:<{}}  {}\n", activation::spec(id).name, width, activation::spec(id).formula);
    }
    json_ ? print_json({{"activations", list}}) : print(text);
    return 0;
  }

 private:
  std::optional<std::string> activation_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> activations_command() { return std::make_unique<Activations>(); }

}  // namespace rectify::cli
