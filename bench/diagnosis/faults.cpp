// The fault classes. Each plants one thing into an architecture, at three severities; what it does there is for the labels to say (labels.h).
#include <fmt/format.h>

#include <array>
#include <functional>

#include "bench/diagnosis/case.h"
#include "bench/diagnosis/network_text.h"

namespace bench::diagnosis {
namespace {

using rectify::diagnose::Cause;
using rectify::diagnose::Symptom;

/// What a class is given: the healthy case, to be made sick.
struct Site {
  const Architecture& architecture;
  const std::filesystem::path& folder;
  int level = 0;     ///< severity - 1
  size_t layer = 0;  ///< the hidden layer for faults of one layer: the architecture's place in the list, modulo their number
  Case& sick;
  Planted& planted;

  bool classification() const { return architecture.loss == "cross_entropy"; }
  NetworkText network() const { return NetworkText(sick.run.network); }
  void set_network(const NetworkText& network) const { sick.run.network = network.text(); }
  void plant_in(size_t where) const { planted.layer = where; }
  void set_data(Samples samples) const {
    samples.set = architecture.set;
    sick.run.data = data_text(samples, folder, false);
  }
};

using Amounts = std::array<double, 3>;

struct FaultClass {
  const char* name;
  std::vector<Symptom> symptoms;
  std::vector<Cause> causes;
  std::function<bool(const Site&)> plant;  ///< false if the architecture cannot have it
};

bool scale_all(const Site& site, double factor) {
  site.sick.edits.push_back({.amount = factor});
  return true;
}

bool learning_rate_times(const Site& site, double factor) {
  site.sick.run.optimiser = with_learning_rate_times(site.sick.run.optimiser, factor);
  return true;
}

bool one_layer_too_large(const Site& site) {
  site.sick.edits.push_back({.layer = site.layer, .amount = Amounts{10, 40, 160}[static_cast<size_t>(site.level)]});
  site.plant_in(site.layer);
  return true;
}

bool one_layer_too_small(const Site& site) {
  site.sick.edits.push_back({.layer = site.layer, .amount = Amounts{0.03, 0.001, 0.00001}[static_cast<size_t>(site.level)]});
  site.plant_in(site.layer);
  return true;
}

/// The same weights for all units: of one layer, of all, and zeros.
bool same_weights(const Site& site) {
  NetworkText network = site.network();
  if (site.level == 0) {
    network.set(site.layer, "init", "constant(0.1)");
    site.plant_in(site.layer);
    site.set_network(network);
  } else {
    site.sick.run.init = site.level == 1 ? "constant(0.1)" : "zeros";
  }
  return true;
}

bool negative_biases(const Site& site) {
  NetworkText network = site.network();
  network.set(site.layer, "bias", fmt::format("{}", Amounts{-2, -5, -20}[static_cast<size_t>(site.level)]));
  site.set_network(network);
  site.plant_in(site.layer);
  return true;
}

/// Some units are beyond reach from the beginning, the others as they should be.
bool some_dead_units(const Site& site) {
  NetworkText network = site.network();
  const int64_t units = network.units(site.layer), dead = std::array{units / 2, units * 7 / 8, units - 1}[static_cast<size_t>(site.level)];
  network.replace_hidden_activations("relu");
  site.set_network(network);
  site.sick.edits.push_back({.kind = Edit::Kind::shift_biases, .layer = site.layer, .amount = -100, .units = dead});
  site.plant_in(site.layer);
  site.planted.units = dead;
  return true;
}

/// For two steps, after two fifths of the training.
bool learning_rate_spike(const Site& site) {
  constexpr int64_t steps_per_epoch = 16;
  const int64_t at = site.architecture.epochs * 2 / 5;
  site.sick.run.schedule = fmt::format("spike(at={}, length={}, factor={})", at, 2.0 / steps_per_epoch, Amounts{30, 100, 1000}[static_cast<size_t>(site.level)]);
  site.planted.onset = at * steps_per_epoch;
  return true;
}

bool inputs_not_scaled(const Site& site) {
  site.set_data({.factor = Amounts{10, 100, 1000}[static_cast<size_t>(site.level)]});
  return true;
}

bool one_input_not_scaled(const Site& site) {
  site.set_data({.first = Amounts{30, 300, 3000}[static_cast<size_t>(site.level)]});
  return true;
}

bool inputs_not_centred(const Site& site) {
  site.set_data({.offset = Amounts{5, 20, 100}[static_cast<size_t>(site.level)]});
  return true;
}

bool deep_sigmoid(const Site& site) {
  NetworkText network = site.network();
  network.replace_hidden_activations("sigmoid");
  network.deepen(std::array<size_t, 3>{5, 7, 10}[static_cast<size_t>(site.level)]);
  site.set_network(network);
  return true;
}

/// The common mistake of drawing weights for tanh by hand: N(0, 1) and its multiples, whatever the fan-in.
bool saturated_tanh(const Site& site) {
  NetworkText network = site.network();
  network.replace_hidden_activations("tanh");
  site.set_network(network);
  site.sick.run.init = fmt::format("normal({})", Amounts{1, 5, 25}[static_cast<size_t>(site.level)]);
  return true;
}

bool growing_activation(const Site& site) {
  NetworkText network = site.network();
  network.deepen(3);
  network.replace_hidden_activations(std::array{"relu2", "exp", "formula(\"x^3\")"}[static_cast<size_t>(site.level)]);
  site.set_network(network);
  return true;
}

bool no_nonlinearity(const Site& site) {
  NetworkText network = site.network();
  network.replace_hidden_activations(std::array{"leaky_relu(0.8)", "leaky_relu(0.95)", "identity"}[static_cast<size_t>(site.level)]);
  site.set_network(network);
  return true;
}

bool wrong_output(const Site& site) {
  NetworkText network = site.network();
  network.append(std::array{"tanh", "relu", "sigmoid"}[static_cast<size_t>(site.level)]);
  site.set_network(network);
  site.plant_in(network.weighted_layers() - 1);
  return true;
}

bool softmax_twice(const Site& site) {
  if (!site.classification()) return false;
  NetworkText network = site.network();
  network.append("softmax");
  for (int more = 0; more < site.level; ++more) network.append("softmax");
  site.set_network(network);
  site.plant_in(network.weighted_layers() - 1);
  return true;
}

/// nll wants log-probabilities, and falls without end on logits. At higher severities the step is longer, too.
bool wrong_loss(const Site& site) {
  if (!site.classification()) return false;
  site.sick.run.loss = "nll";
  return learning_rate_times(site, Amounts{1, 2, 4}[static_cast<size_t>(site.level)]);
}

/// With a learning rate that even the twin's batch would barely take.
bool small_batch(const Site& site) {
  const auto level = static_cast<size_t>(site.level);
  site.sick.run.batch = std::array{8, 2, 1}[level];
  return learning_rate_times(site, 2);
}

/// Inputs that are too large, and weights that make them larger still.
bool two_faults(const Site& site) {
  const auto level = static_cast<size_t>(site.level);
  site.set_data({.factor = Amounts{10, 30, 100}[level]});
  return scale_all(site, Amounts{3, 10, 10}[level]);
}

const std::vector<FaultClass>& fault_classes() {
  using enum Cause;
  using enum Symptom;
  const auto times = [](auto body, Amounts amounts) {
    return [body, amounts](const Site& site) { return body(site, amounts[static_cast<size_t>(site.level)]); };
  };
  static const std::vector<FaultClass> classes{
      {"init_too_small", {vanishing_gradient, variance_drift, not_learning}, {init_too_small}, times(scale_all, {0.1, 0.01, 0.0001})},
      {"init_too_large", {exploding_activation, exploding_gradient, saturated_units, variance_drift, non_finite}, {init_too_large}, times(scale_all, {4, 16, 64})},
      {"one_layer_too_large", {exploding_activation, saturated_units, variance_drift}, {init_too_large}, one_layer_too_large},
      {"one_layer_too_small", {vanishing_gradient, variance_drift, not_learning}, {init_too_small}, one_layer_too_small},
      {"same_weights", {symmetric_units, dead_units, not_learning}, {init_symmetric}, same_weights},
      {"saturated_tanh", {saturated_units}, {init_too_large, activation_saturates}, saturated_tanh},
      {"negative_biases", {dead_units, saturated_units, not_learning}, {bias_too_negative}, negative_biases},
      {"some_dead_units", {dead_units}, {bias_too_negative}, some_dead_units},
      {"learning_rate_spike", {dead_units, dying_units, saturated_units, oscillating_loss, non_finite}, {learning_rate_too_high}, learning_rate_spike},
      {"learning_rate_too_high", {oscillating_loss, dead_units, dying_units, saturated_units, non_finite, not_learning}, {learning_rate_too_high}, times(learning_rate_times, {10, 40, 200})},
      {"learning_rate_too_low", {not_learning}, {learning_rate_too_low}, times(learning_rate_times, {0.03, 0.003, 0.0003})},
      {"inputs_not_scaled", {saturated_units, exploding_activation, exploding_gradient, oscillating_loss, dead_units}, {input_not_scaled}, inputs_not_scaled},
      {"one_input_not_scaled", {saturated_units, exploding_activation, exploding_gradient, oscillating_loss, dead_units}, {input_not_scaled}, one_input_not_scaled},
      {"inputs_not_centred", {zigzag, saturated_units, dead_units, oscillating_loss}, {input_not_scaled}, inputs_not_centred},
      {"deep_sigmoid", {vanishing_gradient, saturated_units, not_learning}, {activation_saturates, activation_not_centred, depth_without_normalisation}, deep_sigmoid},
      {"growing_activation", {exploding_activation, exploding_gradient, non_finite}, {activation_explodes}, growing_activation},
      {"no_nonlinearity", {linear_collapse}, {activation_linear}, no_nonlinearity},
      {"wrong_output", {not_learning, dead_units, saturated_units}, {output_activation_wrong}, wrong_output},
      {"softmax_twice", {not_learning, saturated_units}, {softmax_applied_twice, output_activation_wrong}, softmax_twice},
      {"wrong_loss", {exploding_activation, not_learning, non_finite}, {loss_mismatch}, wrong_loss},
      {"small_batch", {oscillating_loss, not_learning}, {batch_too_small, learning_rate_too_high}, small_batch},
      {"two_faults", {saturated_units, exploding_activation, oscillating_loss, dead_units}, {input_not_scaled, init_too_large}, two_faults},
  };
  return classes;
}

}  // namespace

std::vector<Case> faults(const std::filesystem::path& folder) {
  std::vector<Case> cases;
  for (const FaultClass& fault : fault_classes()) {
    for (size_t place = 0; place < architectures().size(); ++place) {
      const Architecture& site = architectures()[place];
      for (int severity = 1; severity <= 3; ++severity) {
        Case sick = healthy(site, folder);
        Planted planted{.fault = fault.name, .severity = severity, .symptoms = fault.symptoms, .causes = fault.causes};
        const size_t layer = place % (NetworkText(site.network).weighted_layers() - 1);
        if (!fault.plant({.architecture = site, .folder = folder, .level = severity - 1, .layer = layer, .sick = sick, .planted = planted})) continue;
        sick.name = fmt::format("{}/{}/{}", fault.name, site.name, severity);
        sick.planted = planted;
        cases.push_back(std::move(sick));
      }
    }
  }
  return cases;
}

}  // namespace bench::diagnosis
