#include "rectify/diagnose/diagnose.h"

#include <algorithm>
#include <array>

#include "rectify/diagnose/rules.h"

namespace rectify::diagnose {
namespace {

/// Causes in the order in which they act when a training begins: what comes first explains what comes later.
constexpr std::array order_of_causes{
    Cause::softmax_applied_twice, Cause::loss_mismatch, Cause::output_activation_wrong, Cause::init_symmetric, Cause::input_not_scaled, Cause::activation_linear, Cause::bias_too_negative,
    Cause::activation_explodes, Cause::init_too_large, Cause::init_too_small, Cause::learning_rate_too_high, Cause::activation_saturates, Cause::depth_without_normalisation,
    Cause::learning_rate_too_low, Cause::activation_not_centred, Cause::batch_too_small};

auto place_of(Cause cause) { return std::ranges::find(order_of_causes, cause) - order_of_causes.begin(); }

bool is_one_of(Symptom symptom, std::initializer_list<Symptom> list) { return std::ranges::find(list, symptom) != list.end(); }

/// Whether a symptom can follow from a cause.
bool explains(Cause cause, Symptom symptom) {
  switch (cause) {
    case Cause::learning_rate_too_high:
      return is_one_of(symptom, {Symptom::dead_units, Symptom::dying_units, Symptom::saturated_units, Symptom::exploding_activation, Symptom::exploding_gradient, Symptom::oscillating_loss,
                                 Symptom::non_finite, Symptom::not_learning, Symptom::vanishing_gradient});
    case Cause::activation_not_centred: return is_one_of(symptom, {Symptom::zigzag, Symptom::not_learning});
    case Cause::learning_rate_too_low: case Cause::batch_too_small: return is_one_of(symptom, {Symptom::not_learning, Symptom::oscillating_loss});
    case Cause::activation_linear: return is_one_of(symptom, {Symptom::not_learning, Symptom::linear_collapse});
    default: return true;
  }
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
  Suspicions found;
  look_at_task(network, found);
  look_at_input(network, found);
  look_at_signal(network, found);
  look_at_units(network, found);
  look_at_learning(network, found);
  if (network.harm().any() && std::ranges::none_of(found, &Suspicion::severe)) found.push_back(unexplained(network.harm()));

  std::vector<Finding> findings;
  for (Suspicion& suspicion : found) {
    suspicion.finding.level = level_of(suspicion, network.harm());
    if (suspicion.finding.layer) suspicion.finding.layer_name = network.name_of(*suspicion.finding.layer);
    findings.push_back(std::move(suspicion.finding));
  }
  std::ranges::stable_sort(findings, comes_before);

  // The first of those that do harm is their root.
  std::vector<Finding> roots;
  for (Finding& finding : findings) {
    const auto root = std::ranges::find_if(roots, [&](const Finding& earlier) {
      return earlier.level >= finding.level && earlier.level != Level::info && earlier.since_step <= finding.since_step && explains(earlier.cause, finding.symptom);
    });
    if (root != roots.end()) {
      root->consequences.push_back(std::move(finding));
    } else {
      roots.push_back(std::move(finding));
    }
  }
  return roots;
}

}  // namespace rectify::diagnose
