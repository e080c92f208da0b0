// Rules about steps: too large, too small, too noisy.
#include <algorithm>
#include <cmath>
#include <limits>

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

/// How far the whole training goes at the pace of the later half of its steps so far: the share of the weights, of the layer that changes most, that its steps change if none takes back what
/// another did. Infinite where that is not known.
double way_of(const Measured& network) {
  const int64_t planned = network.subject().planned_steps, now = network.latest().last_step;
  double sum = 0, steps = 0;
  for (const observe::Window& window : network.training()) {
    double largest = -1;
    for (size_t layer = 0; layer < network.depth(); ++layer) largest = std::max(largest, network.layer(window, layer).update_ratio);
    if (window.last_step <= now / 2 || !(largest >= 0)) continue;
    const auto count = static_cast<double>(window.last_step - window.first_step + 1);
    sum += largest * count, steps += count;
  }
  return planned > 0 && steps > 0 ? sum / steps * static_cast<double>(planned) : std::numeric_limits<double>::infinity();
}

/// Whether the loss jumps, high and without falling, in the second half of a training that has come to no other harm.
bool shakes(const Measured& network) {
  const Harm& harm = network.harm();
  const int64_t planned = network.subject().planned_steps;
  const bool late = planned > 0 && network.latest().last_step >= planned / 2;
  return late && harm.trained && !harm.any() && harm.noise > border::noisy_loss && harm.share_of_chance > border::high_loss_late && !harm.falls;
}

/// Of the whole network, since its first steps.
Suspicion suspicion(const Measured& network, Symptom symptom, Cause cause, std::vector<Evidence> evidence, double confidence) {
  return {.finding = {.symptom = symptom, .cause = cause, .since_step = network.training().front().last_step, .evidence = std::move(evidence), .confidence = confidence}};
}

void look_at_long_steps(const Measured& network, const LargestUpdate& largest, Suspicions& found) {
  const Harm& harm = network.harm();
  const Evidence update{"update / weight", largest.ratio, border::large_update}, noise{"deviation of the loss / its mean", harm.noise, border::noisy_loss};
  const double by_update = confidence_above(largest.ratio, border::large_update), by_noise = confidence_above(harm.noise, border::noisy_loss);
  const bool long_steps = largest.ratio > border::large_update, noisy = harm.noise > border::noisy_loss;
  const Symptom symptom = harm.non_finite ? Symptom::non_finite : harm.diverging ? Symptom::oscillating_loss : Symptom::not_learning;
  // Steps are long because gradients are large, where an activation grows faster than its input.
  std::optional<size_t> growing;
  for (size_t layer = 0; layer < network.depth() && !growing; ++layer) {
    if (network.facts(layer).superlinear) growing = layer;
  }
  if (growing && (harm.non_finite || harm.diverging || (harm.stalled && long_steps))) {
    Suspicion& grown = found.emplace_back(suspicion(network, harm.diverging ? Symptom::exploding_activation : symptom, Cause::activation_explodes, {update}, 0.7));
    grown.finding.layer = growing, grown.finding.since_step = harm.since_step;
  } else if (long_steps && (harm.any() || noisy)) {
    Suspicion& jumping = found.emplace_back(harm.any() ? suspicion(network, symptom, Cause::learning_rate_too_high, {update}, by_update)
                                                       : suspicion(network, Symptom::oscillating_loss, Cause::learning_rate_too_high, {noise}, by_noise));
    jumping.finding.layer = largest.layer, jumping.finding.since_step = largest.step;
    jumping.severe = harm.any();
  } else if (harm.non_finite || harm.diverging) {
    found.push_back(suspicion(network, symptom, Cause::learning_rate_too_high, {{"recent loss / chance", harm.share_of_chance, 1}}, 0.5));
    found.back().finding.since_step = harm.since_step;
  }
  const int64_t batch = network.subject().batch;
  const bool small_batch = batch > 0 && batch <= border::small_batch;
  if (small_batch && noisy && harm.any()) found.push_back(suspicion(network, Symptom::oscillating_loss, Cause::batch_too_small, {noise}, by_noise));
  if (shakes(network)) {
    const Cause cause = small_batch ? Cause::batch_too_small : Cause::learning_rate_too_high;
    found.push_back(suspicion(network, Symptom::oscillating_loss, cause, {noise, {"recent loss / chance", harm.share_of_chance, border::high_loss_late}}, by_noise));
    found.back().finding.since_step = network.subject().planned_steps / 2;
  }
}

void look_at_short_steps(const Measured& network, const LargestUpdate& largest, Suspicions& found) {
  const Harm& harm = network.harm();
  const double way = way_of(network);
  // A network that has learnt and is done takes small steps, too, and so does one that has died; those were larger once.
  if (largest.measured && largest.ratio < border::small_update && harm.progress < border::little_progress) {
    found.push_back(suspicion(network, Symptom::not_learning, Cause::learning_rate_too_low, {{"update / weight", largest.ratio, border::small_update}},
                              confidence_below(largest.ratio, border::small_update)));
  } else if (harm.trained && !harm.diverging && !harm.non_finite && way < border::short_way && harm.share_of_chance > border::high_loss) {
    found.push_back(suspicion(network, Symptom::not_learning, Cause::learning_rate_too_low,
                              {{"update / weight, times the planned steps", way, border::short_way}, {"recent loss / chance", harm.share_of_chance, border::high_loss}},
                              confidence_below(way, border::short_way)));
  }
}

}  // namespace

void look_at_learning(const Measured& network, Suspicions& found) {
  if (network.training().empty()) return;
  const LargestUpdate largest = largest_update(network);
  look_at_long_steps(network, largest, found);
  look_at_short_steps(network, largest, found);
}

}  // namespace rectify::diagnose
