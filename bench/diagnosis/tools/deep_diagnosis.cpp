// DeepDiagnosis (Wardat, Cruz, Le and Rajan, ICSE 2022; DeepDiagnosis/ICSE2022 at 500b017, callback/callbacks.py): symptoms of the first batch at the end of an epoch; after an alarm
// a bad weight tensor or step size is named as the place to mend.
#include <algorithm>
#include <cmath>
#include <map>

#include "bench/diagnosis/tools/layer_views.h"
#include "bench/diagnosis/tools/tool.h"

namespace bench::diagnosis {
namespace {

using rectify::diagnose::Cause;

constexpr double dead_share = 0.7, saturated_input = 5, saturated_share = 0.5, vanishing = 1e-7;
constexpr double smallest_variance = 1e-5, largest_variance = 10, smallest_step = 1e-5, largest_step = 1e-1;
constexpr size_t unchanged_epochs = 5, accuracy_epochs = 20;
constexpr int64_t saturation_interval = 5;  // epochs

class DeepDiagnosis final : public Tool {
 public:
  explicit DeepDiagnosis(const Watched& watched) : loss_(watched.run.options.loss), batch_(first_samples(watched.run.data.train, watched.run.options.batch)) {}

  void on_epoch(rectify::nn::Module& model, const rectify::train::EpochInfo& info) override {
    const std::vector<LayerView> layers = view_layers(model, batch_, loss_, true);
    const auto alarm = [&](const std::string& problem, std::optional<size_t> layer, std::optional<Cause> otherwise = std::nullopt) {
      Verdict verdict{.problem = problem, .step = info.step, .layer = layer, .cause = otherwise};
      locate(verdict, layers, info.learning_rate);
      say(verdict);
    };
    for (size_t i = 0; i < layers.size(); ++i) {
      const LayerView& layer = layers[i];
      const std::string activation = layer.activation_name();
      if ((activation == "relu" || activation == "exp") && info.epoch == info.epochs && share_of(layer.output, [](float h) { return h <= 0; }) >= dead_share) {
        alarm("dead node", i, Cause::activation_saturates);
      }
      if ((activation == "tanh" || activation == "sigmoid") && info.epoch % saturation_interval == 0 &&
          share_of(layer.pre_activation, [](float z) { return std::abs(z) >= saturated_input; }) > saturated_share) {
        alarm("saturated activation", i, Cause::activation_saturates);
      }
      if (layer.gradient.defined() && layer.weight.rank() == 2 && mean_magnitude(layer.gradient) < vanishing) alarm("vanishing gradient", i, Cause::activation_saturates);
      if (unchanged("output", i, mean_of(layer.output)) || unchanged("weight", i, mean_of(layer.weight)) || (layer.gradient.defined() && unchanged("gradient", i, mean_of(layer.gradient)))) {
        alarm("unchanged", i);
      }
    }
    if (unchanged("loss", 0, info.train.loss)) alarm("loss is stuck", std::nullopt);
    // All right is stuck, too, by the letter of the rule; that is not held against it.
    if (rectify::nn::is_classification(loss_) && unchanged("accuracy", 0, info.train.accuracy, accuracy_epochs) && info.train.accuracy < 1) alarm("accuracy is stuck", std::nullopt);
  }

  void on_end(rectify::nn::Module&, const rectify::train::TrainResult& result) override {
    if (result.diverged) say({.problem = "numerical error", .step = result.epochs.empty() ? 0 : result.epochs.back().step, .cause = Cause::learning_rate_too_high});
  }

 private:
  /// Whether the mean over the window is its maximum.
  bool unchanged(const std::string& what, size_t layer, double value, size_t window = unchanged_epochs) {
    std::vector<double>& values = history_[{what, layer}];
    values.push_back(value);
    if (values.size() < window) return false;
    return std::all_of(values.end() - static_cast<std::ptrdiff_t>(window), values.end(), [&](double other) { return other == value; });
  }

  static void locate(Verdict& verdict, const std::vector<LayerView>& layers, double learning_rate) {
    for (size_t i = 0; i < layers.size(); ++i) {
      const double spread = variance_of(layers[i].weight);
      if (spread >= smallest_variance && spread <= largest_variance) continue;
      verdict.cause = spread < smallest_variance ? Cause::init_too_small : Cause::init_too_large;
      verdict.layer = i;
      return;
    }
    for (const LayerView& layer : layers) {
      if (!layer.gradient.defined()) continue;
      const double step = learning_rate * mean_magnitude(layer.gradient) / mean_magnitude(layer.weight);
      if (step >= smallest_step && step <= largest_step) continue;
      verdict.cause = step < smallest_step ? Cause::learning_rate_too_low : Cause::learning_rate_too_high;
      return;
    }
  }

  rectify::nn::Loss loss_;
  rectify::data::Part batch_;
  std::map<std::pair<std::string, size_t>, std::vector<double>> history_;
};

}  // namespace

std::unique_ptr<Tool> deep_diagnosis(const Watched& watched) { return std::make_unique<DeepDiagnosis>(watched); }

}  // namespace bench::diagnosis
