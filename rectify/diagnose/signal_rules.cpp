// Rules about signals on their way forward and gradients on their way back, before training or in its first window.
#include <algorithm>
#include <cmath>

#include "rectify/diagnose/rules.h"
#include "rectify/diagnose/thresholds.h"

namespace rectify::diagnose {
namespace {

/// Geometric mean of the finite positive ones; 1 without any.
class GeometricMean {
 public:
  void add(double factor) {
    if (!(factor > 0) || !std::isfinite(factor)) return;
    logarithms_ += std::log(factor);
    ++count_;
  }
  double value() const { return count_ ? std::exp(logarithms_ / count_) : 1; }

 private:
  double logarithms_ = 0;
  int count_ = 0;
};

/// What a network does to signals as a whole.
struct Passage {
  double scale = 1;            ///< of the hidden layers' weights, geometric mean
  double smallest_scale = 1, largest_scale = 1;
  size_t smallest_layer = 0, largest_layer = 0;
  double slope_factor = 1;     ///< of the activations, geometric mean
  double kept_variation = 1;   ///< what differs between samples: the last hidden layer's / the inputs'
  size_t lost_in = 0;          ///< the first hidden layer that has lost it
  double largest_growth = 1;   ///< rms of a hidden layer / of the inputs
  size_t grown_in = 0;
  double gradient_ratio = 1;   ///< of the first layer / of the last: norms of d
};

Passage passage_of(const Measured& network, const observe::Window& window) {
  Passage passage;
  GeometricMean scale, slope;
  const double input = std::max(network.subject().input.rms, 1e-30);
  const double input_variation = std::max(input * std::sqrt(std::max(0.0, 1 - network.subject().input.uncentred)), 1e-30);
  passage.smallest_scale = INFINITY, passage.largest_scale = 0;
  bool lost = false;
  for (size_t i = 0; i < network.depth(); ++i) {
    const LayerMeasure layer = network.layer(window, i);
    if (layer.scale < passage.smallest_scale) passage.smallest_scale = layer.scale, passage.smallest_layer = i;
    if (layer.scale > passage.largest_scale) passage.largest_scale = layer.scale, passage.largest_layer = i;
    // The last layer's size is nobody's mistake: many begin it at 0.
    if (i + 1 == network.depth() && network.depth() > 1) break;
    scale.add(layer.scale);
    slope.add(layer.slope_factor);
    passage.kept_variation = layer.variation / input_variation;
    if (!lost && passage.kept_variation < border::lost_variation) lost = true, passage.lost_in = i;
    const double growth = window.layers[i].rms / input;
    if (growth > passage.largest_growth) passage.largest_growth = growth, passage.grown_in = i;
  }
  passage.scale = scale.value();
  passage.slope_factor = slope.value();
  if (network.depth() > 1) {
    const auto norm = [&](size_t i) { return window.layers[i].pre_activation_gradient * std::sqrt(static_cast<double>(network.log().layers[i].units)); };
    passage.gradient_ratio = norm(network.depth() - 1) > 0 ? norm(0) / norm(network.depth() - 1) : 1;
  }
  return passage;
}

}  // namespace

void look_at_signal(const Measured& network, Suspicions& found) {
  if (network.depth() < 2) return;
  const observe::Window& window = network.first();
  const Passage passage = passage_of(network, window);
  const auto suspect = [&](Symptom symptom, Cause cause, size_t layer, std::vector<Evidence> evidence, double confidence, bool severe = true) {
    found.push_back({.finding = {.symptom = symptom, .cause = cause, .layer = layer, .since_step = window.last_step, .evidence = std::move(evidence), .confidence = confidence}, .severe = severe});
  };
  const bool vanished = passage.gradient_ratio < border::vanished_gradient, lost = passage.kept_variation < border::lost_variation;
  const Evidence variation{"variation of the last hidden layer / of the inputs", passage.kept_variation, border::lost_variation};
  const Evidence gradient{"gradient of the first layer / of the last", passage.gradient_ratio, passage.gradient_ratio < 1 ? border::vanished_gradient : border::exploded_gradient};
  const ActivationFacts& facts = network.facts(passage.largest_layer);

  if (passage.scale < border::small_scale && (vanished || lost)) {
    suspect(Symptom::vanishing_gradient, Cause::init_too_small, passage.smallest_layer, {{"weights / calibrated weights, hidden layers", passage.scale, border::small_scale}, variation, gradient},
            confidence_below(passage.scale, border::small_scale));
  } else if (vanished || lost) {
    if (passage.slope_factor < border::flat_slope) {
      // What grows faster than x is flatter than x where x is small.
      const Cause cause = network.facts(passage.lost_in).superlinear ? Cause::activation_explodes : Cause::activation_saturates;
      suspect(Symptom::vanishing_gradient, cause, passage.lost_in, {{"factor of the activations on the gradient", passage.slope_factor, border::flat_slope}, variation, gradient},
              confidence_below(passage.slope_factor, border::flat_slope));
      // Each layer is flat, and there are many: either would do less harm without the other.
      if (static_cast<int64_t>(network.depth()) >= border::deep_for_flat_slopes && !network.subject().normalised) {
        suspect(Symptom::vanishing_gradient, Cause::depth_without_normalisation, passage.lost_in,
                {{"layers", static_cast<double>(network.depth()), static_cast<double>(border::deep_for_flat_slopes)}, gradient}, 0.5);
      }
    } else if (static_cast<int64_t>(network.depth()) >= border::deep && !network.subject().normalised) {
      suspect(Symptom::vanishing_gradient, Cause::depth_without_normalisation, passage.lost_in,
              {{"layers", static_cast<double>(network.depth()), static_cast<double>(border::deep)}, variation, gradient}, 0.7);
    } else if (passage.smallest_scale < border::small_scale) {
      suspect(Symptom::vanishing_gradient, Cause::init_too_small, passage.smallest_layer, {{"weights / calibrated weights", passage.smallest_scale, border::small_scale}, variation, gradient},
              confidence_below(passage.smallest_scale, border::small_scale), false);
    }
  }

  const double surprise = network.subject().output.chance_loss > 0 ? window.loss / network.subject().output.chance_loss : 1;
  if (passage.largest_scale > border::large_scale) {
    const observe::LayerWindow& worst = window.layers[passage.largest_layer];
    const bool saturated = facts.saturates && worst.saturated > border::saturated_share;
    const bool severe = saturated || surprise > border::surprising_loss || passage.largest_growth > border::grown_output || passage.gradient_ratio > border::exploded_gradient;
    suspect(saturated ? Symptom::saturated_units : Symptom::exploding_activation, Cause::init_too_large, passage.largest_layer,
            {{"weights / calibrated weights", passage.largest_scale, border::large_scale},
             {network.subject().after_training ? "loss / chance" : "loss before training / chance", surprise, border::surprising_loss}},
            confidence_above(passage.largest_scale, border::large_scale), severe);
  } else if (passage.largest_growth > border::grown_output || passage.gradient_ratio > border::exploded_gradient) {
    const bool explodes = network.facts(passage.grown_in).superlinear;
    const bool deep = static_cast<int64_t>(network.depth()) >= border::deep && !network.subject().normalised;
    const Cause cause = explodes ? Cause::activation_explodes : deep ? Cause::depth_without_normalisation : Cause::init_too_large;
    suspect(passage.largest_growth > border::grown_output ? Symptom::exploding_activation : Symptom::exploding_gradient, cause, passage.grown_in,
            {{"rms of a layer / of the inputs", passage.largest_growth, border::grown_output}, gradient},
            confidence_above(std::max(passage.largest_growth / border::grown_output, passage.gradient_ratio / border::exploded_gradient), 1));
  }
}

}  // namespace rectify::diagnose
