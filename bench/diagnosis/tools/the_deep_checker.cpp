// TheDeepChecker (Ben Braiek and Khomh, TOSEM 2022; thedeepchecker/thedeepchecker at d0a2b3a, settings.yaml, checkers.py, hooks.py): checks before training, then of 200 steps on one
// batch of 50 that are to overfit it, every tenth from the tenth on. It never looks at the training itself. The smoothness of the loss is left out: what it is compared with is not known.
#include <algorithm>
#include <cmath>
#include <deque>
#include <map>

#include "bench/diagnosis/tools/layer_views.h"
#include "bench/diagnosis/tools/tool.h"
#include "rectify/nn/loss.h"

namespace bench::diagnosis {
namespace {

using rectify::diagnose::Cause;

constexpr int64_t batch_size = 50, iterations = 200, interval = 10;
constexpr double dead_output = 1e-5, dead_percentile = 0.95, most_units = 0.5, saturated_rho = 0.85;
constexpr double least_deviation = 0.5, largest_deviation = 2;
constexpr double vanishing = 1e-6, exploding = 1e6, falling = 0.5, rising = 2;
constexpr size_t checks = 5;
constexpr double largest_log_update = -1, least_log_update = -4, least_decrease = 0.05, initial_loss_error = 1.0;
/// Of the F-test at 10 %, two-sided, for two deviations of many samples each.
constexpr double critical = 1.645;

/// The measure of Rakitianskaia and Engelbrecht 2015: the mean distance of the outputs from the middle of the activation's range, in half ranges. Their 50 bins only round it.
double rho(const rectify::Tensor& output, int64_t unit, double low, double high) {
  double sum = 0;
  for (int64_t i = unit; i < output.size(); i += output.size(-1)) sum += std::abs(2 * (output.data<float>()[i] - low) / (high - low) - 1);
  return sum / static_cast<double>(output.size() / output.size(-1));
}

/// Whether the last five numbers each satisfy it.
template <class Predicate>
bool lasting(const std::deque<double>& numbers, Predicate&& predicate) {
  return numbers.size() >= checks && std::all_of(numbers.end() - static_cast<std::ptrdiff_t>(checks), numbers.end(), predicate);
}

class TheDeepChecker final : public Tool {
 public:
  explicit TheDeepChecker(const Watched& watched) : planted_(watched.planted), seed_(watched.seed) {}

  void on_start(rectify::nn::Module&, const rectify::data::Dataset& data) override {
    rectify::train::Prepared run = prepare(planted_, seed_);
    const rectify::data::Part batch = first_samples(data.train, batch_size);
    check_before(run, batch);
    overfit(run, batch);
  }

 private:
  void check_before(rectify::train::Prepared& run, const rectify::data::Part& batch) {
    const std::vector<LayerView> layers = view_layers(run.model, batch, run.options.loss, false);
    for (size_t i = 0; i < layers.size(); ++i) check_weights(layers[i], i);
    if (run.options.loss != rectify::nn::Loss::cross_entropy) return;
    const double expected = std::log(static_cast<double>(run.data.output_count()));
    if (std::abs(layers.front().loss - expected) >= initial_loss_error * expected) say({.problem = "loss at the beginning", .cause = Cause::init_too_large});
  }

  /// Against the deviation that He (relu), Glorot (tanh) or LeCun (sigmoid) would have drawn.
  void check_weights(const LayerView& layer, size_t place) {
    const double spread = variance_of(layer.weight), fan_out = static_cast<double>(layer.weight.size(0)), fan_in = static_cast<double>(layer.weight.size()) / fan_out;
    if (spread == 0) return say({.problem = "weights are all the same", .layer = place, .cause = Cause::init_symmetric});
    const std::string activation = layer.activation_name();
    const double expected = activation == "relu" ? 2 / fan_in : activation == "tanh" ? 2 / (fan_in + fan_out) : activation == "sigmoid" ? 1 / fan_in : 0;
    if (expected == 0) return;
    const double log_ratio = std::log(spread / expected), border = critical * std::sqrt(2 / static_cast<double>(layer.weight.size()));
    if (std::abs(log_ratio) > border) say({.problem = "unstable initialisation", .layer = place, .cause = log_ratio < 0 ? Cause::init_too_small : Cause::init_too_large});
  }

  void overfit(rectify::train::Prepared& run, const rectify::data::Part& batch) {
    std::vector<double> updates;
    for (int64_t iteration = 1; iteration <= iterations; ++iteration) {
      const std::vector<rectify::Tensor> before = clones(run.model);
      const auto [value, gradients] = rectify::value_and_grad(run.model, [&] { return rectify::nn::compute(run.options.loss, run.model(batch.input), batch.target); });
      if (!std::isfinite(value.item())) return say({.problem = "diverging loss", .step = iteration, .cause = Cause::learning_rate_too_high});
      run.optimiser->step(gradients);
      const std::vector<rectify::Tensor> after = run.model.parameters();
      updates.resize(after.size());
      for (size_t i = 0; i < after.size(); ++i) updates[i] += relative_change(before[i], after[i]) / interval;
      if (iteration % interval == 0) {
        check_layers(view_layers(run.model, batch, run.options.loss, true), iteration);
        check_updates(updates, after, iteration);
        check_loss(value.item(), iteration);
        updates.assign(updates.size(), 0);
      }
    }
  }

  static std::vector<rectify::Tensor> clones(rectify::nn::Module& model) {
    std::vector<rectify::Tensor> result;
    for (const rectify::Tensor& parameter : model.parameters()) result.push_back(parameter.clone());
    return result;
  }

  static double relative_change(const rectify::Tensor& before, const rectify::Tensor& after) {
    double change = 0;
    for (int64_t i = 0; i < before.size(); ++i) change += std::abs(static_cast<double>(after.data<float>()[i]) - before.data<float>()[i]);
    return change / static_cast<double>(before.size()) / mean_magnitude(before);
  }

  void check_layers(const std::vector<LayerView>& layers, int64_t step) {
    for (size_t i = 0; i < layers.size(); ++i) {
      const LayerView& layer = layers[i];
      const std::string activation = layer.activation_name();
      if (activation == "relu" && share_dead(layer.output) > most_units) say({.problem = "dead ReLU", .step = step, .layer = i, .cause = Cause::activation_saturates});
      if ((activation == "tanh" || activation == "sigmoid") && share_saturated(layer.output, activation == "tanh" ? -1 : 0, 1) > most_units) {
        say({.problem = "saturated activation", .step = step, .layer = i, .cause = Cause::activation_saturates});
      }
      if (layer.activation) {
        const double deviation = std::sqrt(variance_of(layer.output)), border = critical / std::sqrt(2 * static_cast<double>(layer.output.size()));
        if (std::log(deviation / least_deviation) < -border) say({.problem = "activations too narrow", .step = step, .layer = i, .cause = Cause::init_too_small});
        if (std::log(deviation / largest_deviation) > border) say({.problem = "activations too wide", .step = step, .layer = i, .cause = Cause::init_too_large});
      }
      if (layer.gradient.defined()) check_gradient(mean_magnitude(layer.gradient), i, step);
    }
  }

  void check_gradient(double size, size_t layer, int64_t step) {
    const std::optional<double> before = gradients_[layer].empty() ? std::nullopt : std::optional(gradients_[layer].back());
    gradients_[layer].push_back(size);
    if (before) ratios_[layer].push_back(size / *before);
    if (size < vanishing || lasting(ratios_[layer], [](double ratio) { return ratio <= falling; })) {
      say({.problem = "vanishing gradient", .step = step, .layer = layer, .cause = Cause::activation_saturates});
    }
    if (size > exploding || lasting(ratios_[layer], [](double ratio) { return ratio >= rising; })) {
      say({.problem = "exploding gradient", .step = step, .layer = layer, .cause = Cause::learning_rate_too_high});
    }
  }

  void check_updates(const std::vector<double>& updates, const std::vector<rectify::Tensor>& parameters, int64_t step) {
    for (size_t i = 0; i < updates.size(); ++i) {
      if (parameters[i].rank() < 2) continue;
      const double size = std::log10(updates[i]);
      if (size > largest_log_update) say({.problem = "updates too large", .step = step, .cause = Cause::learning_rate_too_high});
      if (size < least_log_update) say({.problem = "updates too small", .step = step, .cause = Cause::learning_rate_too_low});
    }
  }

  void check_loss(double loss, int64_t step) {
    if (!losses_.empty()) decreases_.push_back((losses_.back() - loss) / losses_.back());
    losses_.push_back(loss);
    if (lasting(decreases_, [](double decrease) { return decrease < least_decrease; })) say({.problem = "loss does not decrease", .step = step});
  }

  static double share_dead(const rectify::Tensor& output) {
    // The 95th percentile of a unit's outputs is below the border if at most 5 % are not.
    const std::vector<double> alive = share_by_unit(output, [](float h) { return std::abs(h) >= dead_output; });
    return share_below(alive, 1 - dead_percentile);
  }

  static double share_saturated(const rectify::Tensor& output, double low, double high) {
    int64_t count = 0;
    for (int64_t unit = 0; unit < output.size(-1); ++unit) count += rho(output, unit, low, high) > saturated_rho ? 1 : 0;
    return static_cast<double>(count) / static_cast<double>(output.size(-1));
  }

  const Case& planted_;
  uint64_t seed_;
  std::map<size_t, std::deque<double>> gradients_, ratios_;  // by layer
  std::deque<double> losses_, decreases_;
};

}  // namespace

std::unique_ptr<Tool> the_deep_checker(const Watched& watched) { return std::make_unique<TheDeepChecker>(watched); }

}  // namespace bench::diagnosis
