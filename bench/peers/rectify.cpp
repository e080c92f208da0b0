#include "bench/peers/rectify.h"

#include "rectify/base/thread_pool.h"
#include "rectify/kernel/target.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/loss.h"
#include "rectify/nn/sequential.h"
#include "rectify/train/optimiser.h"

namespace bench {
namespace {

using rectify::Tensor;

rectify::nn::Sequential network(const TrainingProblem& problem) {
  rectify::nn::Sequential model;
  for (size_t i = 0; i + 1 < problem.widths.size(); ++i) {
    if (i > 0) model.append(rectify::ReLU{});
    const auto& layer = model.append(rectify::nn::Linear{problem.widths[i], problem.widths[i + 1]});
    Tensor weight = layer.weight, bias = layer.bias;
    weight.copy_from(Tensor::from(problem.weights[i], weight.shape()));
    bias.copy_from(Tensor::zeros(bias.shape()));
  }
  return model;
}

class RectifyTraining : public Training {
 public:
  explicit RectifyTraining(const TrainingProblem& problem)
      : model_(network(problem)), optimiser_(model_.parameters(), {.learning_rate = problem.learning_rate, .momentum = problem.momentum}) {
    for (const auto& input : problem.inputs) inputs_.push_back(Tensor::from(input, {problem.batch, problem.widths.front()}));
    for (const auto& target : problem.targets) targets_.push_back(Tensor::from(target, {problem.batch}));
  }

  double step() override {
    const Tensor& input = inputs_[next_];
    const Tensor& target = targets_[next_];
    next_ = (next_ + 1) % inputs_.size();
    const auto [loss, gradients] = rectify::value_and_grad(model_, [&] { return rectify::nn::cross_entropy(model_(input), target); });
    optimiser_.step(gradients);
    return loss.item();
  }

 private:
  rectify::nn::Sequential model_;
  rectify::train::SGD optimiser_;
  std::vector<Tensor> inputs_, targets_;
  size_t next_ = 0;
};

}  // namespace

Library rectify_library() {
  return {.name = "rectify",
          .settings = [] { return std::vector<std::pair<std::string, std::string>>{{"target", rectify::kernel::current_target()}}; },
          .set_threads = rectify::set_thread_count,
          .train = [](const TrainingProblem& problem) -> std::unique_ptr<Training> { return std::make_unique<RectifyTraining>(problem); }};
}

}  // namespace bench
