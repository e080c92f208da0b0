// Rules about units. Units, not entries: a layer of relu units of which each fires now and then is healthy, however many zeros it gives.
#include <algorithm>
#include <cmath>

#include "rectify/diagnose/rules.h"
#include "rectify/diagnose/thresholds.h"

namespace rectify::diagnose {
namespace {

using observe::LayerWindow;
using observe::Window;

double share(int64_t part, int64_t whole) { return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0; }

/// The last step of the first window from which on `is_so` holds to the end; nothing if it does not hold at the end.
template <class Predicate>
std::optional<int64_t> since(const Measured& network, size_t layer, Predicate is_so) {
  std::optional<int64_t> step;
  for (const Window& window : network.log().windows) {
    if (!is_so(window.layers[layer])) {
      step = std::nullopt;
    } else if (!step) {
      step = window.last_step;
    }
  }
  return step;
}

/// The largest update ratio of a layer in the windows up to this step.
double largest_update_until(const Measured& network, size_t layer, int64_t step) {
  double largest = 0;
  for (const Window& window : network.log().windows) {
    const double ratio = network.layer(window, layer).update_ratio;
    if (window.last_step <= step && ratio > largest) largest = ratio;
  }
  return largest;
}

/// Why units of a layer are silent or stuck that were not before, or were from the beginning.
Cause cause_of_stuck_units(const Measured& network, size_t layer, int64_t step, Cause otherwise) {
  const Subject& subject = network.subject();
  const Window& window = network.first();
  if (step > 0 && largest_update_until(network, layer, step) > border::large_update) return Cause::learning_rate_too_high;
  if (subject.input.rms > border::large_input || subject.input.uncentred > (layer == 0 ? border::uncentred_input : border::far_from_centred)) return Cause::input_not_scaled;
  const LayerMeasure measure = network.layer(window, layer);
  const double fan_in_rms = measure.scale * network.facts(layer).gain;  // deviation of z for inputs of rms 1
  if (window.layers[layer].bias < 0 && -window.layers[layer].bias > fan_in_rms) return Cause::bias_too_negative;
  if (measure.scale > border::large_scale) return Cause::init_too_large;
  return step > 0 ? Cause::learning_rate_too_high : otherwise;
}

void look_at_dead_units(const Measured& network, size_t layer, Suspicions& found) {
  if (!network.facts(layer).silent_tail || network.log().units.size() <= layer) return;
  std::vector<int64_t> dead;
  const std::vector<observe::UnitHistory>& units = network.log().units[layer];
  for (size_t unit = 0; unit < units.size(); ++unit) {
    if (units[unit].silent_values < border::values_to_call_dead && network.latest().last_step > 0) continue;
    if (units[unit].silent_values == 0 || network.latest().layers[layer].values == 0) continue;
    dead.push_back(static_cast<int64_t>(unit));
  }
  if (dead.empty()) return;
  // When most of them fell silent is when it happened.
  std::vector<int64_t> moments;
  for (const int64_t unit : dead) moments.push_back(units[static_cast<size_t>(unit)].silent_since);
  std::ranges::nth_element(moments, moments.begin() + static_cast<int64_t>(moments.size() / 2));
  const int64_t since_step = moments[moments.size() / 2];
  const double dead_share = share(static_cast<int64_t>(dead.size()), static_cast<int64_t>(units.size()));
  const int64_t before = network.first().layers[layer].dead_units;
  const bool dying = since_step > 0 && static_cast<int64_t>(dead.size()) > before && dead_share <= border::dead_share;
  const Cause cause = cause_of_stuck_units(network, layer, since_step, Cause::bias_too_negative);
  const double values = static_cast<double>(std::max<int64_t>(units[static_cast<size_t>(dead.front())].silent_values, 1));
  found.push_back({.finding = {.symptom = dying ? Symptom::dying_units : Symptom::dead_units, .cause = cause, .layer = layer, .units = std::move(dead), .since_step = since_step,
                               .evidence = {{"share of the layer's units", dead_share, border::dead_share},
                                            {"highest share of inputs on which one of them may still fire, at 95 %", 3 / values, 3.0 / border::values_to_call_dead}},
                               .confidence = std::max(0.5, 1 - 3 / values)},
                   .severe = dead_share > border::dead_share});
}

void look_at_stuck_units(const Measured& network, size_t layer, Suspicions& found) {
  if (!network.facts(layer).saturates) return;
  const std::optional<int64_t> step = since(network, layer, [](const LayerWindow& window) { return window.saturated > border::saturated_share; });
  if (!step) return;
  const LayerWindow& now = network.latest().layers[layer];
  found.push_back({.finding = {.symptom = Symptom::saturated_units, .cause = cause_of_stuck_units(network, layer, *step, Cause::activation_saturates), .layer = layer, .since_step = *step,
                               .evidence = {{"share of saturated inputs", now.saturated, border::saturated_share},
                                            {"share of units that are saturated on every sample", share(now.stuck_units, network.log().layers[layer].units), 0}},
                               .confidence = confidence_above(now.saturated, border::saturated_share)}});
}

void look_at_symmetry(const Measured& network, size_t layer, Suspicions& found) {
  const double spread = network.first().layers[layer].unit_spread;
  const bool all_zero = network.first().layers[layer].weight == 0;
  if (network.log().layers[layer].units < 2 || !(all_zero || spread < border::same_units)) return;
  found.push_back({.finding = {.symptom = Symptom::symmetric_units, .cause = Cause::init_symmetric, .layer = layer,
                               .evidence = {{"spread of the units' weights / their rms", all_zero ? 0 : spread, border::same_units}}, .confidence = 0.99}});
}

void look_at_zigzag(const Measured& network, size_t layer, Suspicions& found) {
  if (network.training().empty() || network.subject().batch < 8) return;
  const double agreement = network.latest().layers[layer].sign_agreement;
  const double uncentred = layer == 0 ? network.subject().input.uncentred : network.latest().layers[layer - 1].uncentred;
  if (!(agreement > border::one_sided_gradient) || uncentred < border::uncentred_input) return;
  found.push_back({.finding = {.symptom = Symptom::zigzag, .cause = layer == 0 ? Cause::input_not_scaled : Cause::activation_not_centred, .layer = layer,
                               .since_step = network.training().front().last_step,
                               .evidence = {{"agreement of the signs of a unit's weight gradients", agreement, border::one_sided_gradient},
                                            {"share of its inputs that is their means", uncentred, border::uncentred_input}},
                               .confidence = confidence_above(agreement, border::one_sided_gradient)},
                   .severe = false});
}

}  // namespace

void look_at_units(const Measured& network, Suspicions& found) {
  if (network.depth() == 0) return;
  size_t linear_layers = 0;
  double most_bent = 0;
  for (size_t layer = 0; layer + 1 < network.depth(); ++layer) {
    look_at_symmetry(network, layer, found);
    look_at_dead_units(network, layer, found);
    look_at_stuck_units(network, layer, found);
    const int64_t units = network.log().layers[layer].units;
    const double bend = network.facts(layer).bend;
    most_bent = std::max(most_bent, bend);
    if (bend < border::straight_bend || (units > 0 && network.latest().layers[layer].linear_units == units)) ++linear_layers;
  }
  for (size_t layer = 0; layer < network.depth(); ++layer) look_at_zigzag(network, layer, found);
  if (network.depth() < 2 || linear_layers + 1 < network.depth()) return;
  const bool by_construction = most_bent < border::straight_bend;
  found.push_back({.finding = {.symptom = Symptom::linear_collapse, .cause = Cause::activation_linear, .layer = size_t{0}, .since_step = by_construction ? 0 : network.latest().last_step,
                               .evidence = {{"hidden layers that are linear on the data", static_cast<double>(linear_layers), static_cast<double>(network.depth() - 1)},
                                            {"range of the activations' slopes / the largest", most_bent, border::straight_bend}},
                               .confidence = by_construction ? 0.99 : 0.7},
                   .severe = by_construction});
}

}  // namespace rectify::diagnose
