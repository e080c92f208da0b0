#include "rectify/diagnose/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ostream>
#include <utility>

namespace rectify::diagnose {
namespace {

template <class Enum>
using Name = std::pair<Enum, std::string_view>;

constexpr std::array<Name<Level>, 3> levels{{{Level::info, "info"}, {Level::warning, "warning"}, {Level::fault, "fault"}}};

constexpr std::array<Name<Symptom>, 13> symptoms{{{Symptom::vanishing_gradient, "vanishing_gradient"}, {Symptom::exploding_gradient, "exploding_gradient"},
                                                  {Symptom::exploding_activation, "exploding_activation"}, {Symptom::saturated_units, "saturated_units"},
                                                  {Symptom::dead_units, "dead_units"}, {Symptom::dying_units, "dying_units"}, {Symptom::zigzag, "zigzag"},
                                                  {Symptom::symmetric_units, "symmetric_units"}, {Symptom::linear_collapse, "linear_collapse"},
                                                  {Symptom::variance_drift, "variance_drift"}, {Symptom::not_learning, "not_learning"},
                                                  {Symptom::oscillating_loss, "oscillating_loss"}, {Symptom::non_finite, "non_finite"}}};

constexpr std::array<Name<Cause>, 16> causes{{{Cause::init_too_small, "init_too_small"}, {Cause::init_too_large, "init_too_large"}, {Cause::init_symmetric, "init_symmetric"},
                                              {Cause::activation_saturates, "activation_saturates"}, {Cause::activation_explodes, "activation_explodes"},
                                              {Cause::activation_linear, "activation_linear"}, {Cause::activation_not_centred, "activation_not_centred"},
                                              {Cause::learning_rate_too_high, "learning_rate_too_high"}, {Cause::learning_rate_too_low, "learning_rate_too_low"},
                                              {Cause::input_not_scaled, "input_not_scaled"}, {Cause::bias_too_negative, "bias_too_negative"},
                                              {Cause::output_activation_wrong, "output_activation_wrong"}, {Cause::loss_mismatch, "loss_mismatch"},
                                              {Cause::softmax_applied_twice, "softmax_applied_twice"}, {Cause::batch_too_small, "batch_too_small"},
                                              {Cause::depth_without_normalisation, "depth_without_normalisation"}}};

template <class Names, class Enum>
std::string_view name_in(const Names& names, Enum value) {
  return std::ranges::find(names, value, &Name<Enum>::first)->second;
}

template <class Enum, size_t n>
std::optional<Enum> find_in(const std::array<Name<Enum>, n>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name, &Name<Enum>::second);
  return found == names.end() ? std::nullopt : std::optional(found->first);
}

template <class Enum, size_t n>
std::vector<Enum> all_of(const std::array<Name<Enum>, n>& names) {
  std::vector<Enum> result;
  for (const auto& [value, name] : names) result.push_back(value);
  return result;
}

/// "7 units: 0, 3, 4, ..."
std::string shown(const std::vector<int64_t>& units) {
  constexpr size_t at_most = 8;
  std::string text = fmt::format("{} {}: ", units.size(), units.size() == 1 ? "unit" : "units");
  for (size_t i = 0; i < std::min(units.size(), at_most); ++i) text += fmt::format("{}{}", i ? ", " : "", units[i]);
  return units.size() > at_most ? text + ", ..." : text;
}

std::string headline(const Finding& finding) { return std::string(name(finding.symptom)) + place_and_time(finding); }

}  // namespace

std::string_view name(Level level) { return name_in(levels, level); }
std::string_view name(Symptom symptom) { return name_in(symptoms, symptom); }
std::string_view name(Cause cause) { return name_in(causes, cause); }
std::optional<Level> find_level(std::string_view name) { return find_in(levels, name); }
std::optional<Symptom> find_symptom(std::string_view name) { return find_in(symptoms, name); }
std::optional<Cause> find_cause(std::string_view name) { return find_in(causes, name); }
std::vector<Symptom> all_symptoms() { return all_of(symptoms); }
std::vector<Cause> all_causes() { return all_of(causes); }

std::string place_and_time(const Finding& finding) {
  const std::string place = finding.layer_name.empty() ? "" : " in " + finding.layer_name;
  if (!finding.since_step) return place;
  return place + (finding.since_step == 0 ? ", from the beginning" : fmt::format(", since step {}", *finding.since_step));
}

std::string to_string(const Finding& finding) {
  std::string text = fmt::format("{}: {}; cause: {} (confidence {:.2f})\n", name(finding.level), headline(finding), name(finding.cause), finding.confidence);
  for (const Evidence& evidence : finding.evidence) text += fmt::format("  {} {:.3g}, border {:.3g}\n", evidence.quantity, evidence.measured, evidence.border);
  if (!finding.units.empty()) text += "  " + shown(finding.units) + "\n";
  for (const Finding& consequence : finding.consequences) text += "  hence " + headline(consequence) + "\n";
  if (!finding.remedy.empty()) text += "  to do: " + finding.remedy + "\n";
  if (!finding.expected_effect.empty()) text += "  then: " + finding.expected_effect + "\n";
  return text;
}

std::ostream& operator<<(std::ostream& stream, const Finding& finding) { return stream << to_string(finding); }

}  // namespace rectify::diagnose
