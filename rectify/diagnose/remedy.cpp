// Remedies as data: their names, which of them answer a finding, and where each is carried out.
#include <algorithm>
#include <array>
#include <cmath>

#include "rectify/activation/catalogue.h"
#include "rectify/base/specification.h"
#include "rectify/diagnose/learning_rate.h"
#include "rectify/diagnose/remedies.h"
#include "rectify/nn/loss.h"

namespace rectify::diagnose {
namespace {

constexpr std::array names = {"rescale_activation", "recycle_units", "insert_normalisation", "hold_learning_rate", "set_learning_rate", "clip_gradient", "standardise_input",
                              "reinitialise", "swap_activation", "remove_output_activation", "correct_loss", "change_batch"};

constexpr double usual_clip = 1;
constexpr int64_t usual_batch = 32;

/// The largest update / weight of a layer in a window; 0 if none was measured.
double update_of(const observe::Window& window) {
  double largest = 0;
  for (const observe::LayerWindow& layer : window.layers) {
    const double ratio = layer.update / layer.weight;
    if (std::isfinite(ratio)) largest = std::max(largest, ratio);
  }
  return largest;
}

/// Steps that change the weights by the usual share. Where the ratio does not say which way to go (training diverged, or the network stopped moving) the curvature does.
Remedy lower_learning_rate(const Subject& subject) {
  double largest = 0;
  for (const observe::Window& window : subject.log.windows) largest = std::max(largest, update_of(window));
  return {.change = Change::set_learning_rate, .number = !subject.diverged && largest > healthy_update ? subject.learning_rate * healthy_update / largest : 0};
}
/// Where a network could not move yet, more than the usual share is the usual one.
Remedy higher_learning_rate(const Subject& subject, double times) {
  const double latest = subject.log.windows.empty() ? 0 : update_of(subject.log.windows.back());
  return {.change = Change::set_learning_rate, .number = latest > 0 && latest < times * healthy_update ? subject.learning_rate * times * healthy_update / latest : 0};
}

/// Whether the schedule made the learning rate larger than the optimiser's own.
bool was_raised(const Subject& subject) {
  return std::ranges::any_of(subject.log.windows, [&](const observe::Window& window) { return window.learning_rate > 2 * subject.learning_rate; });
}

/// The activation that a layer is given instead: one that does not saturate, or one that does not die.
Remedy other_activation(const Finding& finding, const char* activation) {
  return {.change = Change::swap_activation, .layer = finding.symptom == Symptom::vanishing_gradient ? std::nullopt : finding.layer, .text = activation};
}

Remedy change(Change change) { return {.change = change}; }
Remedy change_at(Change change, const Finding& finding) { return {.change = change, .layer = finding.layer}; }

Remedy followed_by(Remedy remedy, const Remedy& further) {
  remedy.also.push_back(further);
  return remedy;
}

/// New weights, and steps that are measured on them.
Remedy begin_again() { return {.change = Change::reinitialise, .also = {{.change = Change::set_learning_rate}}}; }

/// Another activation in every hidden layer, and weights that are calibrated to it: a swap by itself keeps what had faded.
Remedy begin_again_with(const char* activation) { return {.change = Change::swap_activation, .text = activation, .also = {begin_again()}}; }

std::vector<Remedy> for_cause(const Finding& finding, const Subject& subject) {
  const Remedy again = change(Change::reinitialise), normalised = change(Change::insert_normalisation), rescaled = change(Change::rescale_activation);
  const Remedy clipped{.change = Change::clip_gradient, .number = usual_clip}, lower_rate = lower_learning_rate(subject), measured_rate{.change = Change::set_learning_rate};
  const Remedy tenth{.change = Change::set_learning_rate, .number = subject.learning_rate / 10};
  switch (finding.cause) {
    case Cause::init_too_small: return {again, begin_again(), normalised};
    case Cause::init_too_large: return {again, begin_again(), measured_rate};
    case Cause::init_symmetric: return {again, begin_again()};
    case Cause::activation_saturates: return {rescaled, normalised, again, begin_again_with("leaky_relu"), other_activation(finding, "leaky_relu")};
    case Cause::activation_explodes: return {{.change = Change::swap_activation, .text = "leaky_relu"}, begin_again_with("leaky_relu"), clipped};
    case Cause::activation_linear: return {other_activation(finding, "relu"), begin_again_with("relu")};
    case Cause::activation_not_centred: return {rescaled, normalised, other_activation(finding, "tanh"), begin_again_with("leaky_relu")};
    case Cause::learning_rate_too_high:
      if (was_raised(subject)) return {change(Change::hold_learning_rate), measured_rate, begin_again(), clipped};
      if (finding.symptom == Symptom::oscillating_loss && !subject.diverged) return {tenth, measured_rate, lower_rate, begin_again()};
      return {measured_rate, lower_rate, begin_again(), clipped};
    case Cause::learning_rate_too_low: return {higher_learning_rate(subject, 10), higher_learning_rate(subject, 1), measured_rate};
    case Cause::input_not_scaled: return {change(Change::standardise_input), {.change = Change::standardise_input, .also = {again}}, normalised};
    case Cause::bias_too_negative: return {change_at(Change::reinitialise, finding), again};
    case Cause::output_activation_wrong: return {change(Change::remove_output_activation), {.change = Change::remove_output_activation, .also = {again}}};
    case Cause::softmax_applied_twice: return {change(Change::remove_output_activation)};
    case Cause::loss_mismatch: {
      const Remedy corrected{.change = Change::correct_loss, .text = nn::is_classification(subject.loss) ? "cross_entropy" : "mse"};
      return {corrected, followed_by(corrected, measured_rate)};
    }
    case Cause::batch_too_small:
      return {tenth, lower_rate, {.change = Change::change_batch, .number = static_cast<double>(std::max<int64_t>(1, std::min(usual_batch, subject.training_samples)))}};
    case Cause::depth_without_normalisation: return {normalised, again, begin_again(), begin_again_with("leaky_relu")};
  }
  return {};
}

bool keeps_function(const Remedy& remedy) { return remedy.change <= Change::insert_normalisation && std::ranges::all_of(remedy.also, keeps_function); }

std::string place(const Remedy& remedy) { return remedy.layer ? " of layer " + std::to_string(*remedy.layer) : " of every hidden layer"; }

/// "a learning rate" and the like in few digits.
std::string shown(double value) {
  if (!(value > 0) || !std::isfinite(value)) return number(std::isfinite(value) ? value : 0).text;
  double unit = 1;
  while (value < 10 * unit) unit /= 10;
  while (value >= 100 * unit) unit *= 10;
  return number(unit < 1 ? std::round(value / unit) / std::round(1 / unit) : std::round(value / unit) * unit).text;
}

std::string sentence(const Remedy& remedy) {
  switch (remedy.change) {
    case Change::rescale_activation: return "rescale the activation" + place(remedy) + " to the identity near 0";
    case Change::recycle_units:
      return "recycle " + (remedy.units.empty() ? "the silent units" : std::to_string(remedy.units.size()) + (remedy.units.size() == 1 ? " unit" : " units")) + place(remedy);
    case Change::insert_normalisation: return "insert batch_norm before the activation" + place(remedy);
    case Change::hold_learning_rate: return "end the schedule, and hold the learning rate where it is";
    case Change::set_learning_rate: return remedy.number > 0 ? "set the learning rate to " + shown(remedy.number) : "set the learning rate by the curvature of the loss along the step";
    case Change::clip_gradient: return "clip the gradient at the norm " + shown(remedy.number);
    case Change::standardise_input: return "standardise the inputs to mean 0 and variance 1";
    case Change::reinitialise:
      return std::string("initialise ") + (remedy.layer ? "layer " + std::to_string(*remedy.layer) : "the network") + " again, to variance 1 on the data";
    case Change::swap_activation: return "use " + remedy.text + " as the activation" + place(remedy);
    case Change::remove_output_activation: return "remove the activation of the output";
    case Change::correct_loss: return "use the loss " + remedy.text;
    case Change::change_batch: return "use batches of " + std::to_string(static_cast<int64_t>(remedy.number)) + (remedy.number == 1 ? " sample" : " samples");
  }
  return "";
}

void apply_to(Checkpoint& changed, const Remedy& remedy) {
  switch (remedy.change) {
    case Change::rescale_activation: rescale_activation(changed, remedy.layer); break;
    case Change::recycle_units:
      if (!remedy.layer) throw ArgumentError("[recycle_units] no layer is named. Say whose units.");
      recycle_units(changed, *remedy.layer, remedy.units);
      break;
    case Change::insert_normalisation: insert_normalisation(changed, remedy.layer); break;
    case Change::hold_learning_rate: hold_learning_rate(changed); break;
    case Change::set_learning_rate: set_learning_rate(changed, remedy.number); break;
    case Change::clip_gradient: clip_gradient(changed, remedy.number); break;
    case Change::standardise_input: standardise_input(changed); break;
    case Change::reinitialise: reinitialise(changed, remedy.layer); break;
    case Change::swap_activation: swap_activation(changed, remedy.layer, remedy.text); break;
    case Change::remove_output_activation: remove_output_activation(changed); break;
    case Change::correct_loss: correct_loss(changed, remedy.text); break;
    case Change::change_batch: change_batch(changed, static_cast<int64_t>(remedy.number)); break;
  }
  for (const Remedy& further : remedy.also) apply_to(changed, further);
}

}  // namespace

std::string_view name(Change change) { return names[static_cast<size_t>(change)]; }

std::string to_string(const Remedy& remedy) {
  std::string text = sentence(remedy);
  for (const Remedy& further : remedy.also) text += "; then " + to_string(further);
  return text;
}

std::vector<Remedy> remedies_for(const Finding& finding, const Subject& subject) {
  std::vector<Remedy> remedies = for_cause(finding, subject);
  // Dead units stay dead when the cause is gone. Where steps killed them there is a checkpoint from before.
  if (finding.cause != Cause::learning_rate_too_high && (finding.symptom == Symptom::dead_units || finding.symptom == Symptom::dying_units) && finding.layer) {
    remedies.insert(remedies.begin(), {.change = Change::recycle_units, .layer = finding.layer, .units = finding.units});
    remedies.push_back(other_activation(finding, "leaky_relu"));
  }
  if (!is_a_mistake(finding.cause)) std::ranges::stable_partition(remedies, keeps_function);
  return remedies;
}

Checkpoint checkpoint_of(const train::Prepared& run, int64_t step) {
  Checkpoint result{.run = {.configuration = run.configuration, .data = run.data, .model = nn::clone(run.model), .optimiser = nullptr, .options = run.options}, .step = step};
  // Not the optimiser's own text: while it trains, its learning rate is what the schedule has made of it.
  result.run.optimiser = train::make_optimiser(parse_specification(run.configuration.optimiser, "--optimiser").or_throw(), result.run.model.parameters());
  result.run.optimiser->load_state(run.optimiser->state());
  return result;
}

Checkpoint copy(const Checkpoint& checkpoint) { return checkpoint_of(checkpoint.run, checkpoint.step); }

Checkpoint apply(const Remedy& remedy, const Checkpoint& checkpoint) {
  Checkpoint changed = copy(checkpoint);
  apply_to(changed, remedy);
  return changed;
}

}  // namespace rectify::diagnose
