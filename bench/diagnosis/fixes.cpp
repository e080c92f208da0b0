#include "bench/diagnosis/fixes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/diagnosis/network_text.h"
#include "rectify/activation/catalogue.h"
#include "rectify/nn/layers.h"

namespace bench::diagnosis {
namespace {

using rectify::diagnose::Cause;
using rectify::nn::WeightedLayer;

/// What the hidden layers of a case begin with.
struct Beginning {
  std::vector<double> weights;     ///< root mean square per layer
  bool symmetric = false;          ///< all units of some layer have the same weights
  bool negative_biases = false;    ///< below -1, in some layer
};

Beginning beginning_of(const Case& each) {
  rectify::train::Prepared run = prepare(each, 0);
  Beginning result;
  for (size_t i = 0; i < run.model.size(); ++i) {
    const auto* layer = dynamic_cast<const WeightedLayer*>(&run.model[i]);
    if (!layer) continue;
    const auto weights = layer->weight.values<float>();
    const size_t fan_in = weights.size() / static_cast<size_t>(layer->weight.size(0));
    double squares = 0;
    bool same = layer->weight.size(0) > 1;
    for (size_t k = 0; k < weights.size(); ++k) {
      squares += static_cast<double>(weights[k]) * weights[k];
      same = same && weights[k] == weights[k % fan_in];
    }
    result.weights.push_back(std::sqrt(squares / static_cast<double>(weights.size())));
    result.symmetric = result.symmetric || same;
    if (layer->bias.defined()) result.negative_biases = result.negative_biases || std::ranges::any_of(layer->bias.values<float>(), [](float b) { return b < -1; });
  }
  return result;
}

/// How an activation is shaped, by a few of its values.
struct Shape {
  bool linear = false, centred = true, superlinear = false, saturating = false;
};

Shape shape_of(const std::string& text) {
  const rectify::activation::Function f = rectify::activation::from_specification(rectify::parse_specification(text).or_throw()).or_throw();
  const auto value = [&](double x) { return rectify::activation::evaluate(f, x); };
  const double rise = std::abs(value(1) - value(-1));
  Shape shape;
  shape.linear = std::abs(value(1) + value(-1) - 2 * value(0)) < 0.25 * rise && std::abs(value(3) - value(-3)) > 2.75 * rise;
  shape.centred = std::abs(value(1) + value(-1)) < 0.25 * rise;
  shape.superlinear = std::abs(value(30)) > 20 * std::abs(value(3));
  shape.saturating = std::abs(value(-30) - value(-10)) < 0.1;
  return shape;
}

class Fixes {
 public:
  explicit Fixes(const Case& sick) : sick_(sick), loss_(architecture(sick.architecture).loss) {}

  std::vector<Fix> all() {
    initialisation();
    learning_rate();
    activations();
    task();
    return std::move(fixes_);
  }

 private:
  /// A fix that changes the configuration, or the edits.
  template <class Change>
  void add(const std::string& name, Cause cause, Change&& change) {
    Case fixed = sick_;
    fixed.name = sick_.name + ": " + name;
    fixed.planted = std::nullopt;
    change(fixed);
    fixes_.push_back({.name = name, .cause = cause, .fixed = std::move(fixed)});
  }
  /// A fix that changes the network's text.
  template <class Change>
  void add_to_network(const std::string& name, Cause cause, Change&& change) {
    add(name, cause, [&](Case& fixed) {
      NetworkText network(fixed.run.network);
      change(network);
      fixed.run.network = network.text();
    });
  }

  void initialisation() {
    const auto calibrate = [](Case& fixed) {
      fixed.run.init = "calibrated";
      std::erase_if(fixed.edits, [](const Edit& edit) { return edit.kind == Edit::Kind::scale_weights; });
      NetworkText network(fixed.run.network);
      for (size_t layer = 0; layer < network.weighted_layers(); ++layer) network.remove(layer, "init");
      fixed.run.network = network.text();
    };
    Case calibrated = sick_;
    calibrate(calibrated);
    const Beginning now = beginning_of(sick_), then = beginning_of(calibrated);
    double smallest = 1, largest = 1;
    for (size_t layer = 0; layer < now.weights.size(); ++layer) {
      smallest = std::min(smallest, now.weights[layer] / then.weights[layer]);
      largest = std::max(largest, now.weights[layer] / then.weights[layer]);
    }
    if (now.symmetric && !then.symmetric) {
      add("calibrated weights", Cause::init_symmetric, calibrate);
    } else if (smallest < 0.5) {
      add("calibrated weights", Cause::init_too_small, calibrate);
    }
    if (largest > 2) add("calibrated weights", Cause::init_too_large, calibrate);
    if (now.negative_biases) {
      add("biases of 0", Cause::bias_too_negative, [](Case& fixed) {
        std::erase_if(fixed.edits, [](const Edit& edit) { return edit.kind == Edit::Kind::shift_biases; });
        NetworkText network(fixed.run.network);
        for (size_t layer = 0; layer < network.weighted_layers(); ++layer) network.remove(layer, "bias");
        fixed.run.network = network.text();
      });
    }
  }

  void learning_rate() {
    if (sick_.run.schedule.starts_with("spike")) {
      add("no spike", Cause::learning_rate_too_high, [](Case& fixed) { fixed.run.schedule = "constant"; });
    }
    const auto times = [&](double factor, Cause cause) {
      add(fmt::format("learning rate times {}", factor), cause, [&](Case& fixed) { fixed.run.optimiser = with_learning_rate_times(fixed.run.optimiser, factor); });
    };
    for (const double factor : {0.3, 0.1, 0.03, 0.01, 0.001}) times(factor, Cause::learning_rate_too_high);
    for (const double factor : {3, 10, 30, 100, 1000}) times(factor, Cause::learning_rate_too_low);
    for (const int64_t factor : {4, 16}) {
      if (sick_.run.batch * factor > 256) continue;
      add(fmt::format("batches of {}", sick_.run.batch * factor), Cause::batch_too_small, [&](Case& fixed) { fixed.run.batch *= factor; });
    }
  }

  void activations() {
    const std::vector<std::string> hidden = NetworkText(sick_.run.network).hidden_activations();
    const auto some = [&](bool Shape::*property, bool wanted) { return std::ranges::any_of(hidden, [&](const std::string& f) { return shape_of(f).*property == wanted; }); };
    const auto replace = [&](const std::string& activation, Cause cause) {
      add_to_network(activation + " instead", cause, [&](NetworkText& network) { network.replace_hidden_activations(activation); });
    };
    if (some(&Shape::linear, true)) replace("relu", Cause::activation_linear), replace("tanh", Cause::activation_linear);
    if (some(&Shape::superlinear, true)) replace("relu", Cause::activation_explodes), replace("tanh", Cause::activation_explodes);
    if (some(&Shape::saturating, true)) {
      for (const char* activation : {"leaky_relu(0.1)", "elu", "silu", "relu"}) replace(activation, Cause::activation_saturates);
    }
    if (some(&Shape::centred, false)) replace("tanh", Cause::activation_not_centred), replace("elu", Cause::activation_not_centred);
    if (sick_.run.network.find("norm") == std::string::npos) {
      // A batch of one has no variance.
      const std::string normalisation = sick_.run.batch > 1 ? "batch_norm" : "layer_norm";
      add_to_network(normalisation + " before activations", Cause::depth_without_normalisation, [&](NetworkText& network) { network.insert_before_hidden_activations(normalisation); });
    }
  }

  void task() {
    if (sick_.run.data.find("scale=none") != std::string::npos) {
      add("standardised inputs", Cause::input_not_scaled, [](Case& fixed) { fixed.run.data = with_argument(fixed.run.data, "scale", "standard"); });
    }
    const std::vector<std::string> last = NetworkText(sick_.run.network).output_activations();
    if (!last.empty()) {
      const auto remove = [](NetworkText& network) { network.remove_output_activations(); };
      add_to_network("nothing after the last layer", Cause::output_activation_wrong, remove);
      if (std::ranges::find(last, "softmax") != last.end()) add_to_network("nothing after the last layer", Cause::softmax_applied_twice, remove);
    }
    if (sick_.run.loss != loss_) add(loss_, Cause::loss_mismatch, [&](Case& fixed) { fixed.run.loss = loss_; });
  }

  const Case& sick_;
  std::string loss_;
  std::vector<Fix> fixes_;
};

}  // namespace

std::vector<Fix> single_fixes(const Case& sick) { return Fixes(sick).all(); }

}  // namespace bench::diagnosis
