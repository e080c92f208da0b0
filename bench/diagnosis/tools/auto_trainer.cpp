// AutoTrainer's monitor (Zhang, Zhai, Ma and Shen, ICSE 2021; shiningrain/AUTOTRAINER at 03a463e, utils/monitor.py, defaults of utils.py): the five problems of that paper. Those it added in
// 2024 look up loss and last activation in a table of Keras names, which says nothing about logits. Rules on accuracy need classes: of a regression only explosions are seen.
#include <algorithm>
#include <cmath>

#include "bench/diagnosis/tools/layer_views.h"
#include "bench/diagnosis/tools/tool.h"

namespace bench::diagnosis {
namespace {

using rectify::diagnose::Cause;

constexpr int64_t check_interval = 3;  // epochs
constexpr double vanishing_ratio = 1e-3, vanishing_norm = 1e-4, exploding_ratio = 70, dying_share = 0.7;  // beta1, beta2, beta3, gamma
constexpr double swing = 0.03, swings_per_epoch = 0.2;                                                   // zeta, eta
constexpr double poor_accuracy = 0.7, poor_gain = 0.01;                                                  // Theta, delta
constexpr double judged_after = 0.3;                                                                     // of the planned epochs

double norm(const rectify::Tensor& tensor) {
  double squares = 0;
  for (const float x : tensor.values<float>()) squares += static_cast<double>(x) * x;
  return std::sqrt(squares);
}

class AutoTrainer final : public Tool {
 public:
  explicit AutoTrainer(const Watched& watched) : loss_(watched.run.options.loss), batch_(first_samples(watched.run.data.train, watched.run.options.batch)) {}

  void on_epoch(rectify::nn::Module& model, const rectify::train::EpochInfo& info) override {
    accuracies_.push_back(info.train.accuracy);
    const bool classes = rectify::nn::is_classification(loss_), judged = static_cast<double>(info.epoch) >= judged_after * static_cast<double>(info.epochs);
    const bool poor = classes && std::ranges::max(accuracies_) < poor_accuracy;
    if (info.epoch % check_interval == 0) judge_gradients(model, info.step, poor);
    if (!classes || !judged) return;
    if (static_cast<double>(count_swings()) >= swings_per_epoch * static_cast<double>(info.epochs)) {
      say({.problem = "oscillating loss", .step = info.step, .cause = Cause::learning_rate_too_high});
    }
    if (poor && largest_gain() < poor_gain) say({.problem = "slow convergence", .step = info.step, .cause = Cause::learning_rate_too_low});
  }

  void on_end(rectify::nn::Module&, const rectify::train::TrainResult& result) override {
    if (result.diverged) say({.problem = "exploding gradient", .step = result.epochs.empty() ? 0 : result.epochs.back().step, .cause = Cause::activation_explodes});
  }

 private:
  void judge_gradients(rectify::nn::Module& model, int64_t step, bool poor) {
    const std::vector<LayerView> layers = view_layers(model, batch_, loss_, true);
    std::vector<rectify::Tensor> gradients;
    for (const LayerView& layer : layers) {
      if (layer.gradient.defined()) gradients.push_back(layer.gradient);
    }
    if (gradients.empty()) return;
    const double first = norm(gradients.front()), last = norm(gradients.back()), ratio = first / last;
    double zeros = 0, all = 0;
    for (const rectify::Tensor& gradient : gradients) {
      zeros += share_of(gradient, [](float g) { return g == 0; }) * static_cast<double>(gradient.size());
      all += static_cast<double>(gradient.size());
    }
    if (poor && ratio < vanishing_ratio && first < vanishing_norm) say({.problem = "vanishing gradient", .step = step, .cause = Cause::activation_saturates});
    if (ratio > exploding_ratio || layers.front().loss >= 1e3 || !std::isfinite(first + last)) say({.problem = "exploding gradient", .step = step, .cause = Cause::activation_explodes});
    if (poor && zeros / all >= dying_share) say({.problem = "dying ReLU", .step = step, .cause = Cause::activation_saturates});
  }

  double largest_gain() const {
    double gain = 0;
    for (size_t i = 1; i < accuracies_.size(); ++i) gain = std::max(gain, accuracies_[i] - accuracies_[i - 1]);
    return gain;
  }

  /// From a local maximum down to the local minimum that follows.
  int64_t count_swings() const {
    int64_t count = 0;
    std::optional<double> high;
    for (size_t i = 1; i + 1 < accuracies_.size(); ++i) {
      const double before = accuracies_[i - 1], here = accuracies_[i], after = accuracies_[i + 1];
      if (here > before && here >= after) high = here;
      if (here < before && here <= after && high) count += *high - here >= swing ? 1 : 0;
    }
    return count;
  }

  rectify::nn::Loss loss_;
  rectify::data::Part batch_;
  std::vector<double> accuracies_;
};

}  // namespace

std::unique_ptr<Tool> auto_trainer(const Watched& watched) { return std::make_unique<AutoTrainer>(watched); }

}  // namespace bench::diagnosis
