#include <torch/torch.h>

#include <stdexcept>

#include "bench/peers/torch.h"

namespace bench {
namespace {

/// Images are (batch, channels, height, width) here.
torch::Tensor batch(const Problem& problem, const std::vector<float>& input) {
  const Sample& sample = problem.input;
  const torch::Tensor rows = torch::tensor(input);
  if (!sample.is_image()) return rows.view({problem.batch, sample.channels});
  return rows.view({problem.batch, sample.height, sample.width, sample.channels}).permute({0, 3, 1, 2}).contiguous();
}

void append_activation(torch::nn::Sequential& model, const std::string& name) {
  if (name == "relu") model->push_back(torch::nn::ReLU());
  else if (name == "gelu") model->push_back(torch::nn::GELU());
  else if (name == "mish") model->push_back(torch::nn::Mish());
  else throw std::invalid_argument(name + " is not among the activations of bench/peers/torch_network.cpp");
}

torch::nn::Sequential sequential(const Problem& problem) {
  const torch::NoGradGuard no_grad;
  const std::vector<Sample> at = shapes(problem);
  torch::nn::Sequential model;
  size_t weights = 0;
  for (size_t i = 0; i < problem.layers.size(); ++i) {
    const Layer& layer = problem.layers[i];
    const Sample& from = at[i];
    switch (layer.kind) {
      case Layer::Kind::linear: {
        if (from.is_image()) model->push_back(torch::nn::Flatten());
        torch::nn::Linear linear(from.size(), layer.outputs);
        // The columns belong to (row, column, channel), and here to (channel, row, column).
        const torch::Tensor weight = torch::tensor(problem.weights[weights++]).view({layer.outputs, from.height, from.width, from.channels}).permute({0, 3, 1, 2});
        linear->weight.copy_(weight.reshape(linear->weight.sizes()));
        linear->bias.zero_();
        model->push_back(linear);
        break;
      }
      case Layer::Kind::convolution: {
        torch::nn::Conv2d convolution(torch::nn::Conv2dOptions(from.channels, layer.outputs, layer.window));
        const torch::Tensor weight = torch::tensor(problem.weights[weights++]).view({layer.outputs, layer.window, layer.window, from.channels});
        convolution->weight.copy_(weight.permute({0, 3, 1, 2}));
        convolution->bias.zero_();
        model->push_back(convolution);
        break;
      }
      case Layer::Kind::max_pool: model->push_back(torch::nn::MaxPool2d(torch::nn::MaxPool2dOptions(layer.window))); break;
      case Layer::Kind::activation: append_activation(model, layer.name); break;
    }
  }
  return model;
}

class Training : public Network {
 public:
  explicit Training(const Problem& problem)
      : model_(sequential(problem)), optimiser_(model_->parameters(), torch::optim::SGDOptions(problem.learning_rate).momentum(problem.momentum)), loss_(problem.loss) {
    for (const auto& input : problem.inputs) inputs_.push_back(batch(problem, input));
    for (const auto& classes : problem.classes) targets_.push_back(torch::tensor(classes));
    for (const auto& targets : problem.targets) targets_.push_back(torch::tensor(targets).view({problem.batch, -1}));
  }

  double step() override {
    namespace functional = torch::nn::functional;
    const torch::Tensor& input = inputs_[next_];
    const torch::Tensor& target = targets_[next_];
    next_ = (next_ + 1) % inputs_.size();
    optimiser_.zero_grad();
    const torch::Tensor output = model_->forward(input);
    const torch::Tensor loss =
        loss_ == Loss::cross_entropy ? functional::cross_entropy(output, target) : functional::binary_cross_entropy_with_logits(output, target);
    loss.backward();
    optimiser_.step();
    return loss.item<double>();
  }

 private:
  torch::nn::Sequential model_;
  torch::optim::SGD optimiser_;
  Loss loss_;
  std::vector<torch::Tensor> inputs_, targets_;
  size_t next_ = 0;
};

class Inference : public Network {
 public:
  explicit Inference(const Problem& problem) : model_(sequential(problem)) {
    model_->eval();
    for (const auto& input : problem.inputs) inputs_.push_back(batch(problem, input));
  }

  double step() override {
    const c10::InferenceMode no_autograd;
    const torch::Tensor output = model_->forward(inputs_[next_]);
    next_ = (next_ + 1) % inputs_.size();
    return output.data_ptr<float>()[0];
  }

 private:
  torch::nn::Sequential model_;
  std::vector<torch::Tensor> inputs_;
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Network> torch_network(const Problem& problem) {
  if (problem.training) return std::make_unique<Training>(problem);
  return std::make_unique<Inference>(problem);
}

}  // namespace bench
