#include "cli/activation_text.h"

#include <cctype>
#include <cmath>

#include <fmt/format.h>

#include "rectify/activation/dialects.h"
#include "rectify/base/words.h"

namespace rectify::cli {
namespace {

using activation::Function;
using activation::Kink;
using activation::Place;
using activation::Places;
using activation::Properties;
using activation::Spec;
using activation::Tail;

/// Six digits, and 0 for -0.
std::string number_text(double x) {
  if (std::isnan(x)) return "none";
  return fmt::format("{:.6g}", x + 0.0);
}

/// A fixed number of decimals, without the sign of a zero.
std::string fixed(double x, int decimals) {
  const std::string text = fmt::format("{:.{}f}", x, decimals);
  return text.find_first_not_of("-0.") == std::string::npos && text[0] == '-' ? text.substr(1) : text;
}

std::string place_text(const Place& place) {
  if (place.low == place.high) return "x = " + number_text(place.low);
  if (std::isinf(place.low) && std::isinf(place.high)) return "every x";
  const char *from = place.without_low ? "<" : "<=", *to = place.without_high ? "<" : "<=";
  if (std::isinf(place.low)) return fmt::format("x {} {}", to, number_text(place.high));
  if (std::isinf(place.high)) return fmt::format("x {} {}", place.without_low ? ">" : ">=", number_text(place.low));
  return fmt::format("{} {} x {} {}", number_text(place.low), from, to, number_text(place.high));
}

std::string places_text(const Places& places) {
  if (places.list.empty()) return "none";
  std::string text;
  for (const Place& place : places.list) text += (text.empty() ? "" : ", ") + place_text(place);
  return places.more ? text + ", and more" : text;
}

std::string tail_text(const Tail& tail, bool right) {
  std::string text(name(tail.saturation));
  if (tail.saturated_beyond) text += fmt::format("; |f'| < 5 % of its maximum for x {} {}", right ? '>' : '<', number_text(*tail.saturated_beyond));
  return text;
}

std::string kink_text(const Kink& kink) {
  constexpr const char* what[] = {"the value", "the slope", "the curvature"};
  const Kink::Sides* sides[] = {&kink.value, &kink.slope, &kink.curvature};
  if (kink.order > 2) return fmt::format("x = {}: the third derivative jumps", number_text(kink.x));
  const Kink::Sides& jump = *sides[kink.order];
  return fmt::format("x = {}: {} goes from {} to {}, and is {} there", number_text(kink.x), what[kink.order], number_text(jump.left), number_text(jump.right), number_text(jump.at));
}

std::string limits_text(double minus, double plus) { return fmt::format("{} at -inf, {} at +inf", number_text(minus), number_text(plus)); }

/// What one line of the dialects adds to the name there: the arguments it waits for, and the defaults that are not ours.
std::string call_elsewhere(const activation::DialectName& line) {
  std::string waits_for;
  for (const auto& [name, value] : line.conditions()) waits_for += fmt::format("{}{}={}", waits_for.empty() ? "" : ", ", name, value);
  for (const activation::DialectName& earlier : activation::dialect_names()) {
    if (&earlier == &line) break;
    if (earlier.dialect != line.dialect || earlier.theirs != line.theirs || !line.conditions().empty()) continue;
    for (const auto& [theirs, ours] : line.renamed()) waits_for += fmt::format("{}{}=...", waits_for.empty() ? "" : ", ", theirs);
    break;
  }
  std::string text(line.theirs);
  if (!waits_for.empty()) text += "(" + waits_for + ")";
  const Function theirs = line.function();
  return theirs == activation::make(theirs.id) ? text : text + " is " + to_string(theirs);
}

/// One row for every library that has the activation.
Rows rows_elsewhere(const Function& function) {
  Rows rows;
  for (const activation::Dialect& dialect : activation::dialects()) {
    std::string names;
    for (const activation::DialectName& line : activation::dialect_names()) {
      if (line.dialect == dialect.name && line.function().id == function.id) names += (names.empty() ? "" : ", ") + call_elsewhere(line);
    }
    if (!names.empty()) rows.emplace_back(rows.empty() ? "elsewhere" : "", fmt::format("{}: {}", dialect.title, names));
  }
  return rows;
}

Json exact(double x) {
  if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
  return json_number(x);
}

Json json_of(const Place& place) {
  return {{"from", exact(place.low)}, {"to", exact(place.high)}, {"from_included", !place.without_low}, {"to_included", !place.without_high}};
}

Json json_of(const Places& places) {
  Json list = Json::array();
  for (const Place& place : places.list) list.push_back(json_of(place));
  return {{"places", list}, {"more", places.more}};
}

Json json_of(const Kink::Sides& sides) { return {{"left", exact(sides.left)}, {"at", exact(sides.at)}, {"right", exact(sides.right)}}; }

Json json_of(const Tail& tail) {
  return {{"value", exact(tail.value)},
          {"slope", exact(tail.slope)},
          {"curvature", exact(tail.curvature)},
          {"saturation", name(tail.saturation)},
          {"saturated_beyond", tail.saturated_beyond ? exact(*tail.saturated_beyond) : Json(nullptr)}};
}

}  // namespace

std::string formula_with_values(const Function& function) {
  const Spec& spec = activation::spec(function.id);
  const auto belongs = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; };
  std::string text;
  for (size_t i = 0; i < spec.formula.size();) {
    size_t end = i;
    while (end < spec.formula.size() && belongs(spec.formula[end])) ++end;
    std::string word(spec.formula.substr(i, std::max(end - i, size_t{1})));
    for (int k = 0; k < spec.parameter_count(); ++k) {
      if (word != spec.parameters[k].name) continue;
      const double value = function.parameters[static_cast<size_t>(k)];
      word = value < 0 ? fmt::format("({})", value) : fmt::format("{}", value);
      break;
    }
    text += word;
    i = std::max(end, i + 1);
  }
  return text;
}

Rows definition_rows(const Function& function) {
  const Spec& spec = activation::spec(function.id);
  Rows rows;
  const auto row = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) rows.emplace_back(key, value);
  };
  row("name", spec.name);
  row("formula", spec.formula);
  row("what it is", spec.description);
  for (int i = 0; i < spec.parameter_count(); ++i) {
    const activation::Parameter& parameter = spec.parameters[i];
    const double value = function.parameters[static_cast<size_t>(i)];
    std::string text = fmt::format("{} = {}", parameter.name, value);
    if (parameter.learned) text += ", learned";
    if (value != parameter.default_value) text += fmt::format(", default {}", parameter.default_value);
    if (!parameter.meaning.empty()) text += fmt::format(" ({})", parameter.meaning);
    row(i == 0 ? "parameters" : "", text);
  }
  row("needs", spec.requirement);
  if (spec.parameter_count() > 0) row("in full", to_string(function) + ": " + formula_with_values(function));
  if (function.at_kinks != activation::AtKinks::standard) row("at kinks", name(function.at_kinks));
  row("aliases", spec.aliases);
  row("PyTorch", spec.torch);
  row("ONNX", spec.onnx);
  const Rows elsewhere = rows_elsewhere(function);
  rows.insert(rows.end(), elsewhere.begin(), elsewhere.end());
  row("source", spec.source);
  return rows;
}

Rows property_rows(const Properties& p) {
  Rows rows;
  rows.emplace_back("range", fmt::format("{}{}, {}{}", p.infimum.attained ? '[' : '(', number_text(p.infimum.value), number_text(p.supremum.value), p.supremum.attained ? ']' : ')'));
  rows.emplace_back("value", limits_text(p.left.value, p.right.value));
  rows.emplace_back("slope", limits_text(p.left.slope, p.right.slope));
  rows.emplace_back("curvature", limits_text(p.left.curvature, p.right.curvature));
  rows.emplace_back("zeros of f", places_text(p.zeros));
  rows.emplace_back("zeros of f'", places_text(p.slope_zeros));
  rows.emplace_back("zeros of f''", places_text(p.curvature_zeros));
  std::string extrema;
  for (const activation::Extremum& e : p.extrema) extrema += fmt::format("{}{} {} at {}", extrema.empty() ? "" : ", ", e.maximum ? "maximum" : "minimum", number_text(e.value), place_text(e.where));
  rows.emplace_back("extrema", extrema.empty() ? "none" : p.more_extrema ? extrema + ", and more" : extrema);
  rows.emplace_back("inflections", places_text(p.inflections));
  rows.emplace_back("monotone", name(p.monotone));
  rows.emplace_back("shape", name(p.bend));
  rows.emplace_back("symmetry", name(p.symmetry));
  rows.emplace_back("zero-centred", fmt::format("{}: mean {} under N(0, 1)", p.normal.centred ? "yes" : "no", fixed(p.normal.mean, 6)));
  rows.emplace_back("at 0", fmt::format("f(0) = {}, f'(0) = {}", number_text(p.value_at_zero), number_text(p.slope_at_zero)));
  rows.emplace_back("as identity", p.identity_rescaling.empty() ? (p.slope_at_zero == 0 ? "cannot be: the slope at 0 is 0" : "cannot be: the slope jumps at 0") : "x near 0 is " + p.identity_rescaling);
  rows.emplace_back("saturation", "left " + tail_text(p.left, false));
  rows.emplace_back("", "right " + tail_text(p.right, true));
  rows.emplace_back("smoothness", name(p.smoothness));
  for (size_t i = 0; i < p.kinks.size(); ++i) rows.emplace_back(i == 0 ? "kinks" : "", kink_text(p.kinks[i]));
  rows.emplace_back("Lipschitz", fmt::format("{} for f, {} for f'; largest |f''| {}", number_text(p.lipschitz), number_text(p.slope_lipschitz), number_text(p.largest_curvature)));
  rows.emplace_back("gain", fmt::format("{:.6f} by second moment, {:.6f} by standard deviation; backward {:.6f}", p.normal.gain, p.normal.deviation_gain, p.normal.backward_gain));
  rows.emplace_back("chi_1", fixed(p.normal.chi, 6));
  rows.emplace_back("q = 1", fmt::format("{}: dQ/dq = {}", name(p.normal.stability), fixed(p.normal.variance_slope, 4)));
  return rows;
}

Json definition_json(const Function& function) {
  const Spec& spec = activation::spec(function.id);
  Json parameters = Json::array();
  for (int i = 0; i < spec.parameter_count(); ++i) {
    const activation::Parameter& parameter = spec.parameters[i];
    parameters.push_back({{"name", parameter.name},
                          {"value", function.parameters[static_cast<size_t>(i)]},
                          {"default", parameter.default_value},
                          {"learned", parameter.learned},
                          {"minimum", json_number(parameter.minimum)},
                          {"meaning", parameter.meaning}});
  }
  const auto limits = [](std::string_view minus, std::string_view plus) { return Json{{"minus_infinity", minus}, {"plus_infinity", plus}}; };
  Json elsewhere = Json::array();
  for (const activation::DialectName& line : activation::dialect_names()) {
    const Function theirs = line.function();
    if (theirs.id == function.id) elsewhere.push_back({{"dialect", line.dialect}, {"name", line.theirs}, {"parameters", words(line.parameters)}, {"resolved", to_string(theirs)}});
  }
  return {{"name", spec.name},
          {"resolved", to_string(function)},
          {"formula", spec.formula},
          {"formula_with_values", formula_with_values(function)},
          {"description", spec.description},
          {"parameters", parameters},
          {"requirement", spec.requirement},
          {"at_kinks", name(function.at_kinks)},
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
          {"elsewhere", elsewhere},
          {"source", spec.source}};
}

Json properties_json(const Properties& p) {
  Json extrema = Json::array(), kinks = Json::array();
  for (const activation::Extremum& e : p.extrema) {
    extrema.push_back({{"kind", e.maximum ? "maximum" : "minimum"}, {"value", exact(e.value)}, {"where", json_of(e.where)}});
  }
  for (const Kink& kink : p.kinks) {
    kinks.push_back({{"x", kink.x}, {"order", kink.order}, {"value", json_of(kink.value)}, {"slope", json_of(kink.slope)}, {"curvature", json_of(kink.curvature)}});
  }
  return {{"infimum", {{"value", exact(p.infimum.value)}, {"attained", p.infimum.attained}}},
          {"supremum", {{"value", exact(p.supremum.value)}, {"attained", p.supremum.attained}}},
          {"left", json_of(p.left)},
          {"right", json_of(p.right)},
          {"zeros", json_of(p.zeros)},
          {"slope_zeros", json_of(p.slope_zeros)},
          {"curvature_zeros", json_of(p.curvature_zeros)},
          {"extrema", extrema},
          {"more_extrema", p.more_extrema},
          {"inflections", json_of(p.inflections)},
          {"monotone", name(p.monotone)},
          {"shape", name(p.bend)},
          {"symmetry", name(p.symmetry)},
          {"value_at_zero", exact(p.value_at_zero)},
          {"slope_at_zero", exact(p.slope_at_zero)},
          {"identity_rescaling", p.identity_rescaling.empty() ? Json(nullptr) : Json(p.identity_rescaling)},
          {"kinks", kinks},
          {"smoothness", name(p.smoothness)},
          {"lipschitz", exact(p.lipschitz)},
          {"slope_lipschitz", exact(p.slope_lipschitz)},
          {"largest_curvature", exact(p.largest_curvature)},
          {"mean", exact(p.normal.mean)},
          {"centred", p.normal.centred},
          {"second_moment", exact(p.normal.second_moment)},
          {"slope_second_moment", exact(p.normal.slope_second_moment)},
          {"gain", exact(p.normal.gain)},
          {"deviation_gain", exact(p.normal.deviation_gain)},
          {"backward_gain", exact(p.normal.backward_gain)},
          {"chi_1", exact(p.normal.chi)},
          {"variance_slope", exact(p.normal.variance_slope)},
          {"stability", name(p.normal.stability)}};
}

}  // namespace rectify::cli
