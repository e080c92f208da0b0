#include "rectify/diagnose/learning_rate.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "rectify/autograd/operations.h"
#include "rectify/data/loader.h"
#include "rectify/kernel/reduce.h"
#include "rectify/train/shards.h"

namespace rectify::diagnose {
namespace {

constexpr int64_t batches = 8;
constexpr int steady = 20;  // steps along one gradient after which momentum has gathered most of what it will

double dot(std::span<const Tensor> x, std::span<const Tensor> y) {
  double total = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (x[i].defined() && y[i].defined()) total += kernel::dot(x[i].data<float>(), y[i].data<float>(), x[i].size());
  }
  return total;
}

std::vector<Tensor> copies(std::span<const Tensor> tensors) {
  std::vector<Tensor> result;
  for (const Tensor& tensor : tensors) result.push_back(tensor.clone());
  return result;
}

/// Slope and curvature of one batch's loss along the optimiser's next step, by the length of that step.
struct AlongStep {
  double share = 0;                 ///< of the weights that the step changes
  double slope = 0, curvature = 0;
};

AlongStep along_step(const Checkpoint& checkpoint, const data::Batch& batch) {
  Checkpoint moved = copy(checkpoint);
  train::Prepared& run = moved.run;
  const auto gradients = [&] { return train::sharded_value_and_grad(run.model, run.options.loss, batch.input, batch.target, run.options.shards).gradients; };
  std::vector<Tensor> parameters = run.model.parameters();
  const std::vector<Tensor> before = copies(parameters);
  run.model.train();
  const std::vector<Tensor> gradient = gradients();
  // What a step becomes while the gradient stays: with momentum of 0.9 ten times the first one.
  for (int i = 1; i < steady; ++i) run.optimiser->step(gradient);
  std::vector<Tensor> step = copies(parameters);
  run.optimiser->step(gradient);
  for (size_t i = 0; i < before.size(); ++i) step[i] = parameters[i].detach() - step[i];
  const double share = std::sqrt(dot(step, step) / dot(before, before));
  const double length = share > 0 && std::isfinite(share) ? std::min(1.0, healthy_update / share) : 0.0;
  for (size_t i = 0; i < before.size(); ++i) parameters[i].copy_from(before[i] + step[i] * length);
  const std::vector<Tensor> further = gradients();
  const double slope = dot(gradient, step);
  return {share, slope, (dot(further, step) - slope) / length};
}

}  // namespace

double learning_rate_from_curvature(const Checkpoint& checkpoint) {
  const train::TrainOptions& options = checkpoint.run.options;
  const double rate = checkpoint.run.optimiser->learning_rate();
  data::Loader loader(checkpoint.run.data.train, {.batch = options.batch, .seed = options.seed});
  loader.set_epoch(static_cast<uint64_t>(checkpoint.step / loader.num_batches()));
  std::vector<double> lengths, shares;
  for (auto batch = loader.begin_at(checkpoint.step % loader.num_batches()); batch != loader.end() && static_cast<int64_t>(shares.size()) < batches; ++batch) {
    const AlongStep found = along_step(checkpoint, *batch);
    shares.push_back(found.share);
    const double length = -found.slope / found.curvature;
    if (found.slope < 0 && found.curvature > 0 && std::isfinite(length)) lengths.push_back(length);
  }
  const auto median = [](std::vector<double>& values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
  };
  if (!lengths.empty()) return rate * median(lengths);
  std::erase_if(shares, [](double share) { return !(share > 0) || !std::isfinite(share); });
  if (shares.empty()) throw ArgumentError("[set_learning_rate] no step at this checkpoint changes the weights by a finite amount. Name the learning rate.");
  return rate * healthy_update / median(shares);
}

}  // namespace rectify::diagnose
