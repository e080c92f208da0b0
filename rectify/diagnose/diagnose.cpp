#include "rectify/diagnose/diagnose.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "rectify/diagnose/confidence.h"
#include "rectify/diagnose/repair.h"
#include "rectify/diagnose/rules.h"
#include "rectify/diagnose/thresholds.h"

namespace rectify::diagnose {
namespace {

/// Causes in the order in which they act when a training begins: what comes first explains what comes later.
constexpr std::array order_of_causes{
    Cause::softmax_applied_twice, Cause::loss_mismatch, Cause::output_activation_wrong, Cause::init_symmetric, Cause::input_not_scaled, Cause::activation_linear, Cause::bias_too_negative,
    Cause::activation_explodes, Cause::init_too_large, Cause::init_too_small, Cause::batch_too_small, Cause::learning_rate_too_high, Cause::activation_saturates, Cause::depth_without_normalisation,
    Cause::learning_rate_too_low, Cause::activation_not_centred};

auto place_of(Cause cause) { return std::ranges::find(order_of_causes, cause) - order_of_causes.begin(); }

bool is_one_of(Symptom symptom, std::initializer_list<Symptom> list) { return std::ranges::find(list, symptom) != list.end(); }

/// Whether a symptom can follow from a cause.
bool explains(Cause cause, Symptom symptom) {
  switch (cause) {
    case Cause::learning_rate_too_high:
      return is_one_of(symptom, {Symptom::dead_units, Symptom::dying_units, Symptom::saturated_units, Symptom::exploding_activation, Symptom::exploding_gradient, Symptom::oscillating_loss,
                                 Symptom::non_finite, Symptom::not_learning, Symptom::vanishing_gradient});
    case Cause::activation_not_centred: return is_one_of(symptom, {Symptom::zigzag, Symptom::not_learning});
    case Cause::batch_too_small: return is_one_of(symptom, {Symptom::not_learning, Symptom::oscillating_loss, Symptom::non_finite});
    case Cause::learning_rate_too_low: return is_one_of(symptom, {Symptom::not_learning, Symptom::oscillating_loss});
    // That steps are short is measured, and biases do not make them so.
    case Cause::bias_too_negative: return symptom != Symptom::not_learning;
    case Cause::activation_linear: return is_one_of(symptom, {Symptom::not_learning, Symptom::linear_collapse});
    default: return true;
  }
}

/// Whether a finding was read off the network, its inputs or its task before training, so that no other cause has made it so.
bool stands_by_itself(const Finding& finding) {
  constexpr std::array own{Cause::softmax_applied_twice, Cause::loss_mismatch, Cause::output_activation_wrong, Cause::init_symmetric, Cause::input_not_scaled,
                           Cause::activation_linear,     Cause::init_too_large, Cause::init_too_small,         Cause::depth_without_normalisation};
  return finding.since_step.value_or(0) == 0 && std::ranges::find(own, finding.cause) != own.end();
}

Level level_of(const Suspicion& suspicion, const Harm& harm) {
  if (harm.any()) return suspicion.severe ? Level::fault : Level::warning;
  return suspicion.severe ? Level::warning : Level::info;
}

/// Without a suspicion, harm is still harm; but only a cause can be blamed.
Suspicion unexplained(const Harm& harm) {
  return {.finding = {.symptom = harm.non_finite ? Symptom::non_finite : Symptom::not_learning,
                      .cause = harm.stalled ? Cause::learning_rate_too_low : Cause::learning_rate_too_high,
                      .since_step = harm.since_step,
                      .evidence = {{"recent loss / chance", harm.share_of_chance, 1}},
                      .confidence = 0.3},
          .severe = false};
}

Suspicions look_at_training(const Measured& network) {
  Suspicions found;
  look_at_task(network, found);
  look_at_input(network, found);
  look_at_signal(network, found);
  look_at_units(network, found);
  look_at_learning(network, found);
  if (network.harm().any() && std::ranges::none_of(found, &Suspicion::severe)) found.push_back(unexplained(network.harm()));
  return found;
}

/// Numbers that are lost: in which layer they are first seen. They say nothing of signals and units.
Suspicion overflow(const Measured& network) {
  Finding finding{.symptom = Symptom::non_finite, .cause = Cause::learning_rate_too_high, .confidence = 0.5};
  const std::vector<observe::LayerWindow>& layers = network.latest().layers;
  const auto first = std::ranges::find_if(layers, [](const observe::LayerWindow& layer) { return layer.non_finite > 0; });
  if (first != layers.end()) {
    finding.layer = static_cast<size_t>(first - layers.begin());
    finding.evidence = {{"outputs that are not finite", static_cast<double>(first->non_finite), 0}};
  }
  return {.finding = std::move(finding)};
}

/// What is seen of a training by its end alone. Where it has led somewhere, neither inputs nor units were in its way, and signals need not be as they began.
Suspicions look_at_end(const Measured& network) {
  const Harm& harm = network.harm();
  const bool led_somewhere = harm.progress > border::little_progress || harm.share_of_chance > border::diverging_share;
  Suspicions found;
  look_at_input(network, found);
  if (harm.non_finite && found.empty()) found.push_back(overflow(network));
  if (!harm.non_finite && !led_somewhere) look_at_signal(network, found);
  if (!harm.non_finite) look_at_units(network, found);
  if (led_somewhere) std::ranges::for_each(found, [](Suspicion& suspicion) { suspicion.severe = false; });
  look_at_task(network, found);
  for (Suspicion& suspicion : found) suspicion.finding.since_step.reset();
  return found;
}

/// What is different when a symptom is gone.
std::string_view effect_on(Symptom symptom) {
  switch (symptom) {
    case Symptom::vanishing_gradient: return "the first layers get gradients of the size of the last one's, and learn as fast";
    case Symptom::exploding_gradient: return "gradients keep their size from layer to layer, and steps theirs";
    case Symptom::exploding_activation: return "signals keep their size from layer to layer";
    case Symptom::saturated_units: return "inputs fall where the activation has a slope, and their weights learn";
    case Symptom::dead_units: case Symptom::dying_units: return "the units fire on some inputs, and their weights learn";
    case Symptom::zigzag: return "the gradients of a unit's weights have both signs, and steps go straight";
    case Symptom::symmetric_units: return "units differ, and learn different things";
    case Symptom::linear_collapse: return "the network can bend, and tell apart what no plane separates";
    case Symptom::variance_drift: return "the first layer sums numbers of the size that its weights were drawn for";
    case Symptom::not_learning: return "the loss falls below that of an answer that does not look at the input";
    case Symptom::oscillating_loss: return "the loss falls instead of jumping";
    case Symptom::non_finite: return "every number stays finite";
  }
  return "";
}

/// Symptoms before training come first, then the later; among equals the cause that acts first, then the one nearer the input.
bool comes_before(const Finding& a, const Finding& b) {
  if (a.level != b.level) return a.level > b.level;
  if ((a.since_step == 0) != (b.since_step == 0)) return a.since_step == 0;
  if (place_of(a.cause) != place_of(b.cause)) return place_of(a.cause) < place_of(b.cause);
  if (a.since_step != b.since_step) return a.since_step < b.since_step;
  return a.layer.value_or(0) < b.layer.value_or(0);
}

}  // namespace

std::vector<Finding> diagnose(const Subject& subject) {
  const Measured network(subject);
  Suspicions found = subject.after_training ? look_at_end(network) : look_at_training(network);
  std::vector<Finding> findings;
  for (Suspicion& suspicion : found) {
    suspicion.finding.level = level_of(suspicion, network.harm());
    if (suspicion.finding.layer) suspicion.finding.layer_name = network.name_of(*suspicion.finding.layer);
    const std::vector<Remedy> remedies = remedies_for(suspicion.finding, subject);
    if (!remedies.empty()) suspicion.finding.remedy = to_string(remedies.front());
    suspicion.finding.expected_effect = effect_on(suspicion.finding.symptom);
    findings.push_back(std::move(suspicion.finding));
  }
  std::ranges::stable_sort(findings, comes_before);

  // The first of those that do harm is their root.
  std::vector<Finding> roots;
  for (Finding& finding : findings) {
    const auto root = std::ranges::find_if(roots, [&](const Finding& earlier) {
      return earlier.level >= finding.level && earlier.level != Level::info && earlier.since_step <= finding.since_step &&
             (earlier.cause == finding.cause || (explains(earlier.cause, finding.symptom) && !stands_by_itself(finding)));
    });
    if (root != roots.end()) {
      root->consequences.push_back(std::move(finding));
    } else {
      roots.push_back(std::move(finding));
    }
  }
  state_confidence(roots);
  return roots;
}

std::vector<Finding> diagnose(const observe::Watch& watch) {
  Subject subject;
  subject.log = watch.log();
  if (subject.log.windows.empty()) return {};
  const observe::Window& first = subject.log.windows.front();
  subject.output.chance_loss = first.first_loss;
  subject.learning_rate = subject.log.windows.back().learning_rate;
  // What the first layer gets is the input; where that layer is frozen it was not measured, and is taken to be scaled.
  const observe::LayerWindow input = first.layers.empty() ? observe::LayerWindow{} : first.layers[0];
  subject.input.rms = std::isnan(input.input) ? 1 : input.input;
  subject.input.uncentred = std::isnan(input.input_uncentred) ? 0 : input.input_uncentred;
  return diagnose(subject);
}

}  // namespace rectify::diagnose
