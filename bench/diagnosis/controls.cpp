// Healthy networks, most of which look sick to a rule that counts entries, compares one number with one threshold, or does not wait.
#include <fmt/format.h>

#include <functional>

#include "bench/diagnosis/case.h"
#include "bench/diagnosis/network_text.h"

namespace bench::diagnosis {
namespace {

/// What a kind of control changes of the healthy case; false if the architecture cannot have it.
struct ControlKind {
  const char* name;
  std::function<bool(const Architecture& architecture, const std::filesystem::path& folder, Case& control)> change;
};

/// A kind that changes the network's text alone.
ControlKind in_network(const char* name, std::function<void(NetworkText&)> change) {
  return {name, [change = std::move(change)](const Architecture&, const std::filesystem::path&, Case& control) {
            NetworkText network(control.run.network);
            change(network);
            control.run.network = network.text();
            return true;
          }};
}

/// A kind that changes the configuration alone.
ControlKind in_run(const char* name, std::function<void(rectify::train::RunConfiguration&)> change) {
  return {name, [change = std::move(change)](const Architecture&, const std::filesystem::path&, Case& control) {
            change(control.run);
            return true;
          }};
}

/// Biases below 0 keep most outputs at 0, for each input others.
void make_sparse(NetworkText& network) {
  network.replace_hidden_activations("relu");
  for (size_t layer = 0; layer + 1 < network.weighted_layers(); ++layer) {
    network.set_units(layer, 2 * network.units(layer));
    network.set(layer, "bias", "-0.5");
  }
}

bool some_dead_units_in_a_wide_layer(const Architecture&, const std::filesystem::path&, Case& control) {
  NetworkText network(control.run.network);
  network.replace_hidden_activations("relu");
  network.set_units(0, 3 * network.units(0));
  control.run.network = network.text();
  control.edits.push_back({.kind = Edit::Kind::shift_biases, .layer = 0, .amount = -100, .units = network.units(0) / 5});
  return true;
}

/// Blobs can be told apart by a linear network; deep ones learn slowly at first, but do.
bool deep_and_linear(const Architecture& architecture, const std::filesystem::path& folder, Case& control) {
  if (architecture.loss != "cross_entropy" || architecture.network.starts_with("conv")) return false;
  NetworkText network(control.run.network);
  network.replace_hidden_activations("identity");
  network.deepen(6);
  network.set_units(network.weighted_layers() - 1, 5);
  control.run.network = network.text();
  control.run.data = data_text({.set = Set::five_blobs}, folder, true);
  return true;
}

bool frozen_first_layer(const Architecture&, const std::filesystem::path&, Case& control) {
  control.edits.push_back({.kind = Edit::Kind::freeze, .layer = 0});
  return true;
}

bool rare_class(const Architecture& architecture, const std::filesystem::path& folder, Case& control) {
  if (architecture.loss != "cross_entropy") return false;
  control.run.data = data_text({.set = architecture.set, .rare = true}, folder, true);
  return true;
}

bool saturated_and_learning(const Architecture&, const std::filesystem::path&, Case& control) {
  NetworkText network(control.run.network);
  network.replace_hidden_activations("tanh");
  control.run.network = network.text();
  control.edits.push_back({.layer = 0, .amount = 4});
  return true;
}

/// log softmax(log softmax(x)) = log softmax(x): harmless, unlike softmax.
bool log_softmax_before_cross_entropy(const Architecture& architecture, const std::filesystem::path&, Case& control) {
  if (architecture.loss != "cross_entropy") return false;
  NetworkText network(control.run.network);
  network.append("log_softmax");
  control.run.network = network.text();
  return true;
}

bool inputs_up_to_four(const Architecture& architecture, const std::filesystem::path& folder, Case& control) {
  control.run.data = data_text({.set = architecture.set, .factor = 2}, folder, false);
  return true;
}

const std::vector<ControlKind>& control_kinds() {
  using rectify::train::RunConfiguration;
  static const std::vector<ControlKind> kinds{
      in_run("as_it_is", [](RunConfiguration&) {}),
      in_network("sparse_relu", make_sparse),
      {"saturated_and_learning", saturated_and_learning},
      in_network("linear_bottleneck", [](NetworkText& network) { network.insert_before_output("linear(12)"); }),
      in_run("long_after_convergence", [](RunConfiguration& run) { run.epochs *= 3; }),
      in_run("warm_up", [](RunConfiguration& run) { run.schedule = "constant(warmup=3)"; }),
      in_run("cosine", [](RunConfiguration& run) { run.schedule = "cosine"; }),
      in_run("decay_by_steps", [](RunConfiguration& run) { run.schedule = fmt::format("step(every={}, factor=0.1)", run.epochs * 3 / 5); }),
      {"frozen_first_layer", frozen_first_layer},
      {"rare_class", rare_class},
      in_run("batch_of_1", [](RunConfiguration& run) { run.batch = 1, run.epochs /= 3, run.optimiser = with_learning_rate_times(run.optimiser, 0.1); }),
      in_run("batch_of_128", [](RunConfiguration& run) { run.batch = 128; }),
      {"some_dead_units_in_a_wide_layer", some_dead_units_in_a_wide_layer},
      {"deep_and_linear", deep_and_linear},
      in_network("dropout", [](NetworkText& network) { network.insert_after_hidden_activations("dropout(0.1)"); }),
      in_network("batch_norm", [](NetworkText& network) { network.insert_before_hidden_activations("batch_norm"); }),
      in_network("layer_norm", [](NetworkText& network) { network.insert_before_hidden_activations("layer_norm"); }),
      {"inputs_up_to_four", inputs_up_to_four},
      in_run("xavier", [](RunConfiguration& run) { run.init = "xavier_uniform"; }),
      in_run("he", [](RunConfiguration& run) { run.init = "he_uniform"; }),
      in_run("orthogonal", [](RunConfiguration& run) { run.init = "orthogonal"; }),
      in_run("slow", [](RunConfiguration& run) { run.optimiser = with_learning_rate_times(run.optimiser, 0.3); }),
      in_run("weight_decay", [](RunConfiguration& run) { run.optimiser = with_argument(run.optimiser, "weight_decay", "0.0001"); }),
      in_run("rmsprop", [](RunConfiguration& run) { run.optimiser = "rmsprop(lr=0.003)"; }),
      in_network("random_biases",
                 [](NetworkText& network) {
                   for (size_t layer = 0; layer + 1 < network.weighted_layers(); ++layer) network.set(layer, "bias", "normal(0.5)");
                 }),
      in_network("twice_as_wide",
                 [](NetworkText& network) {
                   for (size_t layer = 0; layer + 1 < network.weighted_layers(); ++layer) network.set_units(layer, 2 * network.units(layer));
                 }),
      in_network("one_layer_more", [](NetworkText& network) { network.deepen(network.weighted_layers()); }),
      in_network("mish", [](NetworkText& network) { network.replace_hidden_activations("mish"); }),
      in_network("softplus", [](NetworkText& network) { network.replace_hidden_activations("softplus"); }),
      in_network("hardtanh", [](NetworkText& network) { network.replace_hidden_activations("hardtanh"); }),
      {"log_softmax", log_softmax_before_cross_entropy},
  };
  return kinds;
}

}  // namespace

std::vector<Case> controls(const std::filesystem::path& folder) {
  std::vector<Case> cases;
  for (const ControlKind& kind : control_kinds()) {
    for (const Architecture& architecture : architectures()) {
      Case control = healthy(architecture, folder);
      if (!kind.change(architecture, folder, control)) continue;
      control.name = fmt::format("control/{}/{}", kind.name, architecture.name);
      cases.push_back(std::move(control));
    }
  }
  return cases;
}

}  // namespace bench::diagnosis
