#include "bench/peers/rectify.h"

#include <optional>

#include "rectify/autograd/layer_observer.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/image_layers.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/loss.h"
#include "rectify/nn/sequential.h"
#include "rectify/observe/watch.h"
#include "rectify/train/optimiser.h"

namespace bench {
namespace {

using rectify::Shape;
using rectify::Tensor;

/// Sets a layer's weight, and its bias to zeros.
template <class Layer>
void set_weights(const Layer& layer, const std::vector<float>& values) {
  Tensor weight = layer.weight, bias = layer.bias;
  weight.copy_from(Tensor::from(values, weight.shape()));
  bias.copy_from(Tensor::zeros(bias.shape()));
}

rectify::nn::Sequential sequential(const Problem& problem) {
  namespace nn = rectify::nn;
  const std::vector<Sample> at = shapes(problem);
  nn::Sequential model;
  size_t weights = 0;
  for (size_t i = 0; i < problem.layers.size(); ++i) {
    const Layer& layer = problem.layers[i];
    switch (layer.kind) {
      case Layer::Kind::linear:
        if (at[i].is_image()) model.append(nn::Flatten{});
        set_weights(model.append(nn::Linear{at[i].size(), layer.outputs}), problem.weights[weights++]);
        break;
      case Layer::Kind::activation: model.append(nn::Activation{rectify::activation::make(rectify::activation::find(layer.name).value())}); break;
      case Layer::Kind::convolution:
        set_weights(model.append(nn::Conv2d{at[i].channels, layer.outputs, layer.window}), problem.weights[weights++]);
        break;
      case Layer::Kind::max_pool: model.append(nn::MaxPool2d{layer.window}); break;
    }
  }
  return model;
}

Shape batch_shape(const Problem& problem) {
  const Sample& input = problem.input;
  return input.is_image() ? Shape{problem.batch, input.height, input.width, input.channels} : Shape{problem.batch, input.channels};
}

class Training : public Network {
 public:
  Training(const Problem& problem, bool watched)
      : model_(sequential(problem)), optimiser_(model_.parameters(), {.learning_rate = problem.learning_rate, .momentum = problem.momentum}), loss_(problem.loss) {
    for (const auto& input : problem.inputs) inputs_.push_back(Tensor::from(input, batch_shape(problem)));
    for (const auto& classes : problem.classes) targets_.push_back(Tensor::from(classes, {problem.batch}));
    for (const auto& targets : problem.targets) targets_.push_back(Tensor::from(targets, {problem.batch, static_cast<int64_t>(targets.size()) / problem.batch}));
    if (watched) watch_.emplace(model_);
  }

  double step() override {
    // The watches of others, which take turns with this network on this thread, are not told of it.
    std::optional<rectify::autograd::ObserversPaused> unwatched;
    if (!watch_) unwatched.emplace();
    const Tensor& input = inputs_[next_];
    const Tensor& target = targets_[next_];
    next_ = (next_ + 1) % inputs_.size();
    const auto [loss, gradients] = rectify::value_and_grad(model_, [&] {
      return loss_ == Loss::cross_entropy ? rectify::nn::cross_entropy(model_(input), target) : rectify::nn::bce_with_logits(model_(input), target);
    });
    optimiser_.step(gradients);
    return loss.item();
  }

 private:
  rectify::nn::Sequential model_;
  rectify::train::SGD optimiser_;
  Loss loss_;
  std::vector<Tensor> inputs_, targets_;
  size_t next_ = 0;
  std::optional<rectify::observe::Watch> watch_;
};

class Inference : public Network {
 public:
  explicit Inference(const Problem& problem) : model_(sequential(problem)) {
    model_.evaluate();
    for (const auto& input : problem.inputs) inputs_.push_back(Tensor::from(input, batch_shape(problem)));
  }

  double step() override {
    const rectify::NoGrad no_grad;
    const Tensor output = model_(inputs_[next_]);
    next_ = (next_ + 1) % inputs_.size();
    return output.data<float>()[0];
  }

 private:
  rectify::nn::Sequential model_;
  std::vector<Tensor> inputs_;
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Network> rectify_network(const Problem& problem) {
  if (problem.training) return std::make_unique<Training>(problem, false);
  return std::make_unique<Inference>(problem);
}

std::unique_ptr<Network> rectify_watched_network(const Problem& problem) { return std::make_unique<Training>(problem, true); }

}  // namespace bench
