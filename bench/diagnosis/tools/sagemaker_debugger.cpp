// Amazon SageMaker Debugger's built-in rules for deep learning (awsdocs, debugger-built-in-rules.md; defaults of awslabs/sagemaker-debugger-rulesconfig at afeb292, ruleConfigs.json),
// those about training: DeadRelu, SaturatedActivation, VanishingGradient, ExplodingTensor, PoorWeightInitialization, WeightUpdateRatio, LossNotDecreasing. Tensors are saved every 500
// steps by default, once in most of these trainings: here ten times in a training, and the weights' beginning in each of the first ten steps, as that rule's own default is.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "bench/diagnosis/tools/layer_views.h"
#include "bench/diagnosis/tools/tool.h"

namespace bench::diagnosis {
namespace {

using rectify::diagnose::Cause;

constexpr double inactive = 0.01, inactive_layer = 0.5;  // threshold_inactivity, threshold_layer
constexpr double tanh_border = 9.4999, sigmoid_low = -23, sigmoid_high = 16.99999;
constexpr double vanishing = 1e-7;
constexpr double variance_ratio = 10, gradient_range = 1e-3;
constexpr int64_t initial_steps = 10, loss_steps = 10;
constexpr double largest_update = 10, smallest_update = 1e-8, epsilon = 1e-9;
constexpr double least_decrease = 0.001, saves = 10;

/// From the 5th to the 95th percentile.
double range_of(const rectify::Tensor& tensor) {
  std::vector<float> sorted(tensor.values<float>().begin(), tensor.values<float>().end());
  std::ranges::sort(sorted);
  const double last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<size_t>(0.95 * last)] - sorted[static_cast<size_t>(0.05 * last)];
}

class SageMakerDebugger final : public Tool {
 public:
  explicit SageMakerDebugger(const Watched& watched) : loss_(watched.run.options.loss), batch_(first_samples(watched.run.data.train, watched.run.options.batch)) {}

  void on_step(rectify::nn::Module& model, const rectify::train::StepInfo& info, std::span<const rectify::Tensor>) override {
    const int64_t interval = std::max<int64_t>(1, info.steps / static_cast<int64_t>(saves));
    const bool saved = (info.step - 1) % interval == 0;
    if (!saved && info.step > initial_steps) return;
    const std::vector<LayerView> layers = view_layers(model, batch_, loss_, true);
    for (size_t i = 0; saved && i < layers.size(); ++i) judge_layer(layers[i], i, info.step);
    if (info.step <= initial_steps) judge_initialisation(layers, info.step);
    if (saved) judge_loss(info.step, info.loss);
  }

  void on_end(rectify::nn::Module&, const rectify::train::TrainResult& result) override {
    if (result.diverged) say({.problem = "ExplodingTensor", .step = last_, .cause = Cause::learning_rate_too_high});
  }

 private:
  void judge_layer(const LayerView& layer, size_t place, int64_t step) {
    last_ = step;
    const std::string activation = layer.activation_name();
    const auto mostly_inactive = [&](const rectify::Tensor& tensor, const std::function<bool(float)>& active) {
      return share_below(share_by_unit(tensor, active), inactive) > inactive_layer;
    };
    if (activation == "relu" && mostly_inactive(layer.output, [](float h) { return h > 0; })) {
      say({.problem = "DeadRelu", .step = step, .layer = place, .cause = Cause::activation_saturates});
    }
    if ((activation == "tanh" && mostly_inactive(layer.pre_activation, [](float z) { return std::abs(z) < tanh_border; })) ||
        (activation == "sigmoid" && mostly_inactive(layer.pre_activation, [](float z) { return z > sigmoid_low && z < sigmoid_high; }))) {
      say({.problem = "SaturatedActivation", .step = step, .layer = place, .cause = Cause::activation_saturates});
    }
    if (has_non_finite(layer.output)) say({.problem = "ExplodingTensor", .step = step, .layer = place, .cause = Cause::learning_rate_too_high});
    if (layer.gradient.defined()) {
      if (mean_magnitude(layer.gradient) < vanishing) say({.problem = "VanishingGradient", .step = step, .layer = place, .cause = Cause::activation_saturates});
      rectify::Tensor& before = weights_[place];
      if (before.defined()) judge_update(before, layer.weight, place, step);
      before = layer.weight.clone();
    }
  }

  void judge_update(const rectify::Tensor& before, const rectify::Tensor& after, size_t place, int64_t step) {
    double update = 0;
    for (int64_t i = 0; i < before.size(); ++i) update += std::abs(static_cast<double>(after.data<float>()[i]) - before.data<float>()[i]);
    const double ratio = update / static_cast<double>(before.size()) / (mean_magnitude(before) + epsilon);
    if (ratio > largest_update) say({.problem = "WeightUpdateRatio", .step = step, .layer = place, .cause = Cause::learning_rate_too_high});
    if (ratio < smallest_update) say({.problem = "WeightUpdateRatio", .step = step, .layer = place, .cause = Cause::learning_rate_too_low});
  }

  void judge_initialisation(const std::vector<LayerView>& layers, int64_t step) {
    double smallest = std::numeric_limits<double>::infinity(), largest = 0, range = std::numeric_limits<double>::infinity();
    for (const LayerView& layer : layers) {
      smallest = std::min(smallest, variance_of(layer.pre_activation));
      largest = std::max(largest, variance_of(layer.pre_activation));
      if (layer.gradient.defined()) range = std::min(range, range_of(layer.gradient));
    }
    if (largest / smallest > variance_ratio || range < gradient_range) {
      say({.problem = "PoorWeightInitialization", .step = step, .cause = range < gradient_range ? Cause::init_too_small : Cause::init_too_large});
    }
  }

  /// Of the latest saved loss that is far enough back.
  void judge_loss(int64_t step, double loss) {
    for (auto earlier = losses_.rbegin(); earlier != losses_.rend(); ++earlier) {
      if (step - earlier->first < loss_steps) continue;
      if (loss > (1 - least_decrease) * earlier->second) say({.problem = "LossNotDecreasing", .step = step});
      break;
    }
    losses_[step] = loss;
  }

  rectify::nn::Loss loss_;
  rectify::data::Part batch_;
  int64_t last_ = 0;
  std::map<size_t, rectify::Tensor> weights_;
  std::map<int64_t, double> losses_;
};

}  // namespace

std::unique_ptr<Tool> sagemaker_debugger(const Watched& watched) { return std::make_unique<SageMakerDebugger>(watched); }

}  // namespace bench::diagnosis
