// Rules about steps: too large, too small, too noisy.
#include <algorithm>
#include <cmath>

#include "rectify/diagnose/rules.h"
#include "rectify/diagnose/thresholds.h"

namespace rectify::diagnose {
namespace {

struct LargestUpdate {
  double ratio = 0;
  size_t layer = 0;
  int64_t step = 0;
  bool measured = false;
};

/// The largest update ratio of any window and layer, and when it was.
LargestUpdate largest_update(const Measured& network) {
  LargestUpdate largest;
  bool measured = false;
  for (const observe::Window& window : network.training()) {
    for (size_t layer = 0; layer < network.depth(); ++layer) {
      const double ratio = network.layer(window, layer).update_ratio;
      // Infinite updates are those of weights that are no longer finite: the step before was too large.
      if (ratio > largest.ratio) largest = {.ratio = ratio, .layer = layer, .step = window.last_step};
      measured = measured || ratio >= 0;
    }
  }
  largest.measured = measured;
  return largest;
}

}  // namespace

void look_at_learning(const Measured& network, Suspicions& found) {
  const Harm& harm = network.harm();
  if (network.training().empty()) return;
  const LargestUpdate largest = largest_update(network);
  const auto suspect = [&](Symptom symptom, Cause cause, std::optional<size_t> layer, int64_t step, std::vector<Evidence> evidence, double confidence, bool severe = true) {
    found.push_back({.finding = {.symptom = symptom, .cause = cause, .layer = layer, .since_step = step, .evidence = std::move(evidence), .confidence = confidence}, .severe = severe});
  };
  // Steps are large because gradients are, where an activation grows faster than its input.
  std::optional<size_t> growing;
  for (size_t layer = 0; layer < network.depth() && !growing; ++layer) {
    if (network.facts(layer).superlinear) growing = layer;
  }
  if (growing && (harm.non_finite || harm.diverging)) {
    suspect(harm.non_finite ? Symptom::non_finite : Symptom::exploding_activation, Cause::activation_explodes, growing, harm.since_step,
            {{"update / weight", largest.ratio, border::large_update}}, 0.7);
  } else if (largest.ratio > border::large_update && harm.any()) {
    const Symptom symptom = harm.non_finite ? Symptom::non_finite : harm.diverging ? Symptom::oscillating_loss : Symptom::not_learning;
    suspect(symptom, Cause::learning_rate_too_high, largest.layer, largest.step, {{"update / weight", largest.ratio, border::large_update}}, confidence_above(largest.ratio, border::large_update));
  } else if (harm.non_finite || harm.diverging) {
    suspect(harm.non_finite ? Symptom::non_finite : Symptom::oscillating_loss, Cause::learning_rate_too_high, std::nullopt, harm.since_step, {{"recent loss / chance", harm.share_of_chance, 1}}, 0.5);
  } else if (harm.noise > border::noisy_loss && largest.ratio > border::large_update) {
    suspect(Symptom::oscillating_loss, Cause::learning_rate_too_high, largest.layer, largest.step, {{"deviation of the loss / its mean", harm.noise, border::noisy_loss}},
            confidence_above(harm.noise, border::noisy_loss), false);
  }
  if (harm.noise > border::noisy_loss && network.subject().batch > 0 && network.subject().batch <= border::small_batch && harm.any()) {
    suspect(Symptom::oscillating_loss, Cause::batch_too_small, std::nullopt, network.training().front().last_step, {{"deviation of the loss / its mean", harm.noise, border::noisy_loss}},
            confidence_above(harm.noise, border::noisy_loss));
  }
  // A network that has learnt and is done takes small steps, too, and so does one that has died; those were larger once.
  if (largest.measured && largest.ratio < border::small_update && harm.progress < border::little_progress) {
    suspect(Symptom::not_learning, Cause::learning_rate_too_low, std::nullopt, network.training().front().last_step, {{"update / weight", largest.ratio, border::small_update}},
            confidence_below(largest.ratio, border::small_update));
  }
}

}  // namespace rectify::diagnose
