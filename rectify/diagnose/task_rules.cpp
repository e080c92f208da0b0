// Rules about what goes in and what comes out.
#include <algorithm>
#include <cmath>

#include "rectify/diagnose/rules.h"
#include "rectify/diagnose/thresholds.h"

namespace rectify::diagnose {
namespace {

bool is_regression(const Subject& subject) { return !nn::is_classification(subject.loss); }

/// The smallest cross-entropy that logits within [low, high] can give with so many classes.
double smallest_cross_entropy(double low, double high, double classes) { return std::log1p((classes - 1) * std::exp(low - high)); }

std::optional<size_t> last_layer(const Measured& network) { return network.depth() == 0 ? std::nullopt : std::optional(network.depth() - 1); }

void add(Suspicions& found, Finding finding, bool severe = true) { found.push_back({std::move(finding), severe}); }

}  // namespace

double confidence_above(double measured, double border) {
  const double ratio = std::max(measured / border, 1.0);
  return 1 - 0.5 / (ratio * ratio);
}

double confidence_below(double measured, double border) { return measured <= 0 ? 1 : confidence_above(border, measured); }

void look_at_task(const Measured& network, Suspicions& found) {
  const Subject& subject = network.subject();
  const OutputMeasure& output = subject.output;
  const bool logits = subject.loss == nn::Loss::cross_entropy || subject.loss == nn::Loss::bce_with_logits;
  if (subject.loss == nn::Loss::cross_entropy && output.ends_in_softmax) {
    add(found, {.symptom = Symptom::not_learning, .cause = Cause::softmax_applied_twice, .layer = last_layer(network), .evidence = {{"largest output", output.largest, 1}},
                .confidence = 0.99});
    return;
  }
  if (subject.loss == nn::Loss::nll && !output.ends_in_log_softmax) {
    add(found, {.symptom = Symptom::not_learning, .cause = Cause::loss_mismatch, .layer = last_layer(network), .evidence = {{"largest log-probability", output.largest, 0}}, .confidence = 0.99});
    return;
  }
  if (output.last_activation.empty() || output.ends_in_softmax || output.ends_in_log_softmax) return;
  const ActivationFacts facts = facts_of(output.last_activation);
  if (is_regression(subject)) {
    const double range = output.largest_target - output.smallest_target, beyond = std::max(facts.low - output.smallest_target, output.largest_target - facts.high);
    // A target just outside an open range costs next to nothing.
    constexpr double allowed = 0.02;
    if (range > 0 && beyond > allowed * range) {
      add(found, {.symptom = Symptom::not_learning, .cause = Cause::output_activation_wrong, .layer = last_layer(network),
                  .evidence = {{"share of the targets' range that is out of reach", std::min(beyond / range, 1.0), allowed}},
                  .confidence = confidence_above(beyond / range, allowed)});
    }
  } else if (logits) {
    const double classes = std::max<double>(2, std::round(std::exp(output.chance_loss)));
    const double smallest = std::isfinite(facts.high) ? smallest_cross_entropy(std::max(facts.low, -1e3), facts.high, classes) : 0;
    constexpr double allowed = 0.05;
    const double share = output.chance_loss > 0 ? smallest / output.chance_loss : 0;
    if (share > allowed || facts.silent_tail) {
      add(found, {.symptom = Symptom::not_learning, .cause = Cause::output_activation_wrong, .layer = last_layer(network),
                  .evidence = {{"smallest loss that these outputs can reach / chance", share, allowed}}, .confidence = share > allowed ? confidence_above(share, allowed) : 0.7});
    }
  }
}

void look_at_input(const Measured& network, Suspicions& found) {
  const InputMeasure& input = network.subject().input;
  const auto suspect = [&](Evidence evidence, Symptom symptom, double confidence, bool severe) {
    add(found, {.symptom = symptom, .cause = Cause::input_not_scaled, .evidence = {std::move(evidence)}, .confidence = confidence}, severe);
  };
  if (input.non_finite > 0) {
    suspect({"inputs that are not finite", static_cast<double>(input.non_finite), 0}, Symptom::non_finite, 1, true);
  } else if (input.rms > border::large_input) {
    suspect({"rms of the inputs", input.rms, border::large_input}, Symptom::variance_drift, confidence_above(input.rms, border::large_input), true);
  } else if (input.rms > 0 && input.rms < border::small_input) {
    suspect({"rms of the inputs", input.rms, border::small_input}, Symptom::variance_drift, confidence_below(input.rms, border::small_input), true);
  } else if (input.smallest_deviation > 0 && input.largest_deviation > border::uneven_features * input.smallest_deviation && input.largest_deviation > 1) {
    const double ratio = input.largest_deviation / input.smallest_deviation;
    suspect({"largest / smallest deviation of a feature", ratio, border::uneven_features}, Symptom::variance_drift, confidence_above(ratio, border::uneven_features), false);
  } else if (input.uncentred > border::uncentred_input) {
    suspect({"share of the inputs that is their means", input.uncentred, border::uncentred_input}, Symptom::zigzag, confidence_above(1 - border::uncentred_input, 1 - input.uncentred),
            input.uncentred > border::far_from_centred);
  }
}

}  // namespace rectify::diagnose
