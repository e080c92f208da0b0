#include "rectify/diagnose/measures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "rectify/diagnose/thresholds.h"

namespace rectify::diagnose {
namespace {

using observe::LayerWindow;
using observe::Window;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool flat(const activation::Tail& tail) { return tail.saturation != activation::Saturation::none; }

/// Mean loss and mean deviation of the last windows that have at least as many steps.
struct Recent {
  double loss = 0, deviation = 0;
  int64_t steps = 0, first_step = 0;
};

Recent recent_of(std::span<const Window> windows, int64_t steps) {
  Recent recent;
  for (size_t i = windows.size(); i-- > 0 && recent.steps < steps;) {
    const Window& window = windows[i];
    const int64_t count = window.last_step - window.first_step + 1;
    const auto weight = static_cast<double>(count);
    recent.loss += window.loss * weight;
    recent.deviation += window.loss_deviation * weight;
    recent.steps += count;
    recent.first_step = window.first_step;
  }
  recent.loss /= static_cast<double>(std::max<int64_t>(recent.steps, 1));
  recent.deviation /= static_cast<double>(std::max<int64_t>(recent.steps, 1));
  return recent;
}

/// How far the mean loss of the later half of the steps is below that of the earlier half.
double fall_of(std::span<const Window> windows) {
  const int64_t middle = windows.back().last_step / 2;
  double sums[2] = {}, steps[2] = {};
  for (const Window& window : windows) {
    const size_t half = window.last_step <= middle ? 0 : 1;
    const auto count = static_cast<double>(window.last_step - window.first_step + 1);
    sums[half] += window.loss * count;
    steps[half] += count;
  }
  return steps[0] > 0 && steps[1] > 0 ? sums[0] / steps[0] - sums[1] / steps[1] : 0;
}

bool has_non_finite(const Window& window) {
  return !std::isfinite(window.loss) || std::ranges::any_of(window.layers, [](const LayerWindow& layer) { return layer.non_finite > 0; });
}

Harm judge(const Subject& subject, std::span<const Window> training) {
  Harm harm;
  if (subject.diverged) harm.non_finite = true;
  for (const Window& window : subject.log.windows) {
    if (!has_non_finite(window)) continue;
    harm.non_finite = true;
    harm.since_step = window.last_step;
    return harm;
  }
  if (training.empty()) {
    if (!subject.after_training) return harm;
    harm.share_of_chance = subject.output.chance_loss > 0 ? subject.output.loss / subject.output.chance_loss : nan;
    harm.progress = 1 - harm.share_of_chance;
    // What is far worse than chance was led elsewhere, by its steps or by other data than these.
    harm.stalled = harm.share_of_chance > border::stalled_share && harm.share_of_chance <= border::diverging_share;
    return harm;
  }
  const int64_t steps = training.back().last_step;
  const Recent recent = recent_of(training, std::max(border::steps_to_judge / 2, steps / 5));
  // The probe's loss, if there is a probe, is a mean over hundreds of samples.
  const double chance = subject.output.chance_loss, first = subject.log.windows.front().loss;
  harm.share_of_chance = chance > 0 ? recent.loss / chance : nan;
  harm.progress = first != 0 ? (first - recent.loss) / std::abs(first) : 0;
  harm.noise = recent.loss != 0 ? recent.deviation / std::abs(recent.loss) : 0;
  double smallest = std::numeric_limits<double>::infinity();
  int64_t since = 0;
  for (const Window& window : training) {
    if (window.loss < smallest) smallest = window.loss, since = window.last_step;
  }
  harm.trained = steps >= border::steps_to_judge && (subject.batch == 0 || steps * subject.batch >= border::samples_to_judge);
  harm.falls = fall_of(training) > border::falling_share * chance;
  // One bad batch is none: what counts is the mean of the recent steps, beyond what they scatter.
  const double error = recent.deviation / std::sqrt(static_cast<double>(std::max<int64_t>(recent.steps, 1)));
  const bool rises = recent.loss - 3 * error > border::diverging_share * smallest && recent.loss - 3 * error > border::stalled_share * chance;
  // An accident scatters so much that its error says nothing; its mean does.
  const bool jumps = recent.loss > border::diverging_share * std::max(chance, first);
  if (harm.trained && (rises || jumps)) {
    harm.diverging = true;
    harm.since_step = since;
  } else if (harm.trained && chance > 0 && recent.loss > border::stalled_share * chance && !(harm.falls && recent.loss < chance)) {
    harm.stalled = true;
    harm.since_step = training.front().first_step;
  }
  return harm;
}

/// Over inputs that a unit may meet.
double bend_of(const activation::Function& function) {
  constexpr double furthest = 16, step = 1.0 / 16;
  double smallest = std::numeric_limits<double>::infinity(), largest = -smallest;
  for (double x = -furthest; x <= furthest; x += step) {
    const double slope = activation::evaluate(function, x, activation::slope);
    smallest = std::min(smallest, slope), largest = std::max(largest, slope);
  }
  return largest > smallest ? (largest - smallest) / std::max(std::abs(largest), std::abs(smallest)) : 0;
}

}  // namespace

ActivationFacts facts_of(const std::string& text) {
  if (text.empty()) return {.bend = 0, .low = -std::numeric_limits<double>::infinity(), .high = std::numeric_limits<double>::infinity()};
  const activation::Function function = activation::from_specification(parse_specification(text).or_throw()).or_throw();
  const activation::Properties p = activation::properties(function);
  const auto silent = [](const activation::Tail& tail) { return tail.saturation == activation::Saturation::hard && tail.value == 0; };
  return {.saturates = flat(p.left) && flat(p.right),
          .silent_tail = silent(p.left) || silent(p.right),
          .bend = bend_of(function),
          .superlinear = !std::isfinite(p.lipschitz),
          .gain = p.normal.gain,
          .low = p.infimum.value,
          .high = p.supremum.value};
}

Measured::Measured(const Subject& subject) : subject_(subject) {
  std::map<std::string, ActivationFacts> known;
  for (const observe::LayerIdentity& layer : subject.log.layers) {
    const auto found = known.find(layer.activation);
    facts_.push_back(found != known.end() ? found->second : known.emplace(layer.activation, facts_of(layer.activation)).first->second);
  }
  harm_ = judge(subject, training());
}

std::span<const Window> Measured::training() const {
  std::span<const Window> windows = log().windows;
  while (!windows.empty() && windows.front().last_step == 0) windows = windows.subspan(1);
  return windows;
}

LayerMeasure Measured::layer(const Window& window, size_t layer) const {
  const LayerWindow& seen = window.layers[layer];
  return {.scale = seen.weight * std::sqrt(static_cast<double>(log().layers[layer].fan_in)) / facts_[layer].gain,
          .variation = seen.rms * std::sqrt(std::max(0.0, 1 - seen.uncentred)),
          .slope_factor = observe::activation_factor(seen),
          .weights_factor = layer == 0 ? nan : observe::weights_factor(window.layers[layer - 1], seen),
          .update_ratio = seen.weight > 0 ? seen.update / seen.weight : nan};
}

std::string Measured::name_of(size_t layer) const { return fmt::format("layer {}, {}", log().layers[layer].name, log().layers[layer].layer); }

}  // namespace rectify::diagnose
